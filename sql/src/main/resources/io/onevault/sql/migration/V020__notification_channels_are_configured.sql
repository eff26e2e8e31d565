-- Channels are configured, for a row that names a secret and an address would let whoever may write it send the secret
-- there. What is written here by others would be obeyed by nobody: say so when it is written, and keep what counts.
UPDATE monitoring.notification_channel_s
SET load_end_date = greatest(clock_timestamp(), load_date + INTERVAL '1 microsecond')
WHERE load_end_date IS NULL AND record_source <> 'ONEVAULT_CONFIGURATION';
CREATE FUNCTION monitoring.refuse_notification_channel() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path = pg_catalog
    AS $$
BEGIN
    IF current_setting('onevault.deploying', true) = 'on' THEN
        RETURN coalesce(NEW, OLD);
    END IF;
    RAISE EXCEPTION 'notification channels are configured, not written here: the configured ones stay in force'
        USING ERRCODE = 'feature_not_supported',
              HINT = 'Change alerts.channels in the configuration and deploy it.';
END
$$;
CREATE TRIGGER refuse_notification_channel
    BEFORE INSERT OR UPDATE OR DELETE ON monitoring.notification_channel_s
    FOR EACH ROW EXECUTE FUNCTION monitoring.refuse_notification_channel();

-- Nothing was ever written to it.
DROP TABLE monitoring.notification_channel_rejection_s;
