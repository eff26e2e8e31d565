-- What do change streams add: whose rule gave a window its status, which columns a table had when, and which
-- capacity threshold was refused?

-- Two judgements of one window: the one under the later rule stands.
ALTER TABLE monitoring.system_health_s
    ADD COLUMN rule_name TEXT,
    ADD COLUMN rule_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE monitoring.system_health_hourly_s
    ADD COLUMN rule_name TEXT,
    ADD COLUMN rule_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE monitoring.system_health_daily_s
    ADD COLUMN rule_name TEXT,
    ADD COLUMN rule_version BIGINT NOT NULL DEFAULT 0;
COMMENT ON COLUMN monitoring.system_health_s.rule_name IS 'Which alert configuration gave the status; null: the catalogue''s own thresholds';
COMMENT ON COLUMN monitoring.system_health_s.rule_version IS 'Up to which place in the log of the vault changes of rules were known to whoever judged; 0: none';

-- The columns of a watched table. One hub row per table of a target, one satellite row per version.
CREATE TABLE monitoring.table_schema_h (
    table_schema_hk BYTEA PRIMARY KEY,
    table_schema_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE monitoring.table_schema_s (
    table_schema_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    target_name TEXT NOT NULL,
    schema_name TEXT NOT NULL,
    table_name TEXT NOT NULL,
    columns JSONB NOT NULL,
    log_position BIGINT NOT NULL,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (table_schema_hk, load_date)
) PARTITION BY RANGE (load_date);
COMMENT ON COLUMN monitoring.table_schema_s.columns IS 'Array of {name, type, key} in the table''s order';

-- Which changes of watched tables could not be decoded? Their neighbours were. One hub row per change.
CREATE TABLE monitoring.change_dead_letter_h (
    change_dead_letter_hk BYTEA PRIMARY KEY,
    change_dead_letter_bk TEXT NOT NULL,
    tenant_hk BYTEA,
    load_date TIMESTAMPTZ NOT NULL,
    record_source VARCHAR(100) NOT NULL
);
CREATE TABLE monitoring.change_dead_letter_s (
    change_dead_letter_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    target_name TEXT NOT NULL,
    relation TEXT NOT NULL,
    log_position BIGINT NOT NULL,
    transaction_id BIGINT NOT NULL,
    ordinal BIGINT NOT NULL,
    reason TEXT NOT NULL,
    content TEXT NOT NULL,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (change_dead_letter_hk, load_date)
) PARTITION BY RANGE (load_date);

-- Which version of a capacity threshold was rejected, and why? The version before it stays in force.
CREATE TABLE capacity_planning.capacity_threshold_rejection_s (
    capacity_threshold_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    rejected_load_date TIMESTAMPTZ NOT NULL,
    rejected_hash_diff BYTEA NOT NULL,
    reason TEXT NOT NULL,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (capacity_threshold_hk, load_date)
) PARTITION BY RANGE (load_date);

INSERT INTO util.retention_policy (schema_name, table_name, keep, keep_open_rows) VALUES
    ('monitoring', 'table_schema_s', '5 years', true),
    ('monitoring', 'change_dead_letter_s', '13 months', false);

SELECT util.secure_schema('monitoring');
SELECT util.secure_schema('capacity_planning');
-- A change that nobody could read may be any tenant's, and says so only inside.
REVOKE SELECT ON monitoring.change_dead_letter_h, monitoring.change_dead_letter_s FROM onevault_reader;
-- The pipeline obeys what people write and cannot rewrite it.
REVOKE INSERT, UPDATE ON capacity_planning.capacity_threshold_h, capacity_planning.capacity_threshold_s
    FROM onevault_writer;
