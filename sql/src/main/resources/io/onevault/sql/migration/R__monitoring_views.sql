-- What does an operator, or a tenant, want to see first?
--
-- A view shows a row to whom row security would. From PostgreSQL 15 views run with the caller's rights, so the
-- tables' policies decide; on 14 they run with their owner's, past the policies, so the same condition stands in each
-- view as well. It costs one comparison a row.
-- "Recent" is a condition on load_date, the partitions' key: a view reads the newest month, or two around its turn.

DROP VIEW IF EXISTS monitoring.system_dashboard;
DROP VIEW IF EXISTS monitoring.system_health_metric_s;
DROP VIEW IF EXISTS monitoring.system_health_metric_h;

-- The source documents' other name of the series' hub.
CREATE VIEW monitoring.system_health_metric_h AS
    SELECT h.*
    FROM monitoring.system_health_h h
    WHERE (SELECT util.reads_every_tenant())
        OR h.tenant_hk = (SELECT util.current_tenant_hk())
        OR (h.tenant_hk IS NULL AND (SELECT util.no_current_tenant()));

-- The source documents' other name of the series' windows.
CREATE VIEW monitoring.system_health_metric_s AS
    SELECT s.*
    FROM monitoring.system_health_s s
    WHERE (SELECT util.reads_every_tenant())
        OR EXISTS (
            SELECT FROM monitoring.system_health_h h
            WHERE h.health_metric_hk = s.health_metric_hk
                AND (h.tenant_hk = (SELECT util.current_tenant_hk())
                    OR (h.tenant_hk IS NULL AND (SELECT util.no_current_tenant()))));

-- How is everything now? The newest window of every series of the last six hours, and a line on performance and on
-- security for each target and tenant that has any. A series silent for longer has left; its silence is an alert.
CREATE VIEW monitoring.system_dashboard AS
    WITH viewer AS MATERIALIZED (
        SELECT util.reads_every_tenant() AS reads_all,
               util.current_tenant_hk() AS tenant_hk,
               util.no_current_tenant() AS without_tenant
    ),
    health AS (
        SELECT 'System Health' AS dashboard_section,
               s.metric_name::text AS metric_name,
               s.metric_value,
               s.metric_unit::text AS metric_unit,
               s.status::text AS status,
               s.threshold_warning,
               s.threshold_critical,
               s.measurement_timestamp,
               s.target_name,
               util.series_tenant(h.health_metric_bk) AS tenant,
               h.tenant_hk,
               s.labels
        FROM monitoring.system_health_s s
        JOIN monitoring.system_health_h h USING (health_metric_hk)
        WHERE s.load_end_date IS NULL
            AND s.load_date >= now() - INTERVAL '6 hours'
            AND ((SELECT reads_all FROM viewer)
                OR h.tenant_hk = (SELECT tenant_hk FROM viewer)
                OR (h.tenant_hk IS NULL AND (SELECT without_tenant FROM viewer)))
    ),
    performance AS (
        SELECT 'Performance' AS dashboard_section,
               'query_performance_score' AS metric_name,
               100.0 - 100.0 * count(*) FILTER (WHERE s.performance_rating IN ('POOR', 'CRITICAL')) / count(*)
                   AS metric_value,
               'score' AS metric_unit,
               CASE
                   WHEN count(*) FILTER (WHERE s.performance_rating = 'CRITICAL') > 0 THEN 'CRITICAL'
                   WHEN count(*) FILTER (WHERE s.performance_rating = 'POOR') > 5 THEN 'WARNING'
                   ELSE 'NORMAL'
               END AS status,
               80.0 AS threshold_warning,
               60.0 AS threshold_critical,
               max(s.measurement_period_end) AS measurement_timestamp,
               s.target_name,
               NULL::text AS tenant,
               h.tenant_hk,
               NULL::jsonb AS labels
        FROM monitoring.performance_metric_s s
        JOIN monitoring.performance_metric_h h USING (performance_metric_hk)
        WHERE s.load_end_date IS NULL
            AND s.load_date >= now() - INTERVAL '1 hour'
            AND ((SELECT reads_all FROM viewer)
                OR h.tenant_hk = (SELECT tenant_hk FROM viewer)
                OR (h.tenant_hk IS NULL AND (SELECT without_tenant FROM viewer)))
        GROUP BY s.target_name, h.tenant_hk
    ),
    security AS (
        SELECT 'Security' AS dashboard_section,
               'security_threat_level' AS metric_name,
               count(*) FILTER (WHERE s.event_severity IN ('HIGH', 'CRITICAL'))::double precision AS metric_value,
               'events' AS metric_unit,
               CASE
                   WHEN count(*) FILTER (WHERE s.event_severity = 'CRITICAL') > 0 THEN 'CRITICAL'
                   WHEN count(*) FILTER (WHERE s.event_severity = 'HIGH') > 5 THEN 'WARNING'
                   ELSE 'NORMAL'
               END AS status,
               5.0 AS threshold_warning,
               1.0 AS threshold_critical,
               max(s.event_timestamp) AS measurement_timestamp,
               s.target_name,
               NULL::text AS tenant,
               h.tenant_hk,
               NULL::jsonb AS labels
        FROM monitoring.security_event_s s
        JOIN monitoring.security_event_h h USING (security_event_hk)
        WHERE s.load_end_date IS NULL
            AND s.load_date >= now() - INTERVAL '1 hour'
            AND ((SELECT reads_all FROM viewer)
                OR h.tenant_hk = (SELECT tenant_hk FROM viewer)
                OR (h.tenant_hk IS NULL AND (SELECT without_tenant FROM viewer)))
        GROUP BY s.target_name, h.tenant_hk
    ),
    line AS (
        SELECT * FROM health
        UNION ALL
        SELECT * FROM performance
        UNION ALL
        SELECT * FROM security
    )
    SELECT dashboard_section, metric_name, metric_value, metric_unit, status, threshold_warning, threshold_critical,
           measurement_timestamp,
           extract(EPOCH FROM now() - measurement_timestamp)::double precision AS age_seconds,
           target_name, tenant, tenant_hk, labels
    FROM line;

DO $$
DECLARE
    v_view TEXT;
BEGIN
    FOREACH v_view IN ARRAY ARRAY['system_health_metric_h', 'system_health_metric_s', 'system_dashboard'] LOOP
        IF current_setting('server_version_num')::int >= 150000 THEN
            EXECUTE format('ALTER VIEW monitoring.%I SET (security_invoker = true)', v_view);
        ELSE
            -- Or a function of the reader's own, being cheap, would see rows before the tenant's condition.
            EXECUTE format('ALTER VIEW monitoring.%I SET (security_barrier = true)', v_view);
        END IF;
        EXECUTE format('GRANT SELECT ON monitoring.%I TO onevault_reader, onevault_writer, onevault_admin', v_view);
    END LOOP;
END
$$;

-- So that the pipeline's own login can be told that the vault is older than the jobs.
GRANT SELECT ON util.flyway_schema_history TO onevault_writer;
