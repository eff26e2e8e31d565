-- Which statements cost most, and which indexes are missing, unused or double?

CREATE SCHEMA IF NOT EXISTS performance;

-- One normalised statement of one role in one database. Its text has no literals.
CREATE TABLE performance.query_performance_h (
    query_performance_hk BYTEA PRIMARY KEY,
    query_performance_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON performance.query_performance_h (tenant_hk) WHERE tenant_hk IS NOT NULL;
CREATE TABLE performance.query_performance_s (
    query_performance_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    target_name TEXT NOT NULL,
    database_name TEXT NOT NULL,
    query_id BIGINT,
    query_fingerprint TEXT NOT NULL,
    query_text TEXT,
    measurement_period_start TIMESTAMPTZ NOT NULL,
    measurement_period_end TIMESTAMPTZ NOT NULL,
    calls BIGINT NOT NULL,
    total_exec_time_ms DOUBLE PRECISION NOT NULL,
    mean_exec_time_ms DOUBLE PRECISION,
    max_exec_time_ms DOUBLE PRECISION,
    row_count BIGINT,
    shared_blocks_hit BIGINT,
    shared_blocks_read BIGINT,
    temp_blocks_written BIGINT,
    wal_bytes BIGINT,
    performance_rating VARCHAR(20),
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (query_performance_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON performance.query_performance_s (load_date) WHERE load_end_date IS NULL;
COMMENT ON COLUMN performance.query_performance_s.calls IS 'In the period, as are all counts and times here';

-- One index of one table.
CREATE TABLE performance.index_definition_h (
    index_definition_hk BYTEA PRIMARY KEY,
    index_definition_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE performance.index_definition_s (
    index_definition_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    target_name TEXT NOT NULL,
    database_name TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    index_name TEXT NOT NULL,
    index_type VARCHAR(20) NOT NULL,
    index_columns TEXT[] NOT NULL,
    index_definition TEXT NOT NULL,
    is_unique BOOLEAN NOT NULL,
    is_primary BOOLEAN NOT NULL,
    is_valid BOOLEAN NOT NULL,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (index_definition_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON performance.index_definition_s (target_name, database_name) WHERE load_end_date IS NULL;

-- One piece of advice about a table's indexes.
CREATE TABLE performance.index_optimization_h (
    index_optimization_hk BYTEA PRIMARY KEY,
    index_optimization_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE performance.index_optimization_s (
    index_optimization_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    target_name TEXT NOT NULL,
    database_name TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    index_name TEXT,
    index_columns TEXT[] NOT NULL,
    optimization_type VARCHAR(20) NOT NULL
        CONSTRAINT optimization_type_known
        CHECK (optimization_type IN ('CREATE', 'DROP_UNUSED', 'DROP_DUPLICATE', 'REINDEX')),
    recommended_index_definition TEXT,
    index_size_bytes BIGINT,
    index_scans BIGINT,
    estimated_improvement_percentage DOUBLE PRECISION,
    measured_improvement_percentage DOUBLE PRECISION,
    priority VARCHAR(20) NOT NULL,
    reason TEXT NOT NULL,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (index_optimization_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON performance.index_optimization_s (load_date) WHERE load_end_date IS NULL;

-- On which statements was the advice proven?
CREATE TABLE performance.query_optimization_l (
    query_optimization_hk BYTEA PRIMARY KEY,
    query_performance_hk BYTEA NOT NULL,
    index_optimization_hk BYTEA NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON performance.query_optimization_l (query_performance_hk);
CREATE INDEX ON performance.query_optimization_l (index_optimization_hk);

INSERT INTO util.retention_policy (schema_name, table_name, keep, keep_open_rows) VALUES
    ('performance', 'query_performance_s', '90 days', false),
    ('performance', 'index_definition_s', '13 months', true),
    ('performance', 'index_optimization_s', '13 months', true);

SELECT util.secure_schema('performance');
