-- How full is each resource, how does it grow, when is it full, and who wanted to know?

CREATE SCHEMA IF NOT EXISTS capacity_planning;

-- One resource of a target or tenant: a database's storage, a role's connections, a sequence…
CREATE TABLE capacity_planning.resource_utilization_h (
    resource_utilization_hk BYTEA PRIMARY KEY,
    resource_utilization_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON capacity_planning.resource_utilization_h (tenant_hk) WHERE tenant_hk IS NOT NULL;

-- How full was it in a period? Usage in resource_unit; null capacity: no limit is known.
CREATE TABLE capacity_planning.resource_utilization_s (
    resource_utilization_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    target_name TEXT NOT NULL,
    resource_type VARCHAR(50) NOT NULL
        CONSTRAINT resource_type_known
        CHECK (resource_type IN ('STORAGE', 'MEMORY', 'CPU', 'CONNECTIONS', 'WAL', 'REPLICATION',
                                 'TRANSACTION_ID', 'MULTIXACT', 'SEQUENCE', 'IO')),
    resource_name TEXT NOT NULL,
    resource_unit VARCHAR(20) NOT NULL,
    measurement_timestamp TIMESTAMPTZ NOT NULL,
    period_start TIMESTAMPTZ NOT NULL,
    period_seconds INTEGER NOT NULL,
    sample_count BIGINT NOT NULL,
    current_value DOUBLE PRECISION NOT NULL,
    max_capacity DOUBLE PRECISION,
    available_capacity DOUBLE PRECISION,
    utilization_percentage DOUBLE PRECISION,
    value_min DOUBLE PRECISION,
    value_max DOUBLE PRECISION,
    value_mean DOUBLE PRECISION,
    value_p50 DOUBLE PRECISION,
    value_p95 DOUBLE PRECISION,
    value_p99 DOUBLE PRECISION,
    peak_timestamp TIMESTAMPTZ,
    change_1d DOUBLE PRECISION,
    change_7d DOUBLE PRECISION,
    change_30d DOUBLE PRECISION,
    growth_per_day DOUBLE PRECISION,
    database_name TEXT,
    schema_name TEXT,
    object_name TEXT,
    row_count BIGINT,
    row_count_change_1d BIGINT,
    index_bytes BIGINT,
    toast_bytes BIGINT,
    dead_tuple_bytes BIGINT,
    threshold_warning DOUBLE PRECISION,
    threshold_critical DOUBLE PRECISION,
    status VARCHAR(20) NOT NULL DEFAULT 'NORMAL'
        CONSTRAINT status_known CHECK (status IN ('NORMAL', 'WARNING', 'CRITICAL', 'UNKNOWN')),
    gap_seconds INTEGER NOT NULL DEFAULT 0,
    reset_count INTEGER NOT NULL DEFAULT 0,
    data_quality_score DOUBLE PRECISION
        CONSTRAINT data_quality_score_range CHECK (data_quality_score BETWEEN 0 AND 100),
    measurement_source VARCHAR(100),
    labels JSONB,
    additional_context JSONB,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (resource_utilization_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON capacity_planning.resource_utilization_s (load_date) WHERE load_end_date IS NULL;
COMMENT ON COLUMN capacity_planning.resource_utilization_s.gap_seconds IS 'Seconds of the period without a measurement';
COMMENT ON COLUMN capacity_planning.resource_utilization_s.data_quality_score IS '0 to 100: how complete and plausible the period''s samples are';

-- One forecast series: the resource whose future is estimated.
CREATE TABLE capacity_planning.capacity_forecast_h (
    capacity_forecast_hk BYTEA PRIMARY KEY,
    capacity_forecast_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON capacity_planning.capacity_forecast_h (tenant_hk) WHERE tenant_hk IS NOT NULL;

-- What will it be, how sure is that, and which model said so? Usage in resource_unit; lo/hi are the bounds of the
-- 80 % and 95 % prediction intervals.
CREATE TABLE capacity_planning.capacity_forecast_s (
    capacity_forecast_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    target_name TEXT NOT NULL,
    resource_type VARCHAR(50) NOT NULL
        CONSTRAINT resource_type_known
        CHECK (resource_type IN ('STORAGE', 'MEMORY', 'CPU', 'CONNECTIONS', 'WAL', 'REPLICATION',
                                 'TRANSACTION_ID', 'MULTIXACT', 'SEQUENCE', 'IO')),
    resource_name TEXT NOT NULL,
    resource_unit VARCHAR(20) NOT NULL,
    forecast_timestamp TIMESTAMPTZ NOT NULL,
    current_usage DOUBLE PRECISION NOT NULL,
    max_capacity DOUBLE PRECISION,
    projected_usage_7d DOUBLE PRECISION,
    projected_usage_7d_lo80 DOUBLE PRECISION,
    projected_usage_7d_hi80 DOUBLE PRECISION,
    projected_usage_7d_lo95 DOUBLE PRECISION,
    projected_usage_7d_hi95 DOUBLE PRECISION,
    projected_usage_30d DOUBLE PRECISION,
    projected_usage_30d_lo80 DOUBLE PRECISION,
    projected_usage_30d_hi80 DOUBLE PRECISION,
    projected_usage_30d_lo95 DOUBLE PRECISION,
    projected_usage_30d_hi95 DOUBLE PRECISION,
    projected_usage_90d DOUBLE PRECISION,
    projected_usage_90d_lo80 DOUBLE PRECISION,
    projected_usage_90d_hi80 DOUBLE PRECISION,
    projected_usage_90d_lo95 DOUBLE PRECISION,
    projected_usage_90d_hi95 DOUBLE PRECISION,
    projected_usage_1y DOUBLE PRECISION,
    projected_usage_1y_lo80 DOUBLE PRECISION,
    projected_usage_1y_hi80 DOUBLE PRECISION,
    projected_usage_1y_lo95 DOUBLE PRECISION,
    projected_usage_1y_hi95 DOUBLE PRECISION,
    growth_rate_percentage DOUBLE PRECISION,
    reaches_capacity BOOLEAN,
    time_to_capacity INTERVAL,
    time_to_capacity_lo INTERVAL,
    time_to_capacity_hi INTERVAL,
    days_to_warning DOUBLE PRECISION,
    days_to_critical DOUBLE PRECISION,
    confidence_level DOUBLE PRECISION
        CONSTRAINT confidence_level_range CHECK (confidence_level BETWEEN 0 AND 100),
    forecast_model VARCHAR(50) NOT NULL,
    runner_up_model VARCHAR(50),
    backtest_smape DOUBLE PRECISION,
    backtest_mase DOUBLE PRECISION,
    model_skill DOUBLE PRECISION,
    runner_up_mase DOUBLE PRECISION,
    model_accuracy DOUBLE PRECISION,
    forecast_bias DOUBLE PRECISION,
    interval_coverage DOUBLE PRECISION,
    data_quality_score DOUBLE PRECISION,
    history_days DOUBLE PRECISION,
    recommended_action TEXT,
    additional_context JSONB,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (capacity_forecast_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON capacity_planning.capacity_forecast_s (load_date) WHERE load_end_date IS NULL;
COMMENT ON COLUMN capacity_planning.capacity_forecast_s.reaches_capacity IS 'False: never, as far as can be told; null: no capacity is known';
COMMENT ON COLUMN capacity_planning.capacity_forecast_s.confidence_level IS
    'Calibrated probability, in percent, that the 30-day projection is within 15 % of what will be';
COMMENT ON COLUMN capacity_planning.capacity_forecast_s.model_accuracy IS
    'Of past forecasts whose time has come: 100 minus the mean absolute percentage error; null until then';
COMMENT ON COLUMN capacity_planning.capacity_forecast_s.model_skill IS 'Backtest error relative to naive, 1 - MASE; below 0 is worse';

-- What kind of growth is it?
CREATE TABLE capacity_planning.growth_pattern_h (
    growth_pattern_hk BYTEA PRIMARY KEY,
    growth_pattern_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE capacity_planning.growth_pattern_s (
    growth_pattern_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    target_name TEXT NOT NULL,
    resource_type VARCHAR(50) NOT NULL,
    resource_name TEXT NOT NULL,
    pattern_type VARCHAR(50) NOT NULL,
    pattern_confidence DOUBLE PRECISION,
    growth_rate_percentage DOUBLE PRECISION,
    growth_per_day DOUBLE PRECISION,
    season_length_seconds BIGINT,
    season_strength DOUBLE PRECISION,
    level_shift_count INTEGER,
    last_level_shift TIMESTAMPTZ,
    outlier_count INTEGER,
    gap_count INTEGER,
    analysis_start TIMESTAMPTZ NOT NULL,
    analysis_end TIMESTAMPTZ NOT NULL,
    observation_count INTEGER NOT NULL,
    data_quality_score DOUBLE PRECISION,
    additional_context JSONB,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (growth_pattern_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON capacity_planning.growth_pattern_s (load_date) WHERE load_end_date IS NULL;
COMMENT ON COLUMN capacity_planning.growth_pattern_s.pattern_type IS 'STABLE, LINEAR, EXPONENTIAL, SEASONAL, SAWTOOTH, STEP, DECLINING…';

-- From which level, or how long before it, shall people be told? People write the settings, the pipeline the figures
-- on how well a threshold did; like alert rules a row is judged by the job, not by constraints.
CREATE TABLE capacity_planning.capacity_threshold_h (
    capacity_threshold_hk BYTEA PRIMARY KEY,
    capacity_threshold_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL DEFAULT util.current_load_date(),
    record_source VARCHAR(100) NOT NULL DEFAULT util.get_record_source()
);
CREATE TABLE capacity_planning.capacity_threshold_s (
    capacity_threshold_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL DEFAULT util.current_load_date(),
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    threshold_name VARCHAR(200) NOT NULL,
    resource_type VARCHAR(50) NOT NULL,
    resource_pattern VARCHAR(200),
    threshold_type VARCHAR(20) NOT NULL,
    threshold_percentage DOUBLE PRECISION,
    days_to_capacity INTEGER,
    evaluation_frequency_minutes INTEGER NOT NULL DEFAULT 5,
    business_hours_only BOOLEAN NOT NULL DEFAULT false,
    suppression_enabled BOOLEAN NOT NULL DEFAULT true,
    suppression_duration_minutes INTEGER NOT NULL DEFAULT 60,
    escalation_enabled BOOLEAN NOT NULL DEFAULT false,
    escalation_delay_minutes INTEGER,
    escalation_contacts TEXT[],
    notification_channels TEXT[],
    alert_message_template TEXT,
    is_active BOOLEAN NOT NULL DEFAULT true,
    trigger_count_24h INTEGER,
    last_triggered_at TIMESTAMPTZ,
    true_positive_rate DOUBLE PRECISION,
    false_positive_rate DOUBLE PRECISION,
    threshold_effectiveness_score DOUBLE PRECISION,
    average_resolution_time_minutes DOUBLE PRECISION,
    created_by VARCHAR(100) DEFAULT SESSION_USER,
    record_source VARCHAR(100) NOT NULL DEFAULT util.get_record_source(),
    PRIMARY KEY (capacity_threshold_hk, load_date)
) PARTITION BY RANGE (load_date);
CREATE INDEX ON capacity_planning.capacity_threshold_s (resource_type) WHERE load_end_date IS NULL;

-- Which forecast is based on which resource?
CREATE TABLE capacity_planning.forecast_utilization_l (
    forecast_utilization_hk BYTEA PRIMARY KEY,
    capacity_forecast_hk BYTEA NOT NULL,
    resource_utilization_hk BYTEA NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON capacity_planning.forecast_utilization_l (capacity_forecast_hk);
CREATE INDEX ON capacity_planning.forecast_utilization_l (resource_utilization_hk);

-- Which forecast follows which pattern?
CREATE TABLE capacity_planning.pattern_forecast_l (
    pattern_forecast_hk BYTEA PRIMARY KEY,
    growth_pattern_hk BYTEA NOT NULL,
    capacity_forecast_hk BYTEA NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE INDEX ON capacity_planning.pattern_forecast_l (growth_pattern_hk);
CREATE INDEX ON capacity_planning.pattern_forecast_l (capacity_forecast_hk);

-- Forecasts outlive the longest horizon, so that each can be scored; thresholds are kept for ever.
INSERT INTO util.retention_policy (schema_name, table_name, keep, keep_open_rows) VALUES
    ('capacity_planning', 'resource_utilization_s', '5 years', false),
    ('capacity_planning', 'capacity_forecast_s', '25 months', true),
    ('capacity_planning', 'growth_pattern_s', '25 months', true);

SELECT util.secure_schema('capacity_planning');
