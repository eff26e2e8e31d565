-- Does every WAL file reach the archive?
--
-- poll: archiver
-- interval: 30s
-- requires: role pg_monitor
-- metric: wal_archived | counter | per_second | AVAILABILITY | WAL files archived
-- metric: wal_archive_failed | counter | per_second | AVAILABILITY | Failed attempts to archive a WAL file
-- metric: wal_archive_failures | gauge | count | AVAILABILITY | Failed attempts to archive a WAL file since statistics were reset
-- metric: wal_archive_failing | gauge | count | AVAILABILITY | critical>1 | worst | 1 when the last attempt to archive a WAL file failed
-- metric: wal_archive_waiting | gauge | count | AVAILABILITY | warning>10 | critical>100 | WAL files that wait to be archived
-- metric: wal_last_archived_age_seconds | gauge | s | AVAILABILITY | Time since a WAL file was archived

SELECT clock_timestamp() AS measured_at,
       greatest(stats_reset, pg_postmaster_start_time()) AS counter_epoch,
       archived_count AS wal_archived,
       failed_count AS wal_archive_failed,
       failed_count AS wal_archive_failures,
       coalesce(last_failed_time > coalesce(last_archived_time, '-infinity'), false)::int
           AS wal_archive_failing,
       extract(epoch FROM clock_timestamp() - last_archived_time) AS wal_last_archived_age_seconds
FROM pg_stat_archiver;

SELECT clock_timestamp() AS measured_at,
       count(*) FILTER (WHERE name LIKE '%.ready') AS wal_archive_waiting
FROM pg_ls_archive_statusdir();
