-- Which indexes are large, unused, duplicate or broken?
--
-- poll: indexes
-- interval: 5m
-- requires: role pg_monitor
-- metric: index_size_bytes | gauge | bytes | CAPACITY | Size of an index as of its table's last vacuum or analyze
-- metric: index_scans | counter | per_second | PERFORMANCE | Scans of an index
-- metric: index_rows_read | counter | per_second | PERFORMANCE | Entries a scan returned
-- metric: indexes_total | gauge | count | CAPACITY | Indexes of a database
-- metric: indexes_invalid | gauge | count | PERFORMANCE | warning>1 | Indexes that a failed build left unusable
-- metric: indexes_unused | gauge | count | PERFORMANCE | Indexes without a scan since statistics were reset that enforce nothing
-- metric: indexes_unused_bytes | gauge | bytes | CAPACITY | Size of such indexes
-- metric: indexes_duplicate | gauge | count | PERFORMANCE | Indexes that equal another of their table in columns, order, expression and predicate
-- metric: indexes_duplicate_bytes | gauge | bytes | CAPACITY | Size of such indexes

WITH indexes AS (
    SELECT i.indexrelid, i.indrelid, n.nspname, t.relname AS tablename, x.relname AS indexname,
           x.relpages * current_setting('block_size')::bigint AS bytes,
           pg_stat_get_numscans(i.indexrelid) AS scans,
           pg_stat_get_tuples_returned(i.indexrelid) AS rows_read
    FROM pg_index i
    JOIN pg_class x ON x.oid = i.indexrelid
    JOIN pg_class t ON t.oid = i.indrelid
    JOIN pg_namespace n ON n.oid = t.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      AND x.relkind = 'i' AND x.relpersistence <> 't'
)
SELECT clock_timestamp() AS measured_at,
       current_database() AS label_database,
       i.nspname AS label_schema,
       i.tablename AS label_table,
       i.indexname AS label_index,
       greatest(d.stats_reset, pg_postmaster_start_time()) AS counter_epoch,
       i.bytes AS index_size_bytes,
       i.scans AS index_scans,
       i.rows_read AS index_rows_read
FROM indexes i
CROSS JOIN pg_stat_database d
WHERE d.datname = current_database()
ORDER BY i.bytes DESC, i.nspname, i.indexname
LIMIT current_setting('onevault.top_relations')::int;

-- Of equal indexes the one to keep comes first: unique, then oldest.
WITH indexes AS (
    SELECT i.indexrelid, i.indisvalid,
           x.relpages * current_setting('block_size')::bigint AS bytes,
           pg_stat_get_numscans(i.indexrelid) AS scans,
           i.indisunique OR i.indisexclusion AS enforces,
           row_number() OVER (
               PARTITION BY i.indrelid, x.relam, i.indkey::text, i.indclass::text,
                   i.indoption::text, i.indcollation::text, i.indexprs::text, i.indpred::text
               ORDER BY i.indisunique DESC, i.indexrelid) AS position
    FROM pg_index i
    JOIN pg_class x ON x.oid = i.indexrelid
    JOIN pg_namespace n ON n.oid = x.relnamespace
    WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast')
      AND x.relkind = 'i' AND x.relpersistence <> 't'
)
SELECT clock_timestamp() AS measured_at,
       current_database() AS label_database,
       count(*) AS indexes_total,
       count(*) FILTER (WHERE NOT indisvalid) AS indexes_invalid,
       count(*) FILTER (WHERE scans = 0 AND NOT enforces) AS indexes_unused,
       coalesce(sum(bytes) FILTER (WHERE scans = 0 AND NOT enforces), 0) AS indexes_unused_bytes,
       count(*) FILTER (WHERE position > 1) AS indexes_duplicate,
       coalesce(sum(bytes) FILTER (WHERE position > 1), 0) AS indexes_duplicate_bytes
FROM indexes;
