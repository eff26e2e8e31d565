-- How many deadlocks has the server counted in each database, and since when?
--
-- Before PostgreSQL 15 this may make the statistics collector write its file, so it is asked rarely.

SELECT datname,
       deadlocks,
       coalesce((extract(epoch FROM stats_reset) * 1000000)::bigint, 0)
FROM pg_catalog.pg_stat_database
WHERE datname IS NOT NULL;
