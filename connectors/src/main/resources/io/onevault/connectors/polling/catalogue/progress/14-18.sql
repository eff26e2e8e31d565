-- Which long operations run, and how far are they?
--
-- poll: progress
-- interval: 15s
-- requires: role pg_monitor
-- metric: operations_running | gauge | count | PERFORMANCE | Running vacuums, index builds, base backups and copies, by kind
-- metric: operation_progress_pct | gauge | % | PERFORMANCE | How far an operation's present phase is
-- metric: operation_age_seconds | gauge | s | PERFORMANCE | How long an operation has run

-- The columns that all versions share.
WITH operations AS (
    SELECT 'vacuum' AS operation, pid, datid, relid, phase,
           100.0 * CASE WHEN phase = 'scanning heap' THEN heap_blks_scanned
                        WHEN phase = 'vacuuming heap' THEN heap_blks_vacuumed END
               / nullif(heap_blks_total, 0) AS pct
    FROM pg_stat_progress_vacuum
    UNION ALL
    SELECT 'analyze', pid, datid, relid, phase,
           100.0 * sample_blks_scanned / nullif(sample_blks_total, 0)
    FROM pg_stat_progress_analyze
    UNION ALL
    SELECT 'create index', pid, datid, relid, phase,
           100.0 * blocks_done / nullif(blocks_total, 0)
    FROM pg_stat_progress_create_index
    UNION ALL
    SELECT 'cluster', pid, datid, relid, phase,
           100.0 * heap_blks_scanned / nullif(heap_blks_total, 0)
    FROM pg_stat_progress_cluster
    UNION ALL
    SELECT 'base backup', pid, NULL, NULL, phase,
           100.0 * backup_streamed / nullif(backup_total, 0)
    FROM pg_stat_progress_basebackup
    UNION ALL
    SELECT 'copy', pid, datid, relid, command,
           100.0 * bytes_processed / nullif(bytes_total, 0)
    FROM pg_stat_progress_copy
),
kinds AS (
    SELECT unnest(ARRAY['vacuum', 'analyze', 'create index', 'cluster', 'base backup', 'copy'])
        AS operation
)
SELECT clock_timestamp() AS measured_at,
       k.operation AS label_operation,
       count(o.pid) AS operations_running
FROM kinds k
LEFT JOIN operations o ON o.operation = k.operation
GROUP BY k.operation;

-- The longest ones; names of relations are known in this database only.
WITH operations AS (
    SELECT 'vacuum' AS operation, pid, datid, relid, phase,
           100.0 * CASE WHEN phase = 'scanning heap' THEN heap_blks_scanned
                        WHEN phase = 'vacuuming heap' THEN heap_blks_vacuumed END
               / nullif(heap_blks_total, 0) AS pct
    FROM pg_stat_progress_vacuum
    UNION ALL
    SELECT 'analyze', pid, datid, relid, phase,
           100.0 * sample_blks_scanned / nullif(sample_blks_total, 0)
    FROM pg_stat_progress_analyze
    UNION ALL
    SELECT 'create index', pid, datid, relid, phase,
           100.0 * blocks_done / nullif(blocks_total, 0)
    FROM pg_stat_progress_create_index
    UNION ALL
    SELECT 'cluster', pid, datid, relid, phase,
           100.0 * heap_blks_scanned / nullif(heap_blks_total, 0)
    FROM pg_stat_progress_cluster
    UNION ALL
    SELECT 'base backup', pid, NULL, NULL, phase,
           100.0 * backup_streamed / nullif(backup_total, 0)
    FROM pg_stat_progress_basebackup
    UNION ALL
    SELECT 'copy', pid, datid, relid, command,
           100.0 * bytes_processed / nullif(bytes_total, 0)
    FROM pg_stat_progress_copy
)
SELECT clock_timestamp() AS measured_at,
       o.operation AS label_operation,
       coalesce(d.datname, '') AS label_database,
       coalesce(n.nspname || '.' || c.relname, '') AS label_relation,
       max(o.pct) AS operation_progress_pct,
       extract(epoch FROM clock_timestamp() - min(a.query_start)) AS operation_age_seconds
FROM operations o
LEFT JOIN pg_stat_activity a ON a.pid = o.pid
LEFT JOIN pg_database d ON d.oid = o.datid
LEFT JOIN pg_class c ON c.oid = o.relid AND d.datname = current_database()
LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
GROUP BY 2, 3, 4
ORDER BY 6 DESC NULLS LAST
LIMIT current_setting('onevault.top_n')::int;
