-- Which alerts of these targets are not over, which ended lately, and which one speaks for each incident that is not over
-- although its alerts are?
-- Parameter: names of targets.
WITH of_target AS (
    SELECT ?::text[] AS names
),
incident AS (
    SELECT s.incident_hk, h.incident_bk, s.target_name, s.incident_title, s.incident_severity, s.opened_at, s.alert_count, s.root_cause,
           s.additional_context, s.load_date AS incident_date
    FROM monitoring.incident_s s
    JOIN monitoring.incident_h h USING (incident_hk)
    WHERE s.load_end_date IS NULL
        AND s.incident_status <> 'RESOLVED'
),
member AS (
    SELECT i.incident_hk, a.alert_instance_hk, a.load_date, a.alert_status = 'RESOLVED' AS is_over
    FROM incident i
    JOIN monitoring.alert_incident_l l USING (incident_hk)
    JOIN monitoring.alert_instance_s a ON a.alert_instance_hk = l.alert_instance_hk AND a.load_end_date IS NULL
),
of_incident AS (
    SELECT incident_hk, count(*) FILTER (WHERE NOT is_over) AS open,
           (array_agg(alert_instance_hk ORDER BY load_date DESC))[1] AS newest
    FROM member
    GROUP BY incident_hk
),
open_alert AS (
    SELECT s.alert_instance_hk, s.load_date
    FROM monitoring.alert_instance_s s
    CROSS JOIN of_target
    WHERE s.load_end_date IS NULL
        AND s.alert_status <> 'RESOLVED'
        AND s.target_name = ANY (of_target.names)
),
-- Those may go on in the state of a job that was checkpointed before: of ten minutes, and 10,000 at most.
ended AS (
    SELECT s.alert_instance_hk, s.load_date
    FROM monitoring.alert_instance_s s
    CROSS JOIN of_target
    WHERE s.load_end_date IS NULL
        AND s.alert_status = 'RESOLVED'
        AND s.target_name = ANY (of_target.names)
        AND s.load_date > (
            SELECT least(max(newest.load_date), now()) - INTERVAL '10 minutes'
            FROM monitoring.alert_instance_s newest
            WHERE newest.load_end_date IS NULL
        )
    ORDER BY s.load_date DESC
    LIMIT 10000
),
chosen AS (
    SELECT s.alert_instance_hk, s.load_date, m.incident_hk
    FROM open_alert s
    LEFT JOIN (
        SELECT DISTINCT ON (alert_instance_hk) alert_instance_hk, incident_hk
        FROM member
        ORDER BY alert_instance_hk
    ) m USING (alert_instance_hk)
    UNION ALL
    SELECT m.alert_instance_hk, m.load_date, m.incident_hk
    FROM of_incident o
    JOIN member m ON m.incident_hk = o.incident_hk AND m.alert_instance_hk = o.newest
    WHERE o.open = 0
    UNION ALL
    SELECT e.alert_instance_hk, e.load_date, NULL
    FROM ended e
    WHERE e.alert_instance_hk NOT IN (SELECT newest FROM of_incident WHERE open = 0)
),
-- By itself, for what is joined after the rows of the alerts is looped over: of them the planner expects a few.
wanted AS MATERIALIZED (
    SELECT c.alert_instance_hk, c.load_date, i.*, o.open
    FROM chosen c
    LEFT JOIN incident i USING (incident_hk)
    LEFT JOIN of_incident o USING (incident_hk)
)
SELECT h.alert_instance_bk,
       encode(a.alert_configuration_hk, 'hex') AS rule_key,
       a.additional_context ->> 'rule_name' AS rule_name,
       coalesce((a.additional_context ->> 'rule_version')::bigint, 0) AS rule_version,
       a.series,
       a.additional_context ->> 'unit' AS unit,
       a.group_key,
       a.alert_status,
       a.alert_severity,
       a.alert_value,
       a.threshold_value,
       a.alert_message,
       round(extract(EPOCH FROM a.pending_since) * 1000)::bigint AS pending_since,
       round(extract(EPOCH FROM a.fired_at) * 1000)::bigint AS fired_at,
       round(extract(EPOCH FROM a.acknowledged_at) * 1000)::bigint AS acknowledged_at,
       a.additional_context ->> 'acknowledged_by' AS acknowledged_by,
       round(extract(EPOCH FROM a.suppressed_at) * 1000)::bigint AS suppressed_at,
       a.suppressed_by,
       round(extract(EPOCH FROM a.resolved_at) * 1000)::bigint AS resolved_at,
       a.additional_context ->> 'end_reason' AS end_reason,
       coalesce((a.additional_context ->> 'flapping')::boolean, false) AS flapping,
       coalesce((a.additional_context ->> 'was_told')::boolean, false) AS was_told,
       round(extract(EPOCH FROM a.load_date) * 1000)::bigint AS at,
       note.row AS note_row,
       note.until AS note_until,
       note.acknowledged_by AS note_by,
       -- Its own time is by the vault's clock and the alert's by the watched server's, so a little is allowed for.
       CASE WHEN note.row IS NOT NULL THEN EXISTS (
           SELECT
           FROM monitoring.alert_instance_s k
           WHERE k.alert_instance_hk = a.alert_instance_hk
               AND k.alert_status = 'ACKNOWLEDGED'
               AND k.additional_context ->> 'acknowledged_by' = note.acknowledged_by
               AND k.acknowledged_at > note.load_date - INTERVAL '5 minutes'
       ) ELSE false END AS note_heard,
       told.matter,
       told.channels,
       w.incident_bk,
       w.target_name AS incident_target,
       w.incident_title,
       w.incident_severity,
       round(extract(EPOCH FROM w.opened_at) * 1000)::bigint AS opened_at,
       -- As far as it is known: the row has the seconds from its opening.
       round((extract(EPOCH FROM w.opened_at) + (w.additional_context ->> 'seconds_to_acknowledge')::numeric) * 1000)::bigint
           AS incident_acknowledged_at,
       -- Beside this one and those that are not.
       greatest(w.alert_count - greatest(w.open, 1), 0)::integer AS incident_over,
       coalesce((w.additional_context ->> 'explained_alerts')::integer, 0) AS incident_explained,
       w.additional_context ->> 'root_alert_id' AS root_hash,
       w.root_cause,
       round(extract(EPOCH FROM w.incident_date) * 1000)::bigint AS incident_at
