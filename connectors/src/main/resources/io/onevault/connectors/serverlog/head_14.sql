-- The same for PostgreSQL 14, which has no jsonlog.

SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
       NULL,
       pg_current_logfile('csvlog'),
       z.zone,
       extract(epoch FROM (now() AT TIME ZONE z.zone) - (now() AT TIME ZONE 'UTC'))::int
FROM (SELECT current_setting('log_timezone') AS zone) z;
