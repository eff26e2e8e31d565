-- How is the server configured, and does a change wait for a restart?
--
-- poll: settings
-- interval: 5m
-- requires: role pg_monitor
-- metric: settings_pending_restart | gauge | count | AVAILABILITY | warning>1 | Changed settings that take effect only after a restart
-- fact: setting

-- Commands and connection strings may hold passwords: only that they are set is told.
SELECT clock_timestamp() AS measured_at,
       name AS key,
       CASE
           WHEN name ~ '(conninfo|_command|pass|secret|key|token|salt|credential|license|vsi_options)'
                AND name NOT IN ('password_encryption')
               THEN CASE WHEN setting = '' THEN '' ELSE '(set)' END
           ELSE setting
       END AS setting,
       unit,
       category,
       context,
       source,
       pending_restart
FROM pg_settings
WHERE name NOT LIKE 'onevault.%'
  -- Set by the collector for its own session.
  AND source NOT IN ('session', 'client');

SELECT clock_timestamp() AS measured_at,
       count(*) FILTER (WHERE pending_restart) AS settings_pending_restart
FROM pg_settings;
