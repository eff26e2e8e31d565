-- What was each resource at the end of each older day, and of each hour of the two latest weeks?
-- Parameters: hash key from, hash key below, days back.
WITH state AS (
    SELECT h.resource_utilization_bk AS series,
           coalesce(util.series_tenant(h.resource_utilization_bk), '') AS tenant,
           s.target_name, s.resource_type, s.resource_name, s.resource_unit, s.load_date,
           s.current_value, s.max_capacity,
           CASE
               WHEN s.load_date > date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
                                  - INTERVAL '14 days'
               THEN 3600
               ELSE 86400
           END AS period_seconds
    FROM capacity_planning.resource_utilization_s s
    JOIN capacity_planning.resource_utilization_h h USING (resource_utilization_hk)
    CROSS JOIN (SELECT decode(?, 'hex') AS from_key, decode(?, 'hex') AS below_key) part
    WHERE s.resource_utilization_hk >= part.from_key
        AND s.resource_utilization_hk < part.below_key
        AND s.load_date > now() - make_interval(days => ?)
        -- A clock that went astray.
        AND s.load_date <= now() + INTERVAL '1 day'
),
-- A state belongs to the period that ends with or after it.
numbered AS (
    SELECT state.*,
           floor((extract(EPOCH FROM load_date) * 1000 - 1) / (period_seconds * 1000)) AS period
    FROM state
)
SELECT series, target_name, tenant, resource_type, resource_name, resource_unit,
       (max(extract(EPOCH FROM load_date)) * 1000)::bigint AS end_millis,
       period_seconds,
       count(*) AS states,
       (array_agg(current_value ORDER BY load_date DESC))[1] AS last_value,
       max(current_value) AS highest_value,
       (array_agg(max_capacity ORDER BY load_date DESC))[1] AS capacity
FROM numbered
GROUP BY series, target_name, tenant, resource_type, resource_name, resource_unit, period_seconds, period
