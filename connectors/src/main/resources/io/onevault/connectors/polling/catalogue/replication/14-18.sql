-- How far are standbys and subscribers behind, seen from this server?
--
-- poll: replication
-- interval: 10s
-- requires: role pg_monitor
-- metric: replication_connections | gauge | connections | AVAILABILITY | Standbys, subscribers and backups that stream WAL
-- metric: replication_write_lag_seconds | gauge | s | AVAILABILITY | Time until recent WAL was written by a receiver
-- metric: replication_flush_lag_seconds | gauge | s | AVAILABILITY | Time until recent WAL was flushed by a receiver
-- metric: replication_replay_lag_seconds | gauge | s | AVAILABILITY | warning>10 | critical>60 | Time until recent WAL was replayed by a receiver
-- metric: replication_sent_lag_bytes | gauge | bytes | AVAILABILITY | WAL not yet sent to a receiver
-- metric: replication_write_lag_bytes | gauge | bytes | AVAILABILITY | WAL not yet written by a receiver
-- metric: replication_flush_lag_bytes | gauge | bytes | AVAILABILITY | WAL not yet flushed by a receiver
-- metric: replication_replay_lag_bytes | gauge | bytes | AVAILABILITY | warning>104857600 | critical>1073741824 | WAL not yet replayed by a receiver
-- metric: standby_receiving | gauge | count | AVAILABILITY | critical<0 | worst | 1 when this standby is connected to its source, 0 when not
-- metric: standby_replay_lag_seconds | gauge | s | AVAILABILITY | warning>60 | critical>600 | Age of the last transaction this standby replayed, 0 when it has replayed all it received
-- metric: standby_replay_lag_bytes | gauge | bytes | AVAILABILITY | WAL this standby received and has not replayed

SELECT clock_timestamp() AS measured_at,
       count(*) AS replication_connections
FROM pg_stat_replication;

-- A lag is null when nothing was sent lately: it is 0 if the receiver has everything.
WITH position AS (
    SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_receive_lsn()
                ELSE pg_current_wal_lsn() END AS lsn
),
receivers AS (
    SELECT r.*, p.lsn,
           replay_lsn >= p.lsn AS caught_up
    FROM pg_stat_replication r
    CROSS JOIN position p
)
SELECT clock_timestamp() AS measured_at,
       application_name AS label_receiver,
       coalesce(host(client_addr), 'local') AS label_address,
       state AS label_state,
       sync_state AS label_sync,
       coalesce(extract(epoch FROM max(write_lag)), CASE WHEN bool_and(caught_up) THEN 0 END)
           AS replication_write_lag_seconds,
       coalesce(extract(epoch FROM max(flush_lag)), CASE WHEN bool_and(caught_up) THEN 0 END)
           AS replication_flush_lag_seconds,
       coalesce(extract(epoch FROM max(replay_lag)), CASE WHEN bool_and(caught_up) THEN 0 END)
           AS replication_replay_lag_seconds,
       greatest(max(pg_wal_lsn_diff(lsn, sent_lsn)), 0) AS replication_sent_lag_bytes,
       greatest(max(pg_wal_lsn_diff(lsn, write_lsn)), 0) AS replication_write_lag_bytes,
       greatest(max(pg_wal_lsn_diff(lsn, flush_lsn)), 0) AS replication_flush_lag_bytes,
       greatest(max(pg_wal_lsn_diff(lsn, replay_lsn)), 0) AS replication_replay_lag_bytes
FROM receivers
GROUP BY application_name, client_addr, state, sync_state
ORDER BY application_name
LIMIT current_setting('onevault.top_n')::int;

-- This server as a standby; no row on a primary. One that has replayed no transaction since it was started is behind
-- for as long.
SELECT clock_timestamp() AS measured_at,
       (SELECT count(*) FROM pg_stat_wal_receiver WHERE status = 'streaming') AS standby_receiving,
       CASE WHEN pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() THEN 0
            ELSE extract(epoch FROM clock_timestamp()
                   - coalesce(pg_last_xact_replay_timestamp(), pg_postmaster_start_time())) END
           AS standby_replay_lag_seconds,
       pg_wal_lsn_diff(pg_last_wal_receive_lsn(), pg_last_wal_replay_lsn())
           AS standby_replay_lag_bytes
WHERE pg_is_in_recovery();
