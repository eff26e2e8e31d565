-- What does the session run? With a digest by which to tell later whether it still does.

SELECT sha256(convert_to(a.query, 'SQL_ASCII')),
       a.query,
       (extract(epoch FROM clock_timestamp()) * 1000000)::bigint
FROM pg_catalog.pg_stat_activity a
WHERE a.pid = ?;
