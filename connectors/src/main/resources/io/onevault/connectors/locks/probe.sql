-- How many processes wait for a lock?
--
-- Reads what each process says of itself, without the lock table. Wait events of others are shown to members of
-- pg_read_all_stats only.

SELECT count(*) FROM pg_catalog.pg_stat_get_activity(NULL) s WHERE s.wait_event_type = 'Lock';
