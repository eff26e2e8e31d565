-- Which files does the server log to now, and in which time zone?
--
-- The last column is that zone's offset from Greenwich now, for zones whose name only PostgreSQL knows.

SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
       pg_current_logfile('jsonlog'),
       pg_current_logfile('csvlog'),
       z.zone,
       extract(epoch FROM (now() AT TIME ZONE z.zone) - (now() AT TIME ZONE 'UTC'))::int
FROM (SELECT current_setting('log_timezone') AS zone) z;
