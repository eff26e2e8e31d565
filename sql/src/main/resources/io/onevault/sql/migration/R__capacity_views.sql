-- How full is everything, where does it grow to, and what must somebody act on?
--
-- A resource, its forecast and its pattern have one business key, so their hubs have one hash key, and the views join
-- by it. Row security as in the views of monitoring: the caller's rights from PostgreSQL 15 on, and the same condition
-- in each view for 14. "Recent" is a condition on load_date, the partitions' key: states are stored once a day at
-- least, forecasts once a month at least.

DROP VIEW IF EXISTS capacity_planning.connection_scaling;
DROP VIEW IF EXISTS capacity_planning.capacity_alerts;
DROP VIEW IF EXISTS capacity_planning.growth_forecast_summary;
DROP VIEW IF EXISTS capacity_planning.current_capacity_status;

-- How full is each resource now, and until when does that go well? One row for each resource that was measured in the
-- last two days. time_to_capacity and days_to are the central path's: by then half of the futures are there. The likely
-- days are those by which it is more likely than not to have been there at some time, never later than the others; rules,
-- urgency and capacity_alerts go by them.
CREATE VIEW capacity_planning.current_capacity_status AS
    WITH viewer AS MATERIALIZED (
        SELECT util.reads_every_tenant() AS reads_all,
               util.current_tenant_hk() AS tenant_hk,
               util.no_current_tenant() AS without_tenant
    ),
    state AS (
        SELECT s.*, util.series_tenant(h.resource_utilization_bk) AS tenant, h.tenant_hk
        FROM capacity_planning.resource_utilization_s s
        JOIN capacity_planning.resource_utilization_h h USING (resource_utilization_hk)
        WHERE s.load_end_date IS NULL
            AND s.load_date >= now() - INTERVAL '2 days'
            AND ((SELECT reads_all FROM viewer)
                OR h.tenant_hk = (SELECT tenant_hk FROM viewer)
                OR (h.tenant_hk IS NULL AND (SELECT without_tenant FROM viewer)))
    ),
    forecast AS (
        SELECT f.*,
               coalesce((f.additional_context ->> 'warning_percentage')::double precision, 80) AS warning_percentage,
               coalesce((f.additional_context ->> 'critical_percentage')::double precision, 90) AS critical_percentage,
               -- Forecasts of before these were told have the central path alone.
               coalesce((f.additional_context ->> 'likely_days_to_capacity')::double precision,
                        extract(EPOCH FROM f.time_to_capacity)::double precision / 86400) AS likely_days_to_capacity,
               coalesce((f.additional_context ->> 'likely_days_to_warning')::double precision,
                        f.days_to_warning) AS likely_days_to_warning,
               coalesce((f.additional_context ->> 'likely_days_to_critical')::double precision,
                        f.days_to_critical) AS likely_days_to_critical
        FROM capacity_planning.capacity_forecast_s f
        WHERE f.load_end_date IS NULL AND f.load_date >= now() - INTERVAL '35 days'
    )
    SELECT s.target_name, s.tenant, s.resource_type, s.resource_name, s.resource_unit,
           s.current_value, s.max_capacity, s.available_capacity, s.utilization_percentage,
           CASE
               WHEN s.utilization_percentage IS NULL THEN 'UNKNOWN'
               WHEN s.utilization_percentage >= coalesce(f.critical_percentage, 90) THEN 'CRITICAL'
               WHEN s.utilization_percentage >= coalesce(f.warning_percentage, 80) THEN 'WARNING'
               ELSE 'NORMAL'
           END AS status,
           coalesce(f.warning_percentage, 80) AS threshold_warning,
           coalesce(f.critical_percentage, 90) AS threshold_critical,
           s.change_1d, s.change_7d, s.change_30d, s.growth_per_day, s.row_count,
           f.reaches_capacity, f.time_to_capacity, f.days_to_warning, f.days_to_critical,
           f.likely_days_to_capacity, f.likely_days_to_warning, f.likely_days_to_critical,
           f.urgency, f.recommended_action, f.forecast_timestamp,
           s.measurement_timestamp,
           extract(EPOCH FROM now() - s.measurement_timestamp)::double precision AS age_seconds,
           s.measurement_source, s.labels, s.tenant_hk
    FROM state s
    LEFT JOIN forecast f ON f.capacity_forecast_hk = s.resource_utilization_hk;

