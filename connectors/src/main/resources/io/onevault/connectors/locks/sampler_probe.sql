-- Does somebody wait for a lock, or hold locks while idle?
--
-- Reads what each process says of itself, without the lock table. A change of this user's privileges counts from the
-- next probe on, for without them waits of others look like none. A wait has lasted no longer than its statement.

SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
       pg_has_role('pg_read_all_stats', 'USAGE'),
       count(*) FILTER (WHERE s.wait_event_type = 'Lock'),
       count(*) FILTER (WHERE s.wait_event_type = 'Lock'
                          AND coalesce(s.query_start, '-infinity') < clock_timestamp() - make_interval(secs => ?)),
       count(*) FILTER (WHERE s.state = 'idle in transaction'
                          AND s.backend_xid IS NOT NULL
                          AND s.state_change < clock_timestamp() - make_interval(secs => ?))
FROM pg_catalog.pg_stat_get_activity(NULL) s;
