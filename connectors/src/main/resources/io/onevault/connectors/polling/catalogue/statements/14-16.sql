-- Which statements take the server's time, and how long do they take?
--
-- poll: statements
-- interval: 60s
-- requires: role pg_monitor
-- requires: extension pg_stat_statements
-- metric: avg_query_time_ms | ratio | ms | PERFORMANCE | warning>500 | critical>1000 | Mean execution time of all statements
-- metric: queries | counter | per_second | PERFORMANCE | Statements executed
-- metric: slow_queries | gauge | count | PERFORMANCE | warning>5 | critical>20 | Distinct statements whose mean since the last look exceeds 1000 ms
-- metric: critical_queries | gauge | count | PERFORMANCE | warning>1 | critical>5 | Distinct statements whose mean since the last look exceeds 5000 ms
-- metric: statements_tracked | gauge | count | PERFORMANCE | Distinct statements the server remembers
-- metric: statements_forgotten | counter | per_second | PERFORMANCE | Times the least used statements were dropped to make room
-- metric: statement_mean_ms | ratio | ms | PERFORMANCE | Mean execution time of a statement
-- metric: statement_calls | counter | per_second | PERFORMANCE | Executions of a statement
-- metric: statement_time_ms | counter | ms_per_second | PERFORMANCE | Execution time of a statement
-- metric: statement_rows | counter | per_second | PERFORMANCE | Rows a statement returned or changed
-- metric: statement_max_ms | gauge | ms | PERFORMANCE | Longest execution of a statement since statistics were reset
-- metric: statement_blocks_read | counter | per_second | PERFORMANCE | Blocks a statement read from outside shared buffers
-- metric: statement_read_time_ms | counter | ms_per_second | PERFORMANCE | Time a statement waited for blocks, with track_io_timing
-- metric: statement_temp_blocks | counter | per_second | PERFORMANCE | Blocks a statement wrote to temporary files
-- metric: role_statement_mean_ms | ratio | ms | PERFORMANCE | Mean execution time of a role's statements
-- metric: role_statement_calls | counter | per_second | PERFORMANCE | Executions of a role's statements
-- metric: role_statement_time_ms | counter | ms_per_second | PERFORMANCE | Execution time of a role's statements

-- pg_stat_statements(false) leaves the texts on disk alone. Nested statements are part of the
-- statement that called them.
SELECT clock_timestamp() AS measured_at,
       greatest(max(i.stats_reset), pg_postmaster_start_time()) AS counter_epoch,
       sum(s.total_exec_time) AS avg_query_time_ms,
       sum(s.calls) AS avg_query_time_ms__per,
       sum(s.calls) AS queries,
       count(*) AS statements_tracked,
       max(i.dealloc) AS statements_forgotten
FROM ${schema:pg_stat_statements}.pg_stat_statements(false) s
CROSS JOIN ${schema:pg_stat_statements}.pg_stat_statements_info i
WHERE s.toplevel;

-- The statements with most time.
-- A statement that was dropped from the view and comes back begins at zero: its counters fall.
SELECT clock_timestamp() AS measured_at,
       coalesce(substring(r.rolname FROM nullif(current_setting('onevault.tenant_of_role'), '')), '')
           AS tenant,
       s.queryid AS label_queryid,
       coalesce(r.rolname, s.userid::text) AS label_user,
       coalesce(d.datname, s.dbid::text) AS label_database,
       greatest(i.stats_reset, pg_postmaster_start_time()) AS counter_epoch,
       s.total_exec_time AS statement_mean_ms,
       s.calls AS statement_mean_ms__per,
       s.calls AS statement_calls,
       s.total_exec_time AS statement_time_ms,
       s.rows AS statement_rows,
       s.max_exec_time AS statement_max_ms,
       s.shared_blks_read AS statement_blocks_read,
       s.blk_read_time AS statement_read_time_ms,
       s.temp_blks_written AS statement_temp_blocks
FROM ${schema:pg_stat_statements}.pg_stat_statements(false) s
CROSS JOIN ${schema:pg_stat_statements}.pg_stat_statements_info i
LEFT JOIN pg_roles r ON r.oid = s.userid
LEFT JOIN pg_database d ON d.oid = s.dbid
WHERE s.toplevel AND s.queryid IS NOT NULL
ORDER BY s.total_exec_time DESC
LIMIT current_setting('onevault.top_n')::int;

-- Roles with most time.
SELECT clock_timestamp() AS measured_at,
       coalesce(substring(r.rolname FROM nullif(current_setting('onevault.tenant_of_role'), '')), '')
           AS tenant,
       r.rolname AS label_user,
       greatest(max(i.stats_reset), pg_postmaster_start_time()) AS counter_epoch,
       sum(s.total_exec_time) AS role_statement_mean_ms,
       sum(s.calls) AS role_statement_mean_ms__per,
       sum(s.calls) AS role_statement_calls,
       sum(s.total_exec_time) AS role_statement_time_ms
FROM ${schema:pg_stat_statements}.pg_stat_statements(false) s
CROSS JOIN ${schema:pg_stat_statements}.pg_stat_statements_info i
JOIN pg_roles r ON r.oid = s.userid
WHERE s.toplevel
GROUP BY r.rolname
ORDER BY sum(s.total_exec_time) DESC
LIMIT current_setting('onevault.top_n')::int;

-- Every statement's calls and time, of which the collector counts the slow ones since its last look.
SELECT clock_timestamp() AS measured_at,
       s.userid || '/' || s.dbid || '/' || coalesce(s.queryid::text, '') AS delta_key,
       s.calls AS delta_calls,
       s.total_exec_time AS delta_time_ms
FROM ${schema:pg_stat_statements}.pg_stat_statements(false) s
WHERE s.toplevel;
