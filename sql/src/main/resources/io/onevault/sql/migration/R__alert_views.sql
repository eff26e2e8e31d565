-- What is wrong right now, and who should know?
--
-- Version 1 of a contract with other systems, described in docs/alerts.md: columns may be added at the end, none of
-- these is renamed, removed or given another meaning without another version.
-- A view shows a row to whom row security would; see R__monitoring_views.sql.

DROP VIEW IF EXISTS monitoring.open_alerts;

-- Every alert that is not over, as it stands, the worst and oldest first by severity_rank and pending_since.
CREATE VIEW monitoring.open_alerts AS
    WITH viewer AS MATERIALIZED (
        SELECT util.reads_every_tenant() AS reads_all,
               util.current_tenant_hk() AS tenant_hk,
               util.no_current_tenant() AS without_tenant
    ),
    open_alert AS (
        SELECT h.alert_instance_bk, h.tenant_hk, s.*
        FROM monitoring.alert_instance_s s
        JOIN monitoring.alert_instance_h h USING (alert_instance_hk)
        WHERE s.load_end_date IS NULL
            AND s.alert_status <> 'RESOLVED'
            AND ((SELECT reads_all FROM viewer)
                OR h.tenant_hk = (SELECT tenant_hk FROM viewer)
                OR (h.tenant_hk IS NULL AND (SELECT without_tenant FROM viewer)))
    )
    SELECT 1 AS contract_version,
           encode(a.alert_instance_hk, 'hex') AS alert_id,
           a.additional_context ->> 'rule_name' AS rule_name,
           a.alert_status::text AS status,
           a.alert_severity::text AS severity,
           CASE a.alert_severity WHEN 'CRITICAL' THEN 1 WHEN 'WARNING' THEN 2 ELSE 3 END AS severity_rank,
           a.target_name,
           a.metric_name::text AS metric_name,
           a.labels,
           a.alert_message AS message,
           a.alert_value AS value,
           a.threshold_value AS threshold,
           a.additional_context ->> 'unit' AS unit,
           a.pending_since,
           a.fired_at,
           a.acknowledged_at,
           a.additional_context ->> 'acknowledged_by' AS acknowledged_by,
           a.suppressed_at,
           a.suppressed_by,
           (a.additional_context ->> 'was_told')::boolean AS was_told,
           (a.additional_context ->> 'flapping')::boolean AS flapping,
           a.group_key,
           a.load_date AS changed_at,
           extract(EPOCH FROM now() - a.pending_since)::double precision AS age_seconds,
           rule.alert_description AS description,
           rule.rationale,
           rule.runbook,
           a.series,
           a.tenant_hk
    FROM open_alert a
    LEFT JOIN LATERAL (
        SELECT r.alert_description, r.rationale, r.runbook
        FROM monitoring.alert_configuration_s r
        WHERE r.alert_configuration_hk = a.alert_configuration_hk
            -- A tenant does not read rules that are for all.
            AND (SELECT reads_all OR without_tenant FROM viewer)
        ORDER BY r.load_date DESC
        LIMIT 1
    ) rule ON true;
COMMENT ON VIEW monitoring.open_alerts IS 'Contract version 1: every alert that is not over';

DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 150000 THEN
        ALTER VIEW monitoring.open_alerts SET (security_invoker = true);
    ELSE
        -- Or a function of the reader's own, being cheap, would see rows before the tenant's condition.
        ALTER VIEW monitoring.open_alerts SET (security_barrier = true);
    END IF;
    GRANT SELECT ON monitoring.open_alerts TO onevault_reader, onevault_writer, onevault_admin;
END
$$;
