-- What do receivers know a trouble by, so that its end is told under the same name by a job that begins without state?

ALTER TABLE monitoring.notification_log_s
    ADD COLUMN matter_key TEXT;
COMMENT ON COLUMN monitoring.notification_log_s.matter_key IS
    'The same for all messages about one trouble: dedup_key of PagerDuty, alert_key of a webhook';

-- Asked for whenever a job begins, among the incidents of years.
CREATE INDEX ON monitoring.incident_s (incident_status) WHERE load_end_date IS NULL AND incident_status <> 'RESOLVED';
