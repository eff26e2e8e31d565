-- What is to be alerted on, what is firing, who was told, and what belongs together?
-- Rules, channels, silences and acknowledgements are written by people and read by the running jobs. They carry no
-- check constraints: the job judges a row, and a bad one stays visible beside the reason it was rejected for.

-- Rules. A hub row with a tenant overrides the rule of the same name without one.
CREATE TABLE monitoring.alert_configuration_h (
    alert_configuration_hk BYTEA PRIMARY KEY,
    alert_configuration_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL DEFAULT util.current_load_date(),
    record_source VARCHAR(100) NOT NULL DEFAULT util.get_record_source()
);
CREATE TABLE monitoring.alert_configuration_s (
    alert_configuration_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL DEFAULT util.current_load_date(),
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    alert_name VARCHAR(200) NOT NULL,
    metric_pattern VARCHAR(200) NOT NULL,
    warning_threshold DOUBLE PRECISION,
    critical_threshold DOUBLE PRECISION,
    notification_channels TEXT[],
    escalation_rules JSONB,
    suppression_window_minutes INTEGER DEFAULT 5,
    is_active BOOLEAN DEFAULT true,
    created_by VARCHAR(100) DEFAULT SESSION_USER,
    alert_description TEXT,
    condition_type VARCHAR(20) NOT NULL DEFAULT 'THRESHOLD',
    condition_parameters JSONB,
    direction VARCHAR(10) NOT NULL DEFAULT 'ABOVE',
    clear_threshold DOUBLE PRECISION,
    for_seconds INTEGER NOT NULL DEFAULT 0,
    target_pattern VARCHAR(200),
    label_matchers JSONB,
    business_hours_only BOOLEAN NOT NULL DEFAULT false,
    group_by TEXT[],
    inhibited_by TEXT[],
    message_template TEXT,
    record_source VARCHAR(100) NOT NULL DEFAULT util.get_record_source(),
    PRIMARY KEY (alert_configuration_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON monitoring.alert_configuration_s (alert_name) WHERE load_end_date IS NULL;
COMMENT ON COLUMN monitoring.alert_configuration_s.metric_pattern IS 'Regular expression that a metric''s whole name must match';
COMMENT ON COLUMN monitoring.alert_configuration_s.condition_type IS 'THRESHOLD, RATE_OF_CHANGE, ABSENCE, FORECAST or ANOMALY';
COMMENT ON COLUMN monitoring.alert_configuration_s.direction IS 'ABOVE: high values are bad; BELOW: low values are';
COMMENT ON COLUMN monitoring.alert_configuration_s.clear_threshold IS 'Where a firing alert clears; null: the threshold it crossed';

-- Which version of a rule was rejected, and why? The version before it stays in force.
CREATE TABLE monitoring.alert_rule_rejection_s (
    alert_configuration_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    rejected_load_date TIMESTAMPTZ NOT NULL,
    rejected_hash_diff BYTEA NOT NULL,
    reason TEXT NOT NULL,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (alert_configuration_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON monitoring.alert_rule_rejection_s (load_date) WHERE load_end_date IS NULL;

-- Alerts: one hub row per rule, series and firing, however long it lasts.
CREATE TABLE monitoring.alert_instance_h (
    alert_instance_hk BYTEA PRIMARY KEY,
    alert_instance_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON monitoring.alert_instance_h (tenant_hk) WHERE tenant_hk IS NOT NULL;
CREATE TABLE monitoring.alert_instance_s (
    alert_instance_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    alert_configuration_hk BYTEA NOT NULL,
    alert_timestamp TIMESTAMPTZ NOT NULL,
    alert_severity VARCHAR(20) NOT NULL,
    alert_message TEXT NOT NULL,
    alert_value DOUBLE PRECISION,
    threshold_exceeded BOOLEAN,
    notification_sent BOOLEAN NOT NULL DEFAULT false,
    escalation_level INTEGER NOT NULL DEFAULT 0,
    acknowledgment_required BOOLEAN NOT NULL DEFAULT false,
    auto_resolution_attempted BOOLEAN NOT NULL DEFAULT false,
    affected_tenants TEXT[],
    additional_context JSONB,
    alert_status VARCHAR(20) NOT NULL
        CONSTRAINT alert_status_known
        CHECK (alert_status IN ('PENDING', 'FIRING', 'ACKNOWLEDGED', 'SUPPRESSED', 'RESOLVED')),
    target_name TEXT NOT NULL,
    series TEXT NOT NULL,
    metric_name VARCHAR(100),
    labels JSONB,
    threshold_value DOUBLE PRECISION,
    pending_since TIMESTAMPTZ,
    fired_at TIMESTAMPTZ,
    acknowledged_at TIMESTAMPTZ,
    suppressed_at TIMESTAMPTZ,
    suppressed_by TEXT,
    resolved_at TIMESTAMPTZ,
    group_key TEXT,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (alert_instance_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON monitoring.alert_instance_s (load_date) WHERE load_end_date IS NULL;
CREATE INDEX ON monitoring.alert_instance_s (alert_status) WHERE load_end_date IS NULL AND alert_status <> 'RESOLVED';
COMMENT ON COLUMN monitoring.alert_instance_s.suppressed_by IS 'What silences it: a silence, an inhibiting alert or a root cause';

-- Who has taken note of an alert? A row here acknowledges it.
CREATE TABLE monitoring.alert_acknowledgement_s (
    alert_instance_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL DEFAULT util.current_load_date(),
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    acknowledged_by VARCHAR(100) NOT NULL DEFAULT SESSION_USER,
    acknowledged_until TIMESTAMPTZ,
    note TEXT,
    record_source VARCHAR(100) NOT NULL DEFAULT util.get_record_source(),
    PRIMARY KEY (alert_instance_hk, load_date)
) PARTITION BY RANGE (load_date);

-- What is silenced on purpose, and until when?
CREATE TABLE monitoring.alert_silence_h (
    alert_silence_hk BYTEA PRIMARY KEY,
    alert_silence_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL DEFAULT util.current_load_date(),
    record_source VARCHAR(100) NOT NULL DEFAULT util.get_record_source()
);
CREATE TABLE monitoring.alert_silence_s (
    alert_silence_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL DEFAULT util.current_load_date(),
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    starts_at TIMESTAMPTZ NOT NULL,
    ends_at TIMESTAMPTZ NOT NULL,
    alert_pattern VARCHAR(200),
    target_pattern VARCHAR(200),
    label_matchers JSONB,
    reason TEXT NOT NULL,
    created_by VARCHAR(100) NOT NULL DEFAULT SESSION_USER,
    record_source VARCHAR(100) NOT NULL DEFAULT util.get_record_source(),
    PRIMARY KEY (alert_silence_hk, load_date)
) PARTITION BY RANGE (load_date);

-- Where can a notification go? Secrets stand in configuration only as ${ENV} and ${file:…} references.
CREATE TABLE monitoring.notification_channel_h (
    notification_channel_hk BYTEA PRIMARY KEY,
    notification_channel_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL DEFAULT util.current_load_date(),
    record_source VARCHAR(100) NOT NULL DEFAULT util.get_record_source()
);
CREATE TABLE monitoring.notification_channel_s (
    notification_channel_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL DEFAULT util.current_load_date(),
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    channel_name VARCHAR(100) NOT NULL,
    channel_type VARCHAR(20) NOT NULL,
    configuration JSONB NOT NULL DEFAULT '{}',
    message_template TEXT,
    rate_limit_per_minute INTEGER,
    is_active BOOLEAN NOT NULL DEFAULT true,
    record_source VARCHAR(100) NOT NULL DEFAULT util.get_record_source(),
    PRIMARY KEY (notification_channel_hk, load_date)
) PARTITION BY RANGE (load_date);
COMMENT ON COLUMN monitoring.notification_channel_s.channel_type IS 'EMAIL, SLACK, PAGERDUTY, SMS or WEBHOOK';

CREATE TABLE monitoring.notification_channel_rejection_s (
    notification_channel_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    rejected_load_date TIMESTAMPTZ NOT NULL,
    rejected_hash_diff BYTEA NOT NULL,
    reason TEXT NOT NULL,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (notification_channel_hk, load_date)
) PARTITION BY RANGE (load_date);

-- What was sent, and did it arrive? One hub row per notification, one satellite row per attempt's outcome.
CREATE TABLE monitoring.notification_log_h (
    notification_log_hk BYTEA PRIMARY KEY,
    notification_log_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE monitoring.notification_log_s (
    notification_log_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    notification_timestamp TIMESTAMPTZ NOT NULL,
    delivery_status VARCHAR(20) NOT NULL,
    channel_name VARCHAR(100) NOT NULL,
    recipient_address TEXT,
    message_content TEXT,
    delivery_confirmation_received BOOLEAN NOT NULL DEFAULT false,
    delivery_confirmation_timestamp TIMESTAMPTZ,
    failure_reason TEXT,
    retry_count INTEGER NOT NULL DEFAULT 0,
    delivery_duration_ms DOUBLE PRECISION,
    external_message_id VARCHAR(255),
    channel_type VARCHAR(20) NOT NULL,
    idempotency_key TEXT NOT NULL,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (notification_log_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON monitoring.notification_log_s (load_date) WHERE load_end_date IS NULL;

-- Which alerts are one trouble?
CREATE TABLE monitoring.incident_h (
    incident_hk BYTEA PRIMARY KEY,
    incident_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE monitoring.incident_s (
    incident_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    incident_title TEXT NOT NULL,
    incident_severity VARCHAR(20) NOT NULL,
    incident_status VARCHAR(20) NOT NULL
        CONSTRAINT incident_status_known CHECK (incident_status IN ('OPEN', 'ACKNOWLEDGED', 'RESOLVED')),
    target_name TEXT,
    opened_at TIMESTAMPTZ NOT NULL,
    closed_at TIMESTAMPTZ,
    alert_count INTEGER NOT NULL,
    root_cause TEXT,
    additional_context JSONB,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (incident_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON monitoring.incident_s (load_date) WHERE load_end_date IS NULL;

CREATE TABLE monitoring.alert_incident_l (
    alert_incident_hk BYTEA PRIMARY KEY,
    alert_instance_hk BYTEA NOT NULL,
    incident_hk BYTEA NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON monitoring.alert_incident_l (incident_hk);
CREATE INDEX ON monitoring.alert_incident_l (alert_instance_hk);

CREATE TABLE monitoring.alert_notification_l (
    alert_notification_hk BYTEA PRIMARY KEY,
    alert_instance_hk BYTEA NOT NULL,
    notification_log_hk BYTEA NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON monitoring.alert_notification_l (alert_instance_hk);
CREATE INDEX ON monitoring.alert_notification_l (notification_log_hk);

-- Rules, channels and silences are kept for ever: the current version may be years old.
INSERT INTO util.retention_policy (schema_name, table_name, keep, keep_open_rows) VALUES
    ('monitoring', 'alert_instance_s', '2 years', false),
    ('monitoring', 'alert_acknowledgement_s', '2 years', false),
    ('monitoring', 'notification_log_s', '13 months', false),
    ('monitoring', 'incident_s', '2 years', false);

SELECT util.secure_schema('monitoring');
-- Where messages go is the operators' business.
REVOKE SELECT ON monitoring.notification_channel_s, monitoring.notification_channel_rejection_s FROM onevault_reader;
-- The pipeline obeys what people write and cannot rewrite it.
REVOKE INSERT, UPDATE ON
    monitoring.alert_configuration_h, monitoring.alert_configuration_s,
    monitoring.alert_acknowledgement_s,
    monitoring.alert_silence_h, monitoring.alert_silence_s,
    monitoring.notification_channel_h, monitoring.notification_channel_s
    FROM onevault_writer;
