-- What is silenced by metric, which silence was rejected and why, and which alerts does an alert explain?

ALTER TABLE monitoring.alert_silence_s
    ADD COLUMN metric_pattern VARCHAR(200);
COMMENT ON COLUMN monitoring.alert_silence_s.alert_pattern IS 'Regular expression that the whole name of an alert''s rule must match';
COMMENT ON COLUMN monitoring.alert_silence_s.metric_pattern IS 'Regular expression that the metric''s whole name must match';
COMMENT ON COLUMN monitoring.alert_silence_s.ends_at IS 'A year after starts_at at the latest';

-- The open row says how things are: an empty reason says that the silence is in order.
CREATE TABLE monitoring.alert_silence_rejection_s (
    alert_silence_hk BYTEA NOT NULL,
    load_date TIMESTAMPTZ NOT NULL,
    load_end_date TIMESTAMPTZ,
    hash_diff BYTEA NOT NULL,
    rejected_load_date TIMESTAMPTZ NOT NULL,
    rejected_hash_diff BYTEA NOT NULL,
    reason TEXT NOT NULL,
    record_source VARCHAR(100) NOT NULL,
    PRIMARY KEY (alert_silence_hk, load_date)
) PARTITION BY RANGE (load_date);

ALTER TABLE monitoring.alert_configuration_s
    ADD COLUMN explains_pattern VARCHAR(500);
COMMENT ON COLUMN monitoring.alert_configuration_s.explains_pattern IS
    'Regular expression of whole names of rules or metrics: their alerts on the same target are not told while this one''s fires';
COMMENT ON COLUMN monitoring.alert_configuration_s.inhibited_by IS
    'Names of rules: while an alert of theirs fires on the same target this one''s is not told';

SELECT util.secure_schema('monitoring');
