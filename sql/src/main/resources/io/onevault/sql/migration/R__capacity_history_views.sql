-- How did resources come to be what they are, and how good were the forecasts whose day has come?
--
-- For analysis, over two years of the past: ask for a resource, a tenant or a period. Row security as in
-- R__capacity_views.

DROP VIEW IF EXISTS capacity_planning.forecast_outcomes;
DROP VIEW IF EXISTS capacity_planning.resource_history;

-- What was each resource at the end of each day (UTC), and where a day's highest counts, at its highest?
CREATE VIEW capacity_planning.resource_history AS
    WITH viewer AS MATERIALIZED (
        SELECT util.reads_every_tenant() AS reads_all,
               util.current_tenant_hk() AS tenant_hk,
               util.no_current_tenant() AS without_tenant
    ),
    -- A state belongs to the day that ends with or after it.
    state AS (
        SELECT s.resource_utilization_hk, h.resource_utilization_bk, h.tenant_hk, s.target_name, s.resource_type,
               s.resource_name, s.resource_unit, s.load_date, s.current_value, s.max_capacity,
               ((s.load_date - INTERVAL '1 millisecond') AT TIME ZONE 'UTC')::date AS day
        FROM capacity_planning.resource_utilization_s s
        JOIN capacity_planning.resource_utilization_h h USING (resource_utilization_hk)
        WHERE s.load_date > now() - INTERVAL '2 years'
            AND ((SELECT reads_all FROM viewer)
                OR h.tenant_hk = (SELECT tenant_hk FROM viewer)
                OR (h.tenant_hk IS NULL AND (SELECT without_tenant FROM viewer)))
    )
    SELECT target_name, util.series_tenant(resource_utilization_bk) AS tenant, resource_type, resource_name,
           resource_unit, day,
           CASE WHEN resource_type IN ('STORAGE', 'SEQUENCE')
                THEN (array_agg(current_value ORDER BY load_date DESC))[1]
                ELSE max(current_value) END AS value,
           max(current_value) AS highest_value,
           (array_agg(max_capacity ORDER BY load_date DESC))[1] AS max_capacity,
           count(*) AS states,
           resource_utilization_bk AS series, tenant_hk
    FROM state
    GROUP BY resource_utilization_hk, resource_utilization_bk, tenant_hk, target_name, resource_type, resource_name,
             resource_unit, day;

-- What was foretold, and what came of it? A row for each forecast and horizon whose day is over and was measured.
CREATE VIEW capacity_planning.forecast_outcomes AS
    WITH viewer AS MATERIALIZED (
        SELECT util.reads_every_tenant() AS reads_all,
               util.current_tenant_hk() AS tenant_hk,
               util.no_current_tenant() AS without_tenant
    ),
    forecast AS (
        SELECT f.*, h.capacity_forecast_bk, h.tenant_hk
        FROM capacity_planning.capacity_forecast_s f
        JOIN capacity_planning.capacity_forecast_h h USING (capacity_forecast_hk)
        WHERE f.load_date > now() - INTERVAL '2 years'
            AND ((SELECT reads_all FROM viewer)
                OR h.tenant_hk = (SELECT tenant_hk FROM viewer)
                OR (h.tenant_hk IS NULL AND (SELECT without_tenant FROM viewer)))
    ),
    projection AS (
        SELECT f.*, p.horizon_days, p.projected, p.lo80, p.hi80, p.lo95, p.hi95,
               ((f.load_date - INTERVAL '1 millisecond') AT TIME ZONE 'UTC')::date + p.horizon_days AS due_day
        FROM forecast f
        CROSS JOIN LATERAL (VALUES
            (7, f.projected_usage_7d, f.projected_usage_7d_lo80, f.projected_usage_7d_hi80,
             f.projected_usage_7d_lo95, f.projected_usage_7d_hi95),
            (30, f.projected_usage_30d, f.projected_usage_30d_lo80, f.projected_usage_30d_hi80,
             f.projected_usage_30d_lo95, f.projected_usage_30d_hi95),
            (90, f.projected_usage_90d, f.projected_usage_90d_lo80, f.projected_usage_90d_hi80,
             f.projected_usage_90d_lo95, f.projected_usage_90d_hi95),
            (365, f.projected_usage_1y, f.projected_usage_1y_lo80, f.projected_usage_1y_hi80,
             f.projected_usage_1y_lo95, f.projected_usage_1y_hi95)
        ) AS p (horizon_days, projected, lo80, hi80, lo95, hi95)
        WHERE p.projected IS NOT NULL
    ),
    outcome AS (
        SELECT p.*, a.actual
        FROM projection p
        CROSS JOIN LATERAL (
            SELECT CASE WHEN p.resource_type IN ('STORAGE', 'SEQUENCE')
                        THEN (array_agg(s.current_value ORDER BY s.load_date DESC))[1]
                        ELSE max(s.current_value) END AS actual
            FROM capacity_planning.resource_utilization_s s
            WHERE s.resource_utilization_hk = p.capacity_forecast_hk
                AND s.load_date > p.due_day::timestamp AT TIME ZONE 'UTC'
                AND s.load_date <= (p.due_day + 1)::timestamp AT TIME ZONE 'UTC'
        ) a
        WHERE p.due_day < (now() AT TIME ZONE 'UTC')::date AND a.actual IS NOT NULL
    )
    SELECT target_name, util.series_tenant(capacity_forecast_bk) AS tenant, resource_type, resource_name,
           resource_unit, forecast_timestamp, horizon_days, due_day, projected, lo80, hi80, lo95, hi95, actual,
           projected - actual AS error,
           CASE WHEN actual <> 0 THEN 100 * (projected - actual) / abs(actual) END AS error_percentage,
           actual BETWEEN lo80 AND hi80 AS within_80,
           actual BETWEEN lo95 AND hi95 AS within_95,
           current_usage, max_capacity, confidence_level, forecast_model, capacity_forecast_bk AS series, tenant_hk
    FROM outcome;

DO $$
DECLARE
    v_view TEXT;
BEGIN
    FOREACH v_view IN ARRAY ARRAY['resource_history', 'forecast_outcomes'] LOOP
        IF current_setting('server_version_num')::int >= 150000 THEN
            EXECUTE format('ALTER VIEW capacity_planning.%I SET (security_invoker = true)', v_view);
        ELSE
            -- Or a function of the reader's own, being cheap, would see rows before the tenant's condition.
            EXECUTE format('ALTER VIEW capacity_planning.%I SET (security_barrier = true)', v_view);
        END IF;
        EXECUTE format('GRANT SELECT ON capacity_planning.%I TO onevault_reader, onevault_writer, onevault_admin',
                       v_view);
    END LOOP;
END
$$;
