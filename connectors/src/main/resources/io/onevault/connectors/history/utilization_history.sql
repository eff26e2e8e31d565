-- What was each resource at the end of each older day, and of each hour of the two latest weeks?
-- Of what nobody wrote down as a resource, because capacity was not watched then, the metrics' roll-ups tell.
-- Parameters: metrics that are resources, as JSON; hash key from, hash key below, days back.
WITH part AS (
    SELECT ?::jsonb AS meanings, decode(?, 'hex') AS from_key, decode(?, 'hex') AS below_key,
           now() - make_interval(days => ?) AS oldest,
           -- A clock that went astray.
           now() + INTERVAL '1 day' AS newest,
           -- Up to here by the day.
           date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' - INTERVAL '14 days' AS daily
),
state AS (
    SELECT h.resource_utilization_bk AS series, s.target_name, s.resource_type, s.resource_name, s.resource_unit,
           s.load_date, s.current_value, s.current_value AS highest_value, s.max_capacity,
           CASE WHEN s.load_date > part.daily THEN 3600 ELSE 86400 END AS period_seconds
    FROM capacity_planning.resource_utilization_s s
    JOIN capacity_planning.resource_utilization_h h USING (resource_utilization_hk)
    CROSS JOIN part
    WHERE s.resource_utilization_hk >= part.from_key
        AND s.resource_utilization_hk < part.below_key
        AND s.load_date > part.oldest
        AND s.load_date <= part.newest
),
-- A state belongs to the period that ends with or after it.
numbered AS (
    SELECT state.*,
           floor((extract(EPOCH FROM load_date) * 1000 - 1) / (period_seconds * 1000)) AS period
    FROM state
),
known AS (
    SELECT series, target_name, resource_type, resource_name, resource_unit, period_seconds, period,
           max(load_date) AS load_date,
           count(*) AS states,
           (array_agg(current_value ORDER BY load_date DESC))[1] AS last_value,
           max(highest_value) AS highest_value,
           (array_agg(max_capacity ORDER BY load_date DESC))[1] AS capacity
    FROM numbered
    GROUP BY series, target_name, resource_type, resource_name, resource_unit, period_seconds, period
),
meaning AS (
    SELECT m.*
    FROM part, jsonb_to_recordset(part.meanings) AS m (metric TEXT, type TEXT, statistic TEXT, capacity FLOAT8)
),
roll_up AS (
    SELECT d.health_metric_hk, d.load_date, d.target_name, d.metric_name, d.metric_unit, d.labels, d.value_last,
           d.value_max, d.value_p95, 86400 AS period_seconds
    FROM monitoring.system_health_daily_s d
    CROSS JOIN part
    WHERE d.health_metric_hk >= part.from_key AND d.health_metric_hk < part.below_key
        AND d.load_date > part.oldest AND d.load_date <= part.daily AND d.sample_count > 0
    UNION ALL
    SELECT d.health_metric_hk, d.load_date, d.target_name, d.metric_name, d.metric_unit, d.labels, d.value_last,
           d.value_max, d.value_p95, 3600
    FROM monitoring.system_health_hourly_s d
    CROSS JOIN part
    WHERE d.health_metric_hk >= part.from_key AND d.health_metric_hk < part.below_key
        AND d.load_date > part.daily AND d.load_date <= part.newest AND d.sample_count > 0
),
measured AS (
    SELECT h.health_metric_bk AS series, r.target_name, m.type AS resource_type,
           -- As the job names resources.
           coalesce((SELECT string_agg(value, '.' ORDER BY key COLLATE "C") FROM jsonb_each_text(r.labels)),
                    r.target_name) AS resource_name,
           coalesce(r.metric_unit, '') AS resource_unit, r.period_seconds,
           floor((extract(EPOCH FROM r.load_date) * 1000 - 1) / (r.period_seconds * 1000)) AS period,
           r.load_date,
           CASE m.statistic WHEN 'LAST' THEN r.value_last WHEN 'MAX' THEN r.value_max ELSE r.value_p95 END AS value,
           m.statistic, m.capacity
    FROM roll_up r
    JOIN meaning m ON m.metric = r.metric_name
    JOIN monitoring.system_health_h h USING (health_metric_hk)
),
-- Of a day that was written down for some of its hours only, the roll-up knows the others.
peak AS (
    SELECT series, period_seconds, period, max(value) AS value
    FROM measured
    WHERE statistic <> 'LAST'
    GROUP BY series, period_seconds, period
)
SELECT series, target_name, coalesce(util.series_tenant(series), '') AS tenant, resource_type, resource_name,
       resource_unit, (extract(EPOCH FROM load_date) * 1000)::bigint AS end_millis, period_seconds, states,
       last_value, highest_value, capacity
FROM (
    SELECT k.series, k.target_name, k.resource_type, k.resource_name, k.resource_unit, k.load_date, k.period_seconds,
           k.states, k.last_value, greatest(k.highest_value, p.value) AS highest_value, k.capacity
    FROM known k
    LEFT JOIN peak p ON p.series = k.series AND p.period_seconds = k.period_seconds AND p.period = k.period
    UNION ALL
    SELECT m.series, m.target_name, m.resource_type, m.resource_name, m.resource_unit, m.load_date,
           m.period_seconds, 1, m.value, m.value, m.capacity
    FROM measured m
    WHERE m.value IS NOT NULL
        AND NOT EXISTS (
            SELECT FROM known k
            WHERE k.series = m.series AND k.period_seconds = m.period_seconds AND k.period = m.period
        )
) remembered
