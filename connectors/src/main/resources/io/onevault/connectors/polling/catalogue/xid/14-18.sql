-- How far is transaction-id wraparound, and who keeps vacuum from moving on?
--
-- poll: xid
-- interval: 60s
-- requires: role pg_monitor
-- metric: xid_age | gauge | transactions | CAPACITY | warning>500000000 | critical>1000000000 | Age of a database's oldest unfrozen transaction id
-- metric: xid_used_pct | gauge | % | CAPACITY | warning>40 | critical>75 | Age of a database's oldest unfrozen transaction id as share of what can be assigned
-- metric: mxid_age | gauge | transactions | CAPACITY | warning>500000000 | critical>1000000000 | Age of a database's oldest multixact id
-- metric: mxid_used_pct | gauge | % | CAPACITY | warning>40 | critical>75 | Age of a database's oldest multixact id as share of what can be assigned
-- metric: xids_assigned | counter | per_second | CAPACITY | Transaction ids assigned
-- metric: xmin_horizon_age | gauge | transactions | PERFORMANCE | warning>10000000 | critical>100000000 | Age of the oldest row version that must be kept, by who needs it
-- metric: prepared_transactions | gauge | count | AVAILABILITY | Prepared transactions
-- metric: oldest_prepared_seconds | gauge | s | AVAILABILITY | warning>300 | critical>3600 | Age of the oldest prepared transaction, 0 when there is none

SELECT clock_timestamp() AS measured_at,
       datname AS label_database,
       age(datfrozenxid) AS xid_age,
       100.0 * age(datfrozenxid) / 2147483647 AS xid_used_pct,
       mxid_age(datminmxid) AS mxid_age,
       100.0 * mxid_age(datminmxid) / 2147483647 AS mxid_used_pct
FROM pg_database
ORDER BY age(datfrozenxid) DESC
LIMIT current_setting('onevault.top_relations')::int;

-- Epoch and counter of the next transaction id; it only grows.
SELECT clock_timestamp() AS measured_at,
       pg_snapshot_xmax(pg_current_snapshot())::text::numeric AS xids_assigned;

WITH holders AS (
    SELECT 'session' AS holder, age(backend_xmin) AS age
    FROM pg_stat_activity
    WHERE backend_type <> 'walsender' AND pid <> pg_backend_pid()
    UNION ALL
    SELECT 'standby', age(backend_xmin) FROM pg_stat_replication
    UNION ALL
    SELECT 'slot', greatest(age(xmin), age(catalog_xmin)) FROM pg_replication_slots
    UNION ALL
    SELECT 'prepared', age(transaction) FROM pg_prepared_xacts
),
kinds AS (
    SELECT unnest(ARRAY['session', 'standby', 'slot', 'prepared']) AS holder
)
SELECT clock_timestamp() AS measured_at,
       k.holder AS label_holder,
       coalesce(max(h.age), 0) AS xmin_horizon_age
FROM kinds k
LEFT JOIN holders h ON h.holder = k.holder
GROUP BY k.holder;

SELECT clock_timestamp() AS measured_at,
       count(*) AS prepared_transactions,
       coalesce(extract(epoch FROM clock_timestamp() - min(prepared)), 0) AS oldest_prepared_seconds
FROM pg_prepared_xacts;
