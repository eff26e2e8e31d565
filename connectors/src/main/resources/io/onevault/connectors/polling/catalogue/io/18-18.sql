-- Which kind of process reads and writes, and for what?
--
-- poll: io
-- interval: 30s
-- requires: role pg_monitor
-- metric: io_reads | counter | per_second | PERFORMANCE | Reads from outside shared buffers
-- metric: io_read_bytes | counter | bytes_per_second | PERFORMANCE | Bytes read from outside shared buffers
-- metric: io_read_time_ms | ratio | ms | PERFORMANCE | Mean time of a read, with track_io_timing
-- metric: io_writes | counter | per_second | PERFORMANCE | Writes
-- metric: io_write_bytes | counter | bytes_per_second | PERFORMANCE | Bytes written, extended files included
-- metric: io_extends | counter | per_second | PERFORMANCE | Extensions of files
-- metric: io_hits | counter | per_second | PERFORMANCE | Blocks found in shared buffers
-- metric: io_evictions | counter | per_second | PERFORMANCE | Blocks put out of shared buffers to make room
-- metric: io_fsyncs | counter | per_second | PERFORMANCE | Syncs of files

SELECT clock_timestamp() AS measured_at,
       backend_type AS label_backend,
       object AS label_object,
       context AS label_context,
       greatest(stats_reset, pg_postmaster_start_time()) AS counter_epoch,
       reads AS io_reads,
       read_bytes AS io_read_bytes,
       CASE WHEN current_setting('track_io_timing')::bool THEN read_time END AS io_read_time_ms,
       reads AS io_read_time_ms__per,
       writes AS io_writes,
       coalesce(write_bytes, 0) + coalesce(extend_bytes, 0) AS io_write_bytes,
       extends AS io_extends,
       hits AS io_hits,
       evictions AS io_evictions,
       fsyncs AS io_fsyncs
FROM pg_stat_io
WHERE coalesce(reads, 0) + coalesce(writes, 0) + coalesce(extends, 0) + coalesce(hits, 0)
    + coalesce(evictions, 0) + coalesce(fsyncs, 0) > 0;
