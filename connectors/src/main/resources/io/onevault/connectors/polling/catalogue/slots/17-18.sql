-- Does a replication slot hold WAL back, and will it be lost?
--
-- poll: slots
-- interval: 30s
-- requires: role pg_monitor
-- metric: slots_total | gauge | count | AVAILABILITY | Replication slots
-- metric: slots_inactive | gauge | count | AVAILABILITY | warning>1 | worst | Replication slots nobody reads
-- metric: slot_active | gauge | count | AVAILABILITY | 1 when somebody reads the slot
-- metric: slot_retained_wal_bytes | gauge | bytes | CAPACITY | warning>5368709120 | critical>21474836480 | WAL a slot holds back
-- metric: slot_unconfirmed_bytes | gauge | bytes | AVAILABILITY | WAL a logical slot's reader has not confirmed
-- metric: slot_safe_wal_bytes | gauge | bytes | AVAILABILITY | warning<1073741824 | critical<268435456 | WAL that can still be written before a slot is lost, with max_slot_wal_keep_size
-- metric: slot_wal_keep_used_pct | gauge | % | AVAILABILITY | warning>70 | critical>90 | How much of max_slot_wal_keep_size a slot uses up; at 100 it is lost
-- metric: slot_lost | gauge | count | AVAILABILITY | critical>1 | worst | 1 when a slot lost WAL its reader needs, or is about to
-- metric: slot_inactive_seconds | gauge | s | AVAILABILITY | warning>600 | critical>3600 | How long nobody has read a slot
-- fact: slot

SELECT clock_timestamp() AS measured_at,
       count(*) AS slots_total,
       count(*) FILTER (WHERE NOT active) AS slots_inactive
FROM pg_replication_slots;

WITH position AS (
    SELECT CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()
                ELSE pg_current_wal_lsn() END AS lsn
), keep AS (
    -- In megabytes; -1 is without bound.
    SELECT setting::float8 * 1024 * 1024 AS bytes FROM pg_settings WHERE name = 'max_slot_wal_keep_size'
)
SELECT clock_timestamp() AS measured_at,
       s.slot_name AS label_slot,
       s.slot_type AS label_type,
       coalesce(s.database, '') AS label_database,
       s.active::int AS slot_active,
       greatest(pg_wal_lsn_diff(p.lsn, s.restart_lsn), 0) AS slot_retained_wal_bytes,
       greatest(pg_wal_lsn_diff(p.lsn, s.confirmed_flush_lsn), 0) AS slot_unconfirmed_bytes,
       s.safe_wal_size AS slot_safe_wal_bytes,
       CASE WHEN k.bytes > 0
            THEN least(100.0, 100.0 * greatest(pg_wal_lsn_diff(p.lsn, s.restart_lsn), 0) / k.bytes)
       END AS slot_wal_keep_used_pct,
       coalesce(s.wal_status IN ('unreserved', 'lost'), false)::int AS slot_lost,
       extract(epoch FROM clock_timestamp() - s.inactive_since) AS slot_inactive_seconds
FROM pg_replication_slots s
CROSS JOIN position p
CROSS JOIN keep k
ORDER BY s.slot_name
LIMIT current_setting('onevault.top_relations')::int;

SELECT clock_timestamp() AS measured_at,
       s.slot_name AS key,
       s.slot_type,
       s.plugin,
       s.database,
       s.temporary,
       s.two_phase,
       s.wal_status,
       s.failover,
       s.synced
FROM pg_replication_slots s;
