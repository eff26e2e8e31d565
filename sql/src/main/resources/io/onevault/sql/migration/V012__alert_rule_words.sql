-- What does a rule tell the person it wakes: why it exists, and what to do first?

ALTER TABLE monitoring.alert_configuration_s
    ADD COLUMN rationale TEXT,
    ADD COLUMN runbook TEXT;
COMMENT ON COLUMN monitoring.alert_configuration_s.rationale IS 'Why this is worth an alert, and these thresholds';
COMMENT ON COLUMN monitoring.alert_configuration_s.runbook IS 'What to do first, one line';
