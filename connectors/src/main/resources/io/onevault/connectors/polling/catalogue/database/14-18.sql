-- How large is each database, how much does it do, and does it lose or spoil anything?
--
-- poll: database
-- interval: 30s
-- requires: role pg_monitor
-- metric: database_size_bytes | gauge | bytes | CAPACITY | Size of a database's files
-- metric: database_size_gb | gauge | GB | PERFORMANCE | warning>50 | critical>80 | Size of a database's files, in units of 1024^3 bytes
-- metric: xact_commit | counter | per_second | PERFORMANCE | Transactions committed
-- metric: xact_rollback | counter | per_second | PERFORMANCE | Transactions rolled back
-- metric: rollback_ratio_pct | ratio | % | PERFORMANCE | warning>10 | critical>30 | Share of transactions that were rolled back
-- metric: cache_hit_ratio_pct | ratio | % | PERFORMANCE | warning<95 | critical<90 | Share of block reads served from shared buffers
-- metric: blocks_read | counter | per_second | PERFORMANCE | Blocks read from outside shared buffers
-- metric: blocks_hit | counter | per_second | PERFORMANCE | Blocks found in shared buffers
-- metric: tuples_returned | counter | per_second | PERFORMANCE | Rows read by scans
-- metric: tuples_fetched | counter | per_second | PERFORMANCE | Rows fetched by index scans
-- metric: tuples_inserted | counter | per_second | PERFORMANCE | Rows inserted
-- metric: tuples_updated | counter | per_second | PERFORMANCE | Rows updated
-- metric: tuples_deleted | counter | per_second | PERFORMANCE | Rows deleted
-- metric: temp_files | counter | per_second | PERFORMANCE | Temporary files written by queries
-- metric: temp_bytes | counter | bytes_per_second | PERFORMANCE | Bytes written to temporary files by queries
-- metric: deadlocks | counter | per_second | PERFORMANCE | Deadlocks the server ended
-- metric: recovery_conflicts | counter | per_second | AVAILABILITY | Queries cancelled by replay on a standby
-- metric: checksum_failures | gauge | count | AVAILABILITY | critical>1 | worst | Pages found damaged since the statistics were reset
-- metric: sessions_abandoned | counter | per_second | AVAILABILITY | Sessions whose client was lost
-- metric: sessions_fatal | counter | per_second | AVAILABILITY | Sessions ended by a fatal error
-- metric: sessions_killed | counter | per_second | AVAILABILITY | Sessions ended by an operator

-- pg_database_size reads directories and takes no lock on relations.
SELECT clock_timestamp() AS measured_at,
       d.datname AS label_database,
       greatest(s.stats_reset, pg_postmaster_start_time()) AS counter_epoch,
       pg_database_size(d.oid) AS database_size_bytes,
       pg_database_size(d.oid) / 1073741824.0 AS database_size_gb,
       s.xact_commit,
       s.xact_rollback,
       100.0 * s.xact_rollback AS rollback_ratio_pct,
       s.xact_commit + s.xact_rollback AS rollback_ratio_pct__per,
       100.0 * s.blks_hit AS cache_hit_ratio_pct,
       s.blks_hit + s.blks_read AS cache_hit_ratio_pct__per,
       s.blks_read AS blocks_read,
       s.blks_hit AS blocks_hit,
       s.tup_returned AS tuples_returned,
       s.tup_fetched AS tuples_fetched,
       s.tup_inserted AS tuples_inserted,
       s.tup_updated AS tuples_updated,
       s.tup_deleted AS tuples_deleted,
       s.temp_files,
       s.temp_bytes,
       s.deadlocks,
       s.conflicts AS recovery_conflicts,
       s.checksum_failures,
       s.sessions_abandoned,
       s.sessions_fatal,
       s.sessions_killed
FROM pg_database d
JOIN pg_stat_database s ON s.datid = d.oid
WHERE d.datallowconn AND NOT d.datistemplate
ORDER BY s.xact_commit DESC
LIMIT current_setting('onevault.top_relations')::int;
