-- What is wrong right now, what belongs together, and who should know?
--
-- open_alerts is version 1 of a contract with other systems, described in docs/alerts.md: columns may be added at the end, none of
-- these is renamed, removed or given another meaning without another version.
-- None is dropped here: others have views on them, and grants. A change that cannot replace one needs a migration of its own.
-- A view shows a row to whom row security would; see R__monitoring_views.sql.

-- Every alert that is not over, as it stands, the worst and oldest first by severity_rank and pending_since.
CREATE OR REPLACE VIEW monitoring.open_alerts AS
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
           a.tenant_hk,
           substring(a.suppressed_by FROM '^alert ([0-9a-f]{64}) ') AS explained_by,
           incident.incident_id
    FROM open_alert a
    LEFT JOIN LATERAL (
        SELECT r.alert_description, r.rationale, r.runbook
        FROM monitoring.alert_configuration_s r
        WHERE r.alert_configuration_hk = a.alert_configuration_hk
            -- A tenant does not read rules that are for all.
            AND (SELECT reads_all OR without_tenant FROM viewer)
        ORDER BY r.load_date DESC
        LIMIT 1
    ) rule ON true
    LEFT JOIN LATERAL (
        -- Whoever sees the alert sees that it has an incident, which is of the same tenant.
        SELECT encode(l.incident_hk, 'hex') AS incident_id
        FROM monitoring.alert_incident_l l
        WHERE l.alert_instance_hk = a.alert_instance_hk
        ORDER BY l.load_date DESC
        LIMIT 1
    ) incident ON true;
COMMENT ON VIEW monitoring.open_alerts IS 'Contract version 1: every alert that is not over';

-- How did every incident stand last, with how long it took? Open ones have neither end nor time to it.
CREATE OR REPLACE VIEW monitoring.incident_history AS
    WITH viewer AS MATERIALIZED (
        SELECT util.reads_every_tenant() AS reads_all,
               util.current_tenant_hk() AS tenant_hk,
               util.no_current_tenant() AS without_tenant
    )
    SELECT encode(s.incident_hk, 'hex') AS incident_id,
           s.incident_title AS title,
           s.incident_status::text AS status,
           s.incident_severity::text AS severity,
           s.target_name,
           s.root_cause,
           s.additional_context ->> 'root_alert_id' AS root_alert_id,
           s.opened_at,
           s.closed_at,
           s.alert_count,
           (s.additional_context ->> 'open_alerts')::integer AS open_alerts,
           (s.additional_context ->> 'explained_alerts')::integer AS explained_alerts,
           (s.additional_context ->> 'seconds_to_acknowledge')::double precision AS seconds_to_acknowledge,
           (s.additional_context ->> 'seconds_to_resolve')::double precision AS seconds_to_resolve,
           s.load_date AS changed_at,
           h.tenant_hk
    FROM monitoring.incident_s s
    JOIN monitoring.incident_h h USING (incident_hk)
    WHERE s.load_end_date IS NULL
        AND ((SELECT reads_all FROM viewer)
            OR h.tenant_hk = (SELECT tenant_hk FROM viewer)
            OR (h.tenant_hk IS NULL AND (SELECT without_tenant FROM viewer)));
COMMENT ON VIEW monitoring.incident_history IS 'Every incident as it stood last, with the times to acknowledge and to resolve it';

-- What is being dealt with right now, and since when?
CREATE OR REPLACE VIEW monitoring.open_incidents AS
    SELECT i.incident_id, i.title, i.status, i.severity,
           CASE i.severity WHEN 'CRITICAL' THEN 1 WHEN 'WARNING' THEN 2 ELSE 3 END AS severity_rank,
           i.target_name, i.root_cause, i.root_alert_id, i.opened_at, i.alert_count, i.open_alerts,
           i.explained_alerts, i.seconds_to_acknowledge,
           extract(EPOCH FROM now() - i.opened_at)::double precision AS age_seconds,
           i.changed_at, i.tenant_hk
    FROM monitoring.incident_history i
    WHERE i.status <> 'RESOLVED';
COMMENT ON VIEW monitoring.open_incidents IS 'Every incident that is not over';

DO $$
DECLARE
    v_view TEXT;
BEGIN
    FOREACH v_view IN ARRAY ARRAY['open_alerts', 'incident_history', 'open_incidents'] LOOP
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
