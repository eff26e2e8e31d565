-- How many sessions are there, what do they do, and who holds them?
--
-- poll: activity
-- interval: 10s
-- requires: role pg_monitor
-- metric: total_connections | gauge | connections | PERFORMANCE | Client sessions
-- metric: active_connections | gauge | connections | PERFORMANCE | warning>80 | critical>150 | Client sessions that run a statement
-- metric: idle_connections | gauge | connections | PERFORMANCE | Client sessions that wait for their client, outside a transaction
-- metric: idle_in_transaction | gauge | count | PERFORMANCE | warning>20 | critical>50 | Client sessions that wait for their client in an open transaction
-- metric: long_running_queries | gauge | count | PERFORMANCE | warning>5 | critical>20 | Statements running longer than five minutes
-- metric: waiting_for_lock | gauge | count | PERFORMANCE | warning>5 | critical>20 | Client sessions that wait for a lock
-- metric: longest_query_seconds | gauge | s | PERFORMANCE | warning>300 | critical>1800 | Age of the oldest running statement
-- metric: longest_transaction_seconds | gauge | s | PERFORMANCE | warning>900 | critical>3600 | Age of the oldest open transaction
-- metric: longest_idle_in_transaction_seconds | gauge | s | PERFORMANCE | warning>300 | critical>1800 | Longest wait of a session for its client in an open transaction
-- metric: max_connections | gauge | connections | CAPACITY | Sessions the server accepts
-- metric: connections_used_pct | gauge | % | CAPACITY | warning>80 | critical>95 | Client sessions as share of those that ordinary roles may open
-- metric: sessions_by_user | gauge | connections | PERFORMANCE | Client sessions of a role, in a database, by state
-- metric: sessions_by_application | gauge | connections | PERFORMANCE | Client sessions that name an application
-- metric: sessions_by_wait | gauge | connections | PERFORMANCE | Active sessions that wait, by what they wait for
-- metric: sessions_by_tenant | gauge | connections | PERFORMANCE | Client sessions of a tenant's roles
-- metric: active_sessions_by_tenant | gauge | connections | PERFORMANCE | Client sessions of a tenant's roles that run a statement

-- The collector's own sessions are clients like any other and are counted.
WITH clients AS (
    SELECT *, clock_timestamp() AS now
    FROM pg_stat_activity
    WHERE backend_type = 'client backend'
),
slots AS (
    SELECT current_setting('max_connections')::int AS all_slots,
           current_setting('max_connections')::int
               - current_setting('superuser_reserved_connections')::int
               - coalesce(current_setting('reserved_connections', true), '0')::int AS open_slots
)
SELECT clock_timestamp() AS measured_at,
       count(*) AS total_connections,
       count(*) FILTER (WHERE state = 'active') AS active_connections,
       count(*) FILTER (WHERE state = 'idle') AS idle_connections,
       count(*) FILTER (WHERE state LIKE 'idle in transaction%') AS idle_in_transaction,
       count(*) FILTER (WHERE state = 'active' AND query_start < now - interval '5 minutes')
           AS long_running_queries,
       count(*) FILTER (WHERE wait_event_type = 'Lock') AS waiting_for_lock,
       coalesce(max(extract(epoch FROM now - query_start)) FILTER (WHERE state = 'active'), 0)
           AS longest_query_seconds,
       coalesce(max(extract(epoch FROM now - xact_start)), 0) AS longest_transaction_seconds,
       coalesce(max(extract(epoch FROM now - state_change))
           FILTER (WHERE state LIKE 'idle in transaction%'), 0)
           AS longest_idle_in_transaction_seconds,
       max(slots.all_slots) AS max_connections,
       100.0 * count(*) / greatest(max(slots.open_slots), 1) AS connections_used_pct
FROM clients CROSS JOIN slots;

-- The roles with most sessions.
WITH by_user AS (
    SELECT coalesce(usename, '') AS usename, coalesce(datname, '') AS datname,
           coalesce(state, '') AS state, count(*) AS sessions
    FROM pg_stat_activity
    WHERE backend_type = 'client backend'
    GROUP BY 1, 2, 3
)
SELECT clock_timestamp() AS measured_at,
       coalesce(substring(usename FROM nullif(current_setting('onevault.tenant_of_role'), '')), '')
           AS tenant,
       usename AS label_user,
       datname AS label_database,
       state AS label_state,
       sessions AS sessions_by_user
FROM by_user
ORDER BY sessions DESC, usename, datname, state
LIMIT current_setting('onevault.top_n')::int;

-- The applications with most sessions.
SELECT clock_timestamp() AS measured_at,
       application_name AS label_application,
       count(*) AS sessions_by_application
FROM pg_stat_activity
WHERE backend_type = 'client backend'
GROUP BY application_name
ORDER BY count(*) DESC, application_name
LIMIT current_setting('onevault.top_n')::int;

-- What active sessions wait for most.
SELECT clock_timestamp() AS measured_at,
       wait_event_type AS label_type,
       wait_event AS label_event,
       count(*) AS sessions_by_wait
FROM pg_stat_activity
WHERE backend_type = 'client backend' AND state = 'active' AND wait_event IS NOT NULL
GROUP BY wait_event_type, wait_event
ORDER BY count(*) DESC, wait_event_type, wait_event
LIMIT current_setting('onevault.top_n')::int;

-- Tenants, when roles tell them apart.
WITH by_tenant AS (
    SELECT substring(usename FROM nullif(current_setting('onevault.tenant_of_role'), '')) AS tenant,
           state
    FROM pg_stat_activity
    WHERE backend_type = 'client backend'
)
SELECT clock_timestamp() AS measured_at,
       tenant,
       count(*) AS sessions_by_tenant,
       count(*) FILTER (WHERE state = 'active') AS active_sessions_by_tenant
FROM by_tenant
WHERE tenant IS NOT NULL
GROUP BY tenant
ORDER BY count(*) DESC, tenant
LIMIT current_setting('onevault.top_n')::int;
