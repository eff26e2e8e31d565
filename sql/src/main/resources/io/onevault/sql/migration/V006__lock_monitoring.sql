-- Who waited for whom, how long, and how did it end?
-- Everything here is an episode that opens, grows and closes, never a sample. Backends are identified by process id
-- and start time, because ids are reused. Query text is normalised, its literals are never stored; user names are
-- keyed hashes, and in clear text only where the configuration says so.

CREATE SCHEMA IF NOT EXISTS lock_monitoring;

-- One wait of one backend for one lock.
CREATE TABLE lock_monitoring.lock_activity_h (
    lock_activity_hk BYTEA PRIMARY KEY,
    lock_activity_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON lock_monitoring.lock_activity_h (tenant_hk) WHERE tenant_hk IS NOT NULL;
CREATE TABLE lock_monitoring.lock_activity_s (
    lock_activity_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    lock_type VARCHAR(50) NOT NULL,
    lock_mode VARCHAR(50) NOT NULL,
    relation_name TEXT,
    blocking_pid INTEGER,
    blocked_pid INTEGER NOT NULL,
    lock_duration_seconds DOUBLE PRECISION NOT NULL,
    query_text TEXT,
    wait_event_type VARCHAR(50),
    wait_event VARCHAR(100),
    lock_granted BOOLEAN NOT NULL,
    deadlock_detected BOOLEAN NOT NULL DEFAULT false,
    resolution_action VARCHAR(100)
        CONSTRAINT resolution_action_known
        CHECK (resolution_action IN ('COMPLETED', 'CANCELLED', 'TIMEOUT', 'DEADLOCK', 'TERMINATED')),
    lock_acquired_time TIMESTAMPTZ,
    lock_impact_score DOUBLE PRECISION
        CONSTRAINT lock_impact_score_range CHECK (lock_impact_score BETWEEN 0 AND 100),
    target_name TEXT NOT NULL,
    database_name TEXT,
    wait_start TIMESTAMPTZ NOT NULL,
    wait_end TIMESTAMPTZ,
    backend_start TIMESTAMPTZ,
    blocking_pids INTEGER[],
    query_fingerprint TEXT,
    application_name TEXT,
    user_name TEXT,
    username_hash BYTEA,
    maintenance_kind VARCHAR(50),
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (lock_activity_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON lock_monitoring.lock_activity_s (load_date) WHERE load_end_date IS NULL;
COMMENT ON COLUMN lock_monitoring.lock_activity_s.lock_type IS 'What is locked: relation, transactionid, tuple, advisory…';
COMMENT ON COLUMN lock_monitoring.lock_activity_s.resolution_action IS 'How the wait ended; null while it lasts';
COMMENT ON COLUMN lock_monitoring.lock_activity_s.wait_start IS 'pg_locks.waitstart, on the watched server''s clock';
COMMENT ON COLUMN lock_monitoring.lock_activity_s.maintenance_kind IS 'Known maintenance: pg_dump, autovacuum, VACUUM…; null otherwise';

-- One blocking incident: a root blocker and all who wait behind it, until none does.
CREATE TABLE lock_monitoring.blocking_session_h (
    blocking_session_hk BYTEA PRIMARY KEY,
    blocking_session_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON lock_monitoring.blocking_session_h (tenant_hk) WHERE tenant_hk IS NOT NULL;
CREATE TABLE lock_monitoring.blocking_session_s (
    blocking_session_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    session_pid INTEGER NOT NULL,
    backend_start TIMESTAMPTZ,
    session_state VARCHAR(50),
    user_name TEXT,
    username_hash BYTEA,
    is_superuser BOOLEAN,
    application_name TEXT,
    current_query TEXT,
    query_fingerprint TEXT,
    incident_status VARCHAR(20) NOT NULL
        CONSTRAINT incident_status_known CHECK (incident_status IN ('OPEN', 'CLOSED')),
    resolution_action VARCHAR(100)
        CONSTRAINT resolution_action_known
        CHECK (resolution_action IN ('COMPLETED', 'CANCELLED', 'TIMEOUT', 'DEADLOCK', 'TERMINATED')),
    target_name TEXT NOT NULL,
    database_name TEXT,
    relation_name TEXT,
    lock_modes TEXT[],
    opened_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    chain_depth INTEGER NOT NULL,
    victim_count INTEGER NOT NULL,
    victim_pids INTEGER[],
    longest_wait_seconds DOUBLE PRECISION NOT NULL,
    peak_depth INTEGER NOT NULL,
    peak_victims INTEGER NOT NULL,
    total_victim_seconds DOUBLE PRECISION NOT NULL,
    lock_impact_score DOUBLE PRECISION
        CONSTRAINT lock_impact_score_range CHECK (lock_impact_score BETWEEN 0 AND 100),
    affected_tenants TEXT[],
    is_idle_in_transaction BOOLEAN NOT NULL DEFAULT false,
    maintenance_kind VARCHAR(50),
    recommended_action TEXT,
    chain JSONB,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (blocking_session_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON lock_monitoring.blocking_session_s (load_date) WHERE load_end_date IS NULL;
COMMENT ON COLUMN lock_monitoring.blocking_session_s.session_pid IS 'The root blocker';
COMMENT ON COLUMN lock_monitoring.blocking_session_s.total_victim_seconds IS 'Sum over victims of the seconds each waited';

-- One deadlock, however often it was seen.
CREATE TABLE lock_monitoring.deadlock_event_h (
    deadlock_event_hk BYTEA PRIMARY KEY,
    deadlock_event_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE lock_monitoring.deadlock_event_s (
    deadlock_event_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    target_name TEXT NOT NULL,
    database_name TEXT,
    deadlock_timestamp TIMESTAMPTZ NOT NULL,
    detected_at TIMESTAMPTZ,
    reported_at TIMESTAMPTZ,
    detected_before_server BOOLEAN,
    detection_source VARCHAR(50) NOT NULL,
    chain_length INTEGER NOT NULL
        CONSTRAINT chain_length_at_least_two CHECK (chain_length >= 2),
    pid_chain INTEGER[] NOT NULL,
    victim_pid INTEGER,
    relation_names TEXT[],
    lock_modes TEXT[],
    query_fingerprints TEXT[],
    affected_tenants TEXT[],
    cycle JSONB,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (deadlock_event_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON lock_monitoring.deadlock_event_s (load_date) WHERE load_end_date IS NULL;
COMMENT ON COLUMN lock_monitoring.deadlock_event_s.detected_at IS 'When the lock graph showed the cycle; null when only the server told';
COMMENT ON COLUMN lock_monitoring.deadlock_event_s.reported_at IS 'When the server''s log or counter told; null until then';

-- What was decided about a blocker, by which rule, and what came of it? One hub row per decision: the audit.
CREATE TABLE lock_monitoring.lock_resolution_h (
    lock_resolution_hk BYTEA PRIMARY KEY,
    lock_resolution_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE lock_monitoring.lock_resolution_s (
    lock_resolution_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    target_name TEXT NOT NULL,
    session_pid INTEGER NOT NULL,
    backend_start TIMESTAMPTZ,
    decided_at TIMESTAMPTZ NOT NULL,
    decision VARCHAR(20) NOT NULL
        CONSTRAINT decision_known CHECK (decision IN ('ADVISE', 'CANCEL', 'TERMINATE', 'REFUSE')),
    decision_reason TEXT NOT NULL,
    safety_rules JSONB,
    is_dry_run BOOLEAN NOT NULL,
    executed_at TIMESTAMPTZ,
    outcome VARCHAR(50),
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (lock_resolution_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON lock_monitoring.lock_resolution_s (load_date) WHERE load_end_date IS NULL;
COMMENT ON COLUMN lock_monitoring.lock_resolution_s.safety_rules IS 'Each safety rule and whether it allowed the action';

-- Which waits belong to an incident?
CREATE TABLE lock_monitoring.lock_blocking_l (
    lock_blocking_hk BYTEA PRIMARY KEY,
    lock_activity_hk BYTEA NOT NULL,
    blocking_session_hk BYTEA NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON lock_monitoring.lock_blocking_l (lock_activity_hk);
CREATE INDEX ON lock_monitoring.lock_blocking_l (blocking_session_hk);

-- Which waits formed a deadlock?
CREATE TABLE lock_monitoring.deadlock_lock_l (
    deadlock_lock_hk BYTEA PRIMARY KEY,
    deadlock_event_hk BYTEA NOT NULL,
    lock_activity_hk BYTEA NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON lock_monitoring.deadlock_lock_l (deadlock_event_hk);
CREATE INDEX ON lock_monitoring.deadlock_lock_l (lock_activity_hk);

-- Which decisions were taken for an incident?
CREATE TABLE lock_monitoring.blocking_resolution_l (
    blocking_resolution_hk BYTEA PRIMARY KEY,
    blocking_session_hk BYTEA NOT NULL,
    lock_resolution_hk BYTEA NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON lock_monitoring.blocking_resolution_l (blocking_session_hk);
CREATE INDEX ON lock_monitoring.blocking_resolution_l (lock_resolution_hk);

INSERT INTO util.retention_policy (schema_name, table_name, keep) VALUES
    ('lock_monitoring', 'lock_activity_s', '90 days'),
    ('lock_monitoring', 'blocking_session_s', '13 months'),
    ('lock_monitoring', 'deadlock_event_s', '2 years'),
    ('lock_monitoring', 'lock_resolution_s', '7 years');

SELECT util.secure_schema('lock_monitoring');