-- Where does each resource grow to, how sure is that, and which model says so? The newest forecast of each resource of
-- the last 35 days.
CREATE VIEW capacity_planning.growth_forecast_summary AS
    WITH viewer AS MATERIALIZED (
        SELECT util.reads_every_tenant() AS reads_all,
               util.current_tenant_hk() AS tenant_hk,
               util.no_current_tenant() AS without_tenant
    ),
    forecast AS (
        SELECT f.*, util.series_tenant(h.capacity_forecast_bk) AS tenant, h.tenant_hk
        FROM capacity_planning.capacity_forecast_s f
        JOIN capacity_planning.capacity_forecast_h h USING (capacity_forecast_hk)
        WHERE f.load_end_date IS NULL
            AND f.load_date >= now() - INTERVAL '35 days'
            AND ((SELECT reads_all FROM viewer)
                OR h.tenant_hk = (SELECT tenant_hk FROM viewer)
                OR (h.tenant_hk IS NULL AND (SELECT without_tenant FROM viewer)))
    ),
    pattern AS (
        SELECT p.*
        FROM capacity_planning.growth_pattern_s p
        WHERE p.load_end_date IS NULL AND p.load_date >= now() - INTERVAL '35 days'
    )
    SELECT f.target_name, f.tenant, f.resource_type, f.resource_name, f.resource_unit,
           f.current_usage, f.max_capacity,
           f.projected_usage_7d, f.projected_usage_7d_lo80, f.projected_usage_7d_hi80,
           f.projected_usage_30d, f.projected_usage_30d_lo80, f.projected_usage_30d_hi80,
           f.projected_usage_90d, f.projected_usage_90d_lo80, f.projected_usage_90d_hi80,
           f.projected_usage_1y, f.projected_usage_1y_lo80, f.projected_usage_1y_hi80,
           f.growth_rate_percentage, p.growth_per_day,
           p.pattern_type, p.pattern_confidence, p.season_length_seconds,
           f.reaches_capacity, f.time_to_capacity, f.time_to_capacity_lo, f.time_to_capacity_hi,
           f.days_to_warning, f.days_to_critical,
           f.confidence_level, f.forecast_model, f.runner_up_model, f.model_skill, f.backtest_mase,
           f.model_accuracy, f.forecast_bias, f.interval_coverage, f.data_quality_score, f.history_days,
           f.urgency, f.recommended_action, f.forecast_timestamp, f.tenant_hk
    FROM forecast f
    LEFT JOIN pattern p ON p.growth_pattern_hk = f.capacity_forecast_hk;

-- What must somebody act on, the most pressing first by alert_level and days_left? A resource is here when it is above
-- its warning level now, or when within the forecast's horizon half of its futures are full or it is more likely than
-- not full at some time (its urgency). All days are those by which the level is more likely than not to have been
-- reached, as in rules and urgency; days_left is that of the capacity, null for never.
CREATE VIEW capacity_planning.capacity_alerts AS
    SELECT CASE
               WHEN status = 'CRITICAL' OR likely_days_to_capacity <= 30 THEN 'CRITICAL'
               ELSE 'WARNING'
           END AS alert_level,
           CASE
               WHEN status IN ('WARNING', 'CRITICAL') THEN 'UTILIZATION'
               ELSE 'FORECAST'
           END AS alert_reason,
           target_name, tenant, resource_type, resource_name, resource_unit,
           current_value, max_capacity, utilization_percentage, threshold_warning, threshold_critical,
           likely_days_to_warning AS days_to_warning, likely_days_to_critical AS days_to_critical,
           likely_days_to_capacity AS days_left,
           urgency, recommended_action, forecast_timestamp, measurement_timestamp, tenant_hk
    FROM capacity_planning.current_capacity_status
    WHERE status IN ('WARNING', 'CRITICAL') OR urgency IN ('ACT', 'NOW');

-- How can the connections of each server go on? A row for the present set-up and one for each way of growing it, with the
-- users it holds; of servers of which the configuration says how applications reach them.
CREATE VIEW capacity_planning.connection_scaling AS
    WITH viewer AS MATERIALIZED (
        SELECT util.reads_every_tenant() AS reads_all,
               util.current_tenant_hk() AS tenant_hk,
               util.no_current_tenant() AS without_tenant
    )
    SELECT f.target_name, util.series_tenant(h.capacity_forecast_bk) AS tenant,
           f.current_usage AS current_connections, f.max_capacity AS possible_connections,
           f.projected_usage_90d, f.projected_usage_90d_hi80,
           o.option_rank,
           o.scaling_option ->> 'option_name' AS option_name,
           (o.scaling_option ->> 'connections')::int AS connections,
           (o.scaling_option ->> 'users')::int AS users,
           (o.scaling_option ->> 'is_enough')::boolean AS is_enough,
           o.scaling_option ->> 'recommendation' AS recommendation,
           f.urgency, f.recommended_action, f.forecast_timestamp, h.tenant_hk
    FROM capacity_planning.capacity_forecast_s f
    JOIN capacity_planning.capacity_forecast_h h USING (capacity_forecast_hk)
    CROSS JOIN LATERAL jsonb_array_elements(f.scaling_options) WITH ORDINALITY AS o (scaling_option, option_rank)
    WHERE f.load_end_date IS NULL
        AND f.load_date >= now() - INTERVAL '35 days'
        AND f.scaling_options IS NOT NULL
        AND ((SELECT reads_all FROM viewer)
            OR h.tenant_hk = (SELECT tenant_hk FROM viewer)
            OR (h.tenant_hk IS NULL AND (SELECT without_tenant FROM viewer)));

DO $$
DECLARE
    v_view TEXT;
BEGIN
    FOREACH v_view IN ARRAY ARRAY['current_capacity_status', 'growth_forecast_summary', 'capacity_alerts',
                                   'connection_scaling'] LOOP
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
