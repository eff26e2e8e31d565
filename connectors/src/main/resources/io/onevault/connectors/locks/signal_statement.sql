-- What does the session run? With a digest by which to tell later whether it still does, whether its transaction has
-- written, and whether the server has cut the text: it keeps track_activity_query_size - 1 bytes and then drops what is
-- left of a character of up to 4.

SELECT sha256(convert_to(a.query, 'SQL_ASCII')),
       a.query,
       (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
       a.backend_xid IS NOT NULL,
       octet_length(a.query) >= (
           SELECT g.setting::int - 4 FROM pg_catalog.pg_settings g WHERE g.name = 'track_activity_query_size')
FROM pg_catalog.pg_stat_activity a
WHERE a.pid = ?;
