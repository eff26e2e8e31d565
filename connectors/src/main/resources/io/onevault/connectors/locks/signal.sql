-- May this session be signalled, and if so: signal it. Answers the rule that refuses (empty for none), the server's
-- clock, and whether the signal was sent.
--
-- The manual (Expression Evaluation Rules) promises no order of evaluation within a WHERE clause, but that CASE
-- evaluates a branch only when its condition holds; its exception, the early folding of constants, does not concern
-- volatile functions such as pg_cancel_backend. A WITH query marked MATERIALIZED is computed separately from the
-- statement around it and at most once (WITH Queries), so that the verdict exists before the outer CASE looks at it.
-- pg_stat_activity is read afresh, once in this transaction, which is this statement. From reading it to the signal
-- only the verdict is computed; the server itself cannot do better, for a signal goes to a process id.

WITH asked AS MATERIALIZED (
    SELECT ?::int AS pid,
           ?::bigint AS backend_start,
           ?::bigint AS xact_start,
           ?::boolean AS idle,
           ?::text AS signal,
           ?::bytea AS statement,
           ?::boolean AS wrote,
           ?::int[] AS victim_pids,
           ?::bigint[] AS victim_starts,
           ?::bigint AS blocking_since,
           ?::bigint * interval '1 microsecond' AS minimum_wait,
           ?::bigint AS not_after,
           ?::text[] AS users,
           ?::text[] AS roles,
           ?::text[] AS applications
),
verdict AS MATERIALIZED (
    SELECT asked.pid,
           asked.signal,
           CASE
        WHEN s.pid IS NULL THEN 'gone'
        WHEN s.pid = pg_backend_pid() THEN 'own session'
        WHEN s.query IS NULL OR s.query = '<insufficient privilege>' THEN 'hidden'
        WHEN (extract(epoch FROM s.backend_start) * 1000000)::bigint IS DISTINCT FROM asked.backend_start
            THEN 'pid reused'
        WHEN (extract(epoch FROM clock_timestamp()) * 1000000)::bigint > asked.not_after THEN 'too late'
        WHEN s.backend_type IS DISTINCT FROM 'client backend' THEN 'backend type'
        WHEN r.oid IS NULL OR r.rolsuper THEN 'superuser'
        WHEN s.usename = session_user OR starts_with(lower(s.application_name), 'onevault') THEN 'own session'
        WHEN r.rolreplication THEN 'replication role'
        WHEN lower(s.usename) IN (SELECT lower(u) FROM unnest(asked.users) u) THEN 'admin user'
        WHEN EXISTS (
            -- MEMBER counts membership through other roles, and without inheritance too: SET ROLE would do.
            SELECT
            FROM pg_catalog.pg_roles g
            WHERE (g.rolsuper OR g.rolname = ANY (asked.roles))
              AND pg_has_role(s.usesysid, g.oid, 'MEMBER')) THEN 'admin role'
        WHEN /* vault roles */ false THEN 'vault role'
        WHEN EXISTS (
            SELECT
            FROM unnest(asked.applications) tool,
                 ltrim(substr(lower(btrim(s.application_name)), length(tool) + 1), '0123456789') rest
            WHERE starts_with(lower(btrim(s.application_name)), lower(tool))
              AND left(rest, 1) IN ('', ' ', '/', '[', ':', '(')) THEN 'application'
        WHEN EXISTS (SELECT FROM pg_catalog.pg_replication_slots p WHERE p.active_pid = s.pid) THEN 'replication slot'
        -- What the server itself says it does, whatever the statement's text shows.
        WHEN s.pid IN (
            SELECT p.pid FROM pg_catalog.pg_stat_progress_copy p WHERE p.command IS DISTINCT FROM 'COPY FROM'
            UNION ALL SELECT p.pid FROM pg_catalog.pg_stat_progress_vacuum p
            UNION ALL SELECT p.pid FROM pg_catalog.pg_stat_progress_analyze p
            UNION ALL SELECT p.pid FROM pg_catalog.pg_stat_progress_cluster p
            UNION ALL SELECT p.pid FROM pg_catalog.pg_stat_progress_create_index p
            UNION ALL SELECT p.pid FROM pg_catalog.pg_stat_progress_basebackup p) THEN 'maintenance'
        -- See signal_statement.sql. Dumps never write: of who has, the statement is judged by what it shows.
        WHEN s.backend_xid IS NULL AND octet_length(s.query) >= (
            SELECT g.setting::int - 4 FROM pg_catalog.pg_settings g WHERE g.name = 'track_activity_query_size')
            THEN 'statement cut'
        WHEN sha256(convert_to(s.query, 'SQL_ASCII')) IS DISTINCT FROM asked.statement
            OR asked.wrote AND s.backend_xid IS NULL THEN 'statement changed'
        WHEN (extract(epoch FROM s.xact_start) * 1000000)::bigint IS DISTINCT FROM asked.xact_start
            THEN 'other transaction'
        WHEN asked.idle AND coalesce(s.state, '') NOT LIKE 'idle in transaction%' THEN 'state'
        WHEN NOT asked.idle AND s.state IS DISTINCT FROM 'active'
            AND NOT (asked.signal = 'TERMINATE' AND coalesce(s.state, '') LIKE 'idle in transaction%') THEN 'state'
        -- Between the statements of a dump nothing tells it from others but this: it has written nothing, and keeps its
        -- snapshot while it idles. What it runs long is known by its text; a short statement is not waited for.
        WHEN s.backend_xid IS NULL AND s.xact_start < s.query_start
            AND (s.state = 'active' AND s.query_start > clock_timestamp() - asked.minimum_wait
                OR s.state <> 'active' AND s.backend_xmin IS NOT NULL) THEN 'reader'
        -- Of a parallel query each worker may wait, and the leader for it.
        WHEN EXISTS (
            SELECT
            FROM pg_catalog.pg_stat_activity g
            WHERE (g.pid = s.pid OR g.leader_pid = s.pid)
              AND cardinality(pg_blocking_pids(g.pid)) > 0) THEN 'waits itself'
        WHEN NOT EXISTS (
            SELECT
            FROM unnest(asked.victim_pids, asked.victim_starts) v (pid, started)
            JOIN pg_catalog.pg_stat_activity w ON w.pid = v.pid
            JOIN pg_catalog.pg_locks l ON l.pid = v.pid AND NOT l.granted
            WHERE (extract(epoch FROM w.backend_start) * 1000000)::bigint = v.started
              AND l.waitstart <= clock_timestamp() - asked.minimum_wait
              AND s.pid = ANY (pg_blocking_pids(v.pid))) THEN 'still blocking'
        -- The victim may have waited for another session most of that time, or this one be idle between two statements.
        WHEN s.xact_start > clock_timestamp() - asked.minimum_wait
            OR to_timestamp(asked.blocking_since / 1000000.0) > clock_timestamp() - asked.minimum_wait
            OR s.state <> 'active' AND s.state_change > clock_timestamp() - asked.minimum_wait THEN 'too soon'
        ELSE ''
           END AS rule
    FROM asked
    LEFT JOIN pg_catalog.pg_stat_activity s ON s.pid = asked.pid
    LEFT JOIN pg_catalog.pg_roles r ON r.oid = s.usesysid
)
SELECT rule,
       (extract(epoch FROM clock_timestamp()) * 1000000)::bigint,
       CASE WHEN rule <> '' THEN false
            WHEN signal = 'CANCEL' THEN pg_cancel_backend(pid)
            WHEN signal = 'TERMINATE' THEN pg_terminate_backend(pid)
            ELSE false
       END
FROM verdict;
