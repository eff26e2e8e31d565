-- Does somebody wait for a lock, when wait events of others are hidden?
--
-- The lock table hides nothing, but every look at it stops the lock manager for a moment. The last parameter of the
-- privileged probe is taken and not needed.

SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
       pg_has_role('pg_read_all_stats', 'USAGE'),
       count(DISTINCT l.pid) FILTER (WHERE NOT l.granted),
       count(DISTINCT l.pid) FILTER (WHERE l.waitstart < clock_timestamp() - make_interval(secs => ?)),
       0 * ?::double precision
FROM pg_catalog.pg_locks l;
