-- What looks like an attack or a leak between tenants?
-- Addresses, user agents and user names are stored encrypted (AES-GCM, key id beside) or as keyed hashes, never in
-- clear text; query text never, only the fingerprint of its normalised form.

CREATE TABLE monitoring.security_event_h (
    security_event_hk BYTEA PRIMARY KEY,
    security_event_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE monitoring.security_event_s (
    security_event_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    event_type VARCHAR(50) NOT NULL,
    event_severity VARCHAR(20) NOT NULL
        CONSTRAINT event_severity_known CHECK (event_severity IN ('LOW', 'MEDIUM', 'HIGH', 'CRITICAL')),
    event_timestamp TIMESTAMPTZ NOT NULL,
    event_count BIGINT NOT NULL,
    source_ip_encrypted BYTEA,
    user_agent_hash BYTEA,
    username_hash BYTEA,
    original_data_encrypted BYTEA,
    encryption_key_id VARCHAR(100),
    target_name TEXT NOT NULL,
    window_start TIMESTAMPTZ NOT NULL,
    window_seconds INTEGER NOT NULL,
    source_count INTEGER,
    source_ip_hashes BYTEA[],
    affected_user_count INTEGER,
    affected_user_hashes BYTEA[],
    query_fingerprint TEXT,
    description TEXT NOT NULL,
    additional_context JSONB,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (security_event_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON monitoring.security_event_s (load_date) WHERE load_end_date IS NULL;
COMMENT ON COLUMN monitoring.security_event_s.event_type IS
    'FAILED_LOGIN, SUSPICIOUS_QUERY, UNAUTHORIZED_ACCESS, TENANT_VIOLATION or PRIVILEGE_CHANGE';

-- Which alert was raised for an event?
CREATE TABLE monitoring.security_alert_l (
    security_alert_hk BYTEA PRIMARY KEY,
    security_event_hk BYTEA NOT NULL,
    alert_instance_hk BYTEA NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON monitoring.security_alert_l (security_event_hk);
CREATE INDEX ON monitoring.security_alert_l (alert_instance_hk);

INSERT INTO util.retention_policy (schema_name, table_name, keep) VALUES
    ('monitoring', 'security_event_s', '7 years');

SELECT util.secure_schema('monitoring');
