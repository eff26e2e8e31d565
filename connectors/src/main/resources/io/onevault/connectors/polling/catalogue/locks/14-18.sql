-- Is the lock table full, and does anybody wait?
--
-- poll: locks
-- interval: 10s
-- requires: role pg_monitor
-- metric: locks_held | gauge | count | PERFORMANCE | Locks held
-- metric: locks_waiting | gauge | count | PERFORMANCE | Lock requests that wait
-- metric: longest_lock_wait_seconds | gauge | s | PERFORMANCE | warning>10 | critical>60 | Longest present wait for a lock, 0 when nobody waits
-- metric: lock_table_used_pct | gauge | % | CAPACITY | warning>60 | critical>85 | Entries of the shared lock table as share of its size
-- metric: locks_by_mode | gauge | count | PERFORMANCE | Locks held, by mode

-- Fast-path locks take no place in the shared table.
WITH present AS MATERIALIZED (
    SELECT mode, granted, fastpath, waitstart FROM pg_locks
)
SELECT clock_timestamp() AS measured_at,
       count(*) FILTER (WHERE granted) AS locks_held,
       count(*) FILTER (WHERE NOT granted) AS locks_waiting,
       coalesce(extract(epoch FROM clock_timestamp() - min(waitstart) FILTER (WHERE NOT granted)), 0)
           AS longest_lock_wait_seconds,
       100.0 * count(*) FILTER (WHERE NOT fastpath)
           / (current_setting('max_locks_per_transaction')::bigint
              * (current_setting('max_connections')::bigint
                 + current_setting('max_prepared_transactions')::bigint)) AS lock_table_used_pct
FROM present;

SELECT clock_timestamp() AS measured_at,
       mode AS label_mode,
       count(*) AS locks_by_mode
FROM pg_locks
WHERE granted
GROUP BY mode;
