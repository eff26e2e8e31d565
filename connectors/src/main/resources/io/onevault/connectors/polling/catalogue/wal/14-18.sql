-- How much WAL is written, and how much of it lies on disk?
--
-- poll: wal
-- interval: 30s
-- requires: role pg_monitor
-- metric: wal_bytes | counter | bytes_per_second | CAPACITY | WAL generated
-- metric: wal_records | counter | per_second | PERFORMANCE | WAL records generated
-- metric: wal_full_page_images | counter | per_second | PERFORMANCE | Full page images in the WAL
-- metric: wal_buffers_full | counter | per_second | PERFORMANCE | Times WAL had to be written because its buffers were full
-- metric: wal_files | gauge | count | CAPACITY | WAL files on disk
-- metric: wal_size_bytes | gauge | bytes | CAPACITY | Size of the WAL files on disk
-- metric: wal_files_recent | gauge | count | CAPACITY | WAL files written in the last hour

-- The columns that all versions share; 18 moved the write and sync figures to pg_stat_io.
SELECT clock_timestamp() AS measured_at,
       greatest(stats_reset, pg_postmaster_start_time()) AS counter_epoch,
       wal_bytes,
       wal_records,
       wal_fpi AS wal_full_page_images,
       wal_buffers_full
FROM pg_stat_wal;

SELECT clock_timestamp() AS measured_at,
       count(*) AS wal_files,
       coalesce(sum(size), 0) AS wal_size_bytes,
       count(*) FILTER (WHERE modification > clock_timestamp() - interval '1 hour')
           AS wal_files_recent
FROM pg_ls_waldir();
