-- Which tables grow, decay, are scanned whole, or are left behind by vacuum?
--
-- poll: tables
-- interval: 60s
-- requires: role pg_monitor
-- metric: table_size_bytes | gauge | bytes | CAPACITY | Estimated size of a table with its indexes and TOAST
-- metric: table_live_tuples | gauge | count | CAPACITY | Estimated live rows of a table
-- metric: table_dead_tuples | gauge | count | PERFORMANCE | Estimated dead rows of a table
-- metric: table_dead_tuple_pct | gauge | % | PERFORMANCE | warning>15 | critical>30 | Share of a table's rows that are dead, for tables of 10000 rows or more
-- metric: table_modified_since_analyze | gauge | count | PERFORMANCE | Rows changed since the table was analyzed
-- metric: table_vacuum_age_seconds | gauge | s | PERFORMANCE | Time since the table was last vacuumed
-- metric: table_analyze_age_seconds | gauge | s | PERFORMANCE | Time since the table was last analyzed
-- metric: table_seq_scans | counter | per_second | PERFORMANCE | Scans of the whole table
-- metric: table_seq_rows | counter | per_second | PERFORMANCE | Rows read by scans of the whole table
-- metric: table_idx_scans | counter | per_second | PERFORMANCE | Scans by an index
-- metric: table_rows_inserted | counter | per_second | PERFORMANCE | Rows inserted
-- metric: table_rows_updated | counter | per_second | PERFORMANCE | Rows updated
-- metric: table_rows_deleted | counter | per_second | PERFORMANCE | Rows deleted
-- metric: tables_total | gauge | count | CAPACITY | Tables of a database
-- metric: dead_tuples_total | gauge | count | PERFORMANCE | Estimated dead rows of all tables of a database
-- metric: tables_needing_vacuum | gauge | count | PERFORMANCE | warning>10 | critical>50 | Tables with more than twice the dead rows at which autovacuum should begin

-- pg_relation_size would lock each table and wait for a user who locked it exclusively. Pages as of
-- the last vacuum or analyze, scaled by the rows gained since, need no lock.
WITH relations AS (
    SELECT c.oid, c.relname, n.nspname, c.reltoastrelid, c.relpages, c.reltuples
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm')
      AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('pg_catalog', 'information_schema')
),
pages AS (
    SELECT r.oid,
           r.relpages + coalesce(t.relpages, 0) + coalesce(sum(x.relpages), 0) AS pages
    FROM relations r
    LEFT JOIN pg_class t ON t.oid = r.reltoastrelid
    LEFT JOIN pg_index i ON i.indrelid IN (r.oid, r.reltoastrelid)
    LEFT JOIN pg_class x ON x.oid = i.indexrelid
    GROUP BY r.oid, r.relpages, t.relpages
),
activity AS (
    SELECT r.oid, r.nspname, r.relname, r.reltuples, p.pages,
           pg_stat_get_live_tuples(r.oid) AS live,
           pg_stat_get_dead_tuples(r.oid) AS dead,
           pg_stat_get_mod_since_analyze(r.oid) AS modified,
           greatest(pg_stat_get_last_vacuum_time(r.oid), pg_stat_get_last_autovacuum_time(r.oid))
               AS vacuumed,
           greatest(pg_stat_get_last_analyze_time(r.oid), pg_stat_get_last_autoanalyze_time(r.oid))
               AS analyzed
    FROM relations r
    JOIN pages p ON p.oid = r.oid
),
largest AS (
    SELECT *
    FROM activity
    ORDER BY pages DESC, live DESC, nspname, relname
    LIMIT current_setting('onevault.top_relations')::int
),
indexed AS (
    SELECT l.oid, sum(pg_stat_get_numscans(i.indexrelid)) AS scans
    FROM largest l
    JOIN pg_index i ON i.indrelid = l.oid
    GROUP BY l.oid
)
SELECT clock_timestamp() AS measured_at,
       coalesce(substring(l.nspname FROM nullif(current_setting('onevault.tenant_of_schema'), '')), '')
           AS tenant,
       current_database() AS label_database,
       l.nspname AS label_schema,
       l.relname AS label_table,
       greatest(d.stats_reset, pg_postmaster_start_time()) AS counter_epoch,
       CASE WHEN l.reltuples >= 0
           THEN l.pages * current_setting('block_size')::bigint
               * greatest(1, CASE WHEN l.reltuples > 0 THEN l.live / l.reltuples ELSE 1 END)
       END AS table_size_bytes,
       l.live AS table_live_tuples,
       l.dead AS table_dead_tuples,
       CASE WHEN l.live + l.dead >= 10000 THEN 100.0 * l.dead / (l.live + l.dead) END
           AS table_dead_tuple_pct,
       l.modified AS table_modified_since_analyze,
       extract(epoch FROM clock_timestamp() - l.vacuumed) AS table_vacuum_age_seconds,
       extract(epoch FROM clock_timestamp() - l.analyzed) AS table_analyze_age_seconds,
       pg_stat_get_numscans(l.oid) AS table_seq_scans,
       pg_stat_get_tuples_returned(l.oid) AS table_seq_rows,
       x.scans AS table_idx_scans,
       pg_stat_get_tuples_inserted(l.oid) AS table_rows_inserted,
       pg_stat_get_tuples_updated(l.oid) AS table_rows_updated,
       pg_stat_get_tuples_deleted(l.oid) AS table_rows_deleted
FROM largest l
LEFT JOIN indexed x ON x.oid = l.oid
CROSS JOIN pg_stat_database d
WHERE d.datname = current_database();

-- The database as a whole. Settings of single tables are not looked at.
WITH counted AS (
    SELECT c.reltuples, pg_stat_get_dead_tuples(c.oid) AS dead
    FROM pg_class c
    JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'm')
      AND c.relpersistence <> 't'
      AND n.nspname NOT IN ('pg_catalog', 'information_schema')
)
SELECT clock_timestamp() AS measured_at,
       current_database() AS label_database,
       count(*) AS tables_total,
       coalesce(sum(dead), 0) AS dead_tuples_total,
       count(*) FILTER (
           WHERE dead > 2 * (current_setting('autovacuum_vacuum_threshold')::float8
               + current_setting('autovacuum_vacuum_scale_factor')::float8 * greatest(reltuples, 0))
       ) AS tables_needing_vacuum
FROM counted;
