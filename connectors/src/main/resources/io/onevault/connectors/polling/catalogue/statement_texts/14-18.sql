-- What do the statements that take most time say?
--
-- poll: statement_texts
-- interval: 1h
-- requires: role pg_monitor
-- requires: extension pg_stat_statements
-- fact: statement, ranked

-- The server has put placeholders for constants, but not in every case: utility statements keep
-- theirs, so only queries and data changes are read, and what still looks like a constant or a
-- comment is masked.
WITH longest AS (
    SELECT s.queryid, s.userid, s.dbid, left(s.query, 4000) AS query
    FROM ${schema:pg_stat_statements}.pg_stat_statements s
    WHERE s.toplevel AND s.queryid IS NOT NULL
      AND s.query ~* '^\s*(SELECT|INSERT|UPDATE|DELETE|MERGE|WITH|VALUES|TABLE)\M'
    ORDER BY s.total_exec_time DESC
    LIMIT current_setting('onevault.top_n')::int
),
without_comments AS (
    SELECT queryid, userid, dbid,
           regexp_replace(regexp_replace(query, '/\*.*?\*/', ' ', 'g'), '--[^\n]*', ' ', 'g') AS query
    FROM longest
),
without_strings AS (
    SELECT queryid, userid, dbid,
           regexp_replace(
               regexp_replace(
                   regexp_replace(query, '\$([A-Za-z_]*)\$.*?\$\1\$', '?', 'g'),
                   '[eE]''([^''\\]|\\.|'''')*(''|$)', '?', 'g'),
               '''([^'']|'''')*(''|$)', '?', 'g') AS query
    FROM without_comments
)
SELECT clock_timestamp() AS measured_at,
       coalesce(d.datname, t.dbid::text) || '/' || coalesce(r.rolname, t.userid::text) || '/'
           || t.queryid AS key,
       coalesce(d.datname, t.dbid::text) AS database,
       coalesce(r.rolname, t.userid::text) AS "user",
       t.queryid AS queryid,
       regexp_replace(t.query, '(?<![$\w."])\d[\d.]*([eE][+-]?\d+)?', '?', 'g') AS text
FROM without_strings t
LEFT JOIN pg_roles r ON r.oid = t.userid
LEFT JOIN pg_database d ON d.oid = t.dbid;
