-- Are checkpoints spread out, or forced by too much WAL, and who writes dirty buffers?
--
-- poll: checkpoints
-- interval: 30s
-- requires: role pg_monitor
-- metric: checkpoints_timed | counter | per_second | PERFORMANCE | Checkpoints begun because it was time
-- metric: checkpoints_requested | counter | per_second | PERFORMANCE | Checkpoints begun because of WAL volume or by command
-- metric: checkpoints_requested_pct | ratio | % | PERFORMANCE | warning>50 | critical>90 | Share of checkpoints that were requested
-- metric: checkpoint_write_time_ms | counter | ms_per_second | PERFORMANCE | Time checkpoints spent writing
-- metric: checkpoint_sync_time_ms | counter | ms_per_second | PERFORMANCE | Time checkpoints spent syncing
-- metric: checkpoint_buffers | counter | per_second | PERFORMANCE | Buffers checkpoints wrote
-- metric: checkpoint_age_seconds | gauge | s | AVAILABILITY | Time since the last checkpoint
-- metric: bgwriter_buffers | counter | per_second | PERFORMANCE | Buffers the background writer wrote
-- metric: bgwriter_rounds_cut | counter | per_second | PERFORMANCE | Times the background writer stopped because it had written enough
-- metric: buffers_allocated | counter | per_second | PERFORMANCE | Buffers allocated
-- metric: backend_buffers | counter | per_second | PERFORMANCE | Buffers that sessions had to write themselves; from version 17 on see io_writes
-- metric: backend_fsyncs | counter | per_second | PERFORMANCE | Times a session had to sync a file itself; from version 17 on see io_fsyncs

SELECT clock_timestamp() AS measured_at,
       greatest(stats_reset, pg_postmaster_start_time()) AS counter_epoch,
       checkpoints_timed,
       checkpoints_req AS checkpoints_requested,
       100.0 * checkpoints_req AS checkpoints_requested_pct,
       checkpoints_timed + checkpoints_req AS checkpoints_requested_pct__per,
       checkpoint_write_time AS checkpoint_write_time_ms,
       checkpoint_sync_time AS checkpoint_sync_time_ms,
       buffers_checkpoint AS checkpoint_buffers,
       extract(epoch FROM clock_timestamp() - c.checkpoint_time) AS checkpoint_age_seconds,
       buffers_clean AS bgwriter_buffers,
       maxwritten_clean AS bgwriter_rounds_cut,
       buffers_alloc AS buffers_allocated,
       buffers_backend AS backend_buffers,
       buffers_backend_fsync AS backend_fsyncs
FROM pg_stat_bgwriter
CROSS JOIN pg_control_checkpoint() c;