FROM wanted w
JOIN monitoring.alert_instance_s a ON a.alert_instance_hk = w.alert_instance_hk AND a.load_date = w.load_date
JOIN monitoring.alert_instance_h h ON h.alert_instance_hk = w.alert_instance_hk
CROSS JOIN of_target
LEFT JOIN LATERAL (
    SELECT round(extract(EPOCH FROM n.load_date) * 1000000)::bigint AS row,
           CASE WHEN isfinite(n.acknowledged_until) THEN round(extract(EPOCH FROM n.acknowledged_until) * 1000)::bigint END AS until,
           n.acknowledged_by,
           n.load_date,
           n.load_end_date
    FROM monitoring.alert_acknowledgement_s n
    WHERE n.alert_instance_hk = a.alert_instance_hk
    ORDER BY n.load_date DESC
    LIMIT 1
) note ON note.load_end_date IS NULL
LEFT JOIN LATERAL (
    SELECT n.matter_key AS matter,
           array_agg(DISTINCT n.channel_name::text)
               FILTER (WHERE n.delivery_status NOT IN ('FAILED', 'EXPIRED', 'DROPPED')) AS channels
    FROM monitoring.alert_notification_l l
    JOIN monitoring.notification_log_s n USING (notification_log_hk)
    WHERE l.alert_instance_hk = a.alert_instance_hk
        AND n.load_end_date IS NULL
        AND n.matter_key IS NOT NULL
    GROUP BY n.matter_key
    ORDER BY max(n.notification_timestamp) DESC
    LIMIT 1
) told ON true
WHERE a.target_name = ANY (of_target.names)
ORDER BY a.fired_at NULLS LAST, a.pending_since, h.alert_instance_bk
