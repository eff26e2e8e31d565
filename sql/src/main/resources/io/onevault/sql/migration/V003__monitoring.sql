-- How is each watched server doing, what was not observed, and which rows could not be stored?
--
-- Rules of every hub, satellite and link from here on:
--   A hub is a thing (a series, a server object, an incident), never a sample; its key is the SHA-256 of its
--   business key. Business keys are TEXT: they hold labels, and a label can be long.
--   No foreign keys, neither to auth.tenant_h nor from satellite to hub: the stream may be replayed in any order,
--   so a satellite row can arrive before its hub row, and a tenant's series before the platform knows the tenant.
--   A satellite row is current while load_end_date is null. Its load_date is event time and its partition's key.
--   There is no default partition: attaching a month beside one scans it under a lock that stops writers. A row for
--   a month without a partition is an error, and the writer can create the month (util.ensure_partitions).

CREATE SCHEMA IF NOT EXISTS monitoring;

-- What is measured: one row per series target|tenant|metric|label=value…
CREATE TABLE monitoring.system_health_h (
    health_metric_hk BYTEA PRIMARY KEY,
    health_metric_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON monitoring.system_health_h (tenant_hk) WHERE tenant_hk IS NOT NULL;

-- What was measured: one row per series and window. The window's start is part of what the hash diff covers, so two
-- windows with equal values are two rows and a steady series stays visible; a late amendment of a window replaces it.
-- Values are DOUBLE PRECISION: DECIMAL(15,4) overflows at 100 GB counted in bytes.
CREATE TABLE monitoring.system_health_s (
    health_metric_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    metric_name VARCHAR(100) NOT NULL,
    metric_category VARCHAR(50) NOT NULL
        CONSTRAINT metric_category_known
        CHECK (metric_category IN ('PERFORMANCE', 'AVAILABILITY', 'SECURITY', 'CAPACITY')),
    metric_value DOUBLE PRECISION,
    metric_unit VARCHAR(20),
    threshold_warning DOUBLE PRECISION,
    threshold_critical DOUBLE PRECISION,
    status VARCHAR(20) NOT NULL DEFAULT 'NORMAL'
        CONSTRAINT status_known CHECK (status IN ('NORMAL', 'WARNING', 'CRITICAL', 'UNKNOWN')),
    measurement_timestamp TIMESTAMPTZ NOT NULL,
    measurement_source VARCHAR(100),
    additional_context JSONB,
    target_name TEXT NOT NULL,
    labels JSONB,
    window_start TIMESTAMPTZ NOT NULL,
    window_seconds INTEGER NOT NULL CONSTRAINT window_seconds_positive CHECK (window_seconds > 0),
    sample_count BIGINT NOT NULL CONSTRAINT sample_count_not_negative CHECK (sample_count >= 0),
    revision BIGINT NOT NULL DEFAULT 0,
    value_min DOUBLE PRECISION,
    value_max DOUBLE PRECISION,
    value_mean DOUBLE PRECISION,
    value_last DOUBLE PRECISION,
    value_p50 DOUBLE PRECISION,
    value_p95 DOUBLE PRECISION,
    value_p99 DOUBLE PRECISION,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (health_metric_hk, load_date)
) PARTITION BY RANGE (load_date);
-- The current rows of the last hours, which is what dashboards read.
CREATE INDEX ON monitoring.system_health_s (load_date) WHERE load_end_date IS NULL;
COMMENT ON COLUMN monitoring.system_health_s.metric_value IS 'The window''s mean, in metric_unit; null when there was no sample';
COMMENT ON COLUMN monitoring.system_health_s.measurement_timestamp IS 'When the latest sample was taken, on the watched server''s clock';
COMMENT ON COLUMN monitoring.system_health_s.sample_count IS 'Samples in the window; of two rows for one window the one with more stands';
COMMENT ON COLUMN monitoring.system_health_s.revision IS
    'Of rows with equally many samples the greater stands: the time (ms) of the sample before the window that its first rate begins at, 0 for gauges';

-- The same series rolled up to hours and days: same hub, same columns, longer windows.
CREATE TABLE monitoring.system_health_hourly_s (LIKE monitoring.system_health_s INCLUDING ALL) PARTITION BY RANGE (load_date);
CREATE TABLE monitoring.system_health_daily_s (LIKE monitoring.system_health_s INCLUDING ALL) PARTITION BY RANGE (load_date);

-- For which stretches was nothing collected? One hub row per target and poll (or change stream).
CREATE TABLE monitoring.collection_gap_h (
    collection_gap_hk BYTEA PRIMARY KEY,
    collection_gap_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE monitoring.collection_gap_s (
    collection_gap_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    target_name TEXT NOT NULL,
    poll_name TEXT NOT NULL,
    gap_start TIMESTAMPTZ NOT NULL,
    gap_end TIMESTAMPTZ NOT NULL,
    reason VARCHAR(50) NOT NULL,
    detail TEXT,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (collection_gap_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON monitoring.collection_gap_s (load_date) WHERE load_end_date IS NULL;

-- What is there on a server that changes rarely: settings, indexes, extensions, schema versions…
CREATE TABLE monitoring.server_object_h (
    server_object_hk BYTEA PRIMARY KEY,
    server_object_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE monitoring.server_object_s (
    server_object_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    target_name TEXT NOT NULL,
    object_kind VARCHAR(50) NOT NULL,
    object_key TEXT NOT NULL,
    attributes JSONB NOT NULL,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (server_object_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON monitoring.server_object_s (target_name, object_kind) WHERE load_end_date IS NULL;

-- How well does a server, database or tenant perform against its own past? One hub row per rated series.
CREATE TABLE monitoring.performance_metric_h (
    performance_metric_hk BYTEA PRIMARY KEY,
    performance_metric_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE monitoring.performance_metric_s (
    performance_metric_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    target_name TEXT NOT NULL,
    metric_name VARCHAR(100) NOT NULL,
    metric_unit VARCHAR(20),
    metric_value DOUBLE PRECISION,
    baseline_value DOUBLE PRECISION,
    deviation_score DOUBLE PRECISION,
    is_anomaly BOOLEAN NOT NULL DEFAULT false,
    performance_rating VARCHAR(20) NOT NULL
        CONSTRAINT performance_rating_known
        CHECK (performance_rating IN ('EXCELLENT', 'GOOD', 'FAIR', 'POOR', 'CRITICAL', 'UNKNOWN')),
    measurement_period_start TIMESTAMPTZ NOT NULL,
    measurement_period_end TIMESTAMPTZ NOT NULL,
    labels JSONB,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (performance_metric_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON monitoring.performance_metric_s (load_date) WHERE load_end_date IS NULL;
COMMENT ON COLUMN monitoring.performance_metric_s.deviation_score IS 'Robust z-score against the hour-of-week baseline';

-- How full are the connection pools? One hub row per pool of a target.
CREATE TABLE monitoring.connection_pool_h (
    connection_pool_hk BYTEA PRIMARY KEY,
    connection_pool_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE monitoring.connection_pool_s (
    connection_pool_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    pool_name VARCHAR(200) NOT NULL,
    max_connections INTEGER NOT NULL,
    active_connections INTEGER NOT NULL,
    idle_connections INTEGER NOT NULL,
    waiting_connections INTEGER NOT NULL,
    total_connections_served BIGINT,
    average_connection_time_ms DOUBLE PRECISION,
    pool_efficiency_percentage DOUBLE PRECISION,
    connection_errors_count INTEGER NOT NULL DEFAULT 0,
    last_error_message TEXT,
    target_name TEXT NOT NULL,
    pool_mode VARCHAR(20),
    max_wait_ms DOUBLE PRECISION,
    measurement_timestamp TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (connection_pool_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON monitoring.connection_pool_s (load_date) WHERE load_end_date IS NULL;

-- Which rows did the vault refuse, and why? Never partitioned: a row that fits nowhere must fit here. The key is the
-- hash of relation and content, so that a replay finds the letter already there.
CREATE TABLE monitoring.dead_letter (
    dead_letter_hk BYTEA PRIMARY KEY,
    relation TEXT,
    record JSONB,
    record_bytes BYTEA,
    stream_position TEXT,
    sqlstate VARCHAR(5),
    reason TEXT,
    load_date TIMESTAMPTZ NOT NULL DEFAULT now()
);
CREATE INDEX ON monitoring.dead_letter (load_date);
COMMENT ON COLUMN monitoring.dead_letter.record_bytes IS 'What JSONB cannot hold: NUL characters, invalid UTF-8, undecoded bytes';

INSERT INTO util.retention_policy (schema_name, table_name, keep, keep_open_rows) VALUES
    ('monitoring', 'system_health_s', '90 days', false),
    ('monitoring', 'system_health_hourly_s', '13 months', false),
    ('monitoring', 'system_health_daily_s', '5 years', false),
    ('monitoring', 'collection_gap_s', '13 months', false),
    ('monitoring', 'server_object_s', '13 months', true),
    ('monitoring', 'performance_metric_s', '13 months', false),
    ('monitoring', 'connection_pool_s', '90 days', false);

SELECT util.secure_schema('monitoring');
-- A refused row may be any tenant's, and says so only inside.
REVOKE SELECT ON monitoring.dead_letter FROM onevault_reader;
