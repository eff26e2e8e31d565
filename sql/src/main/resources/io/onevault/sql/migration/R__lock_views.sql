-- Who waits for whom now, what was worst, how did each deadlock come about, and what was decided?
--
-- Each view shows a row to whom row security would; see R__monitoring_views for how, on 14 and later.
-- But for the audit they look at the rows of the last 31 days, hence at two months' partitions, and there through
-- the partial indexes of newest rows. What is older is in the satellites.

DROP VIEW IF EXISTS lock_monitoring.current_blocking_tree;
DROP VIEW IF EXISTS lock_monitoring.worst_incidents;
DROP VIEW IF EXISTS lock_monitoring.deadlocks;
DROP VIEW IF EXISTS lock_monitoring.near_misses;
DROP VIEW IF EXISTS lock_monitoring.resolution_audit;

-- The tree of each open incident, a row for a session: the root, and below it whom it keeps waiting. Of a very wide
-- incident the first 200 victims. seen_at says how fresh that is. An incident that ended while nobody looked may never
-- be closed, and open ones are told of every ten seconds: what nobody has told of for two minutes is left out.
CREATE VIEW lock_monitoring.current_blocking_tree AS
    WITH RECURSIVE incident AS MATERIALIZED (
        SELECT s.*, h.blocking_session_bk, h.tenant_hk
        FROM lock_monitoring.blocking_session_s s
        JOIN lock_monitoring.blocking_session_h h USING (blocking_session_hk)
        WHERE s.load_end_date IS NULL
            AND NOT s.is_closed
            AND s.load_date >= now() - INTERVAL '2 minutes'
            AND ((SELECT util.reads_every_tenant())
                OR h.tenant_hk = (SELECT util.current_tenant_hk())
                OR (h.tenant_hk IS NULL AND (SELECT util.no_current_tenant())))
    ),
    victim AS MATERIALIZED (
        SELECT i.blocking_session_hk, v.place::integer AS place, v.item,
               (v.item ->> 'pid')::integer AS pid,
               (v.item ->> 'blocked_by')::integer AS blocked_by,
               (v.item ->> 'depth')::integer AS depth
        FROM incident i
        CROSS JOIN LATERAL jsonb_array_elements(i.chain) WITH ORDINALITY AS v(item, place)
    ),
    -- Whose blocker is not listed hangs on the root.
    branch AS MATERIALIZED (
        SELECT v.*, coalesce(min(p.place), 0) AS parent
        FROM victim v
        LEFT JOIN victim p ON p.blocking_session_hk = v.blocking_session_hk
            AND p.pid = v.blocked_by AND p.depth = v.depth - 1
        GROUP BY v.blocking_session_hk, v.place, v.item, v.pid, v.blocked_by, v.depth
    ),
    tree AS (
        SELECT i.blocking_session_hk, 0 AS place, NULL::jsonb AS item, i.session_pid AS pid,
               NULL::integer AS blocked_by, 0 AS depth, ARRAY[i.session_pid] AS path, ARRAY[0] AS places
        FROM incident i
        UNION ALL
        SELECT b.blocking_session_hk, b.place, b.item, b.pid, b.blocked_by, b.depth, t.path || b.pid,
               t.places || b.place
        FROM tree t
        JOIN branch b ON b.blocking_session_hk = t.blocking_session_hk AND b.parent = t.place
    )
    SELECT i.target_name,
           i.blocking_session_bk AS incident,
           t.depth,
           t.path,
           repeat('    ', t.depth)
               || CASE WHEN t.depth > 0 THEN '└── ' ELSE '' END
               || CASE WHEN t.depth = 0 AND i.prepared_transaction IS NOT NULL
                      THEN 'prepared ' || i.prepared_transaction ELSE t.pid::text END AS tree,
           t.pid,
           t.blocked_by,
           (t.item ->> 'hard')::boolean AS is_hard,
           t.item ->> 'lock_type' AS lock_type,
           t.item ->> 'lock_mode' AS lock_mode,
           CASE WHEN t.item IS NULL THEN i.relation_name ELSE t.item ->> 'relation' END AS relation_name,
           (t.item ->> 'wait_start')::timestamptz AS wait_start,
           -- The watched server's clock may be ahead.
           CASE WHEN t.item IS NOT NULL
               THEN greatest(0, extract(EPOCH FROM now() - (t.item ->> 'wait_start')::timestamptz)) END::double precision
               AS waited_seconds,
           CASE WHEN t.item IS NULL THEN i.session_state ELSE 'waiting' END AS session_state,
           CASE WHEN t.item IS NULL THEN i.database_name ELSE t.item ->> 'database' END AS database_name,
           CASE WHEN t.item IS NULL THEN i.user_name ELSE t.item ->> 'user' END AS user_name,
           CASE WHEN t.item IS NULL THEN i.username_hash ELSE decode(t.item ->> 'user_hash', 'hex') END
               AS username_hash,
           CASE WHEN t.item IS NULL THEN i.application_name ELSE t.item ->> 'application' END AS application_name,
           CASE WHEN t.item IS NULL THEN i.current_query ELSE t.item ->> 'query' END AS query_text,
           CASE WHEN t.item IS NULL THEN i.victim_count END AS victim_count,
           i.lock_impact_score,
           CASE WHEN t.item IS NULL THEN i.maintenance_kind END AS maintenance_kind,
           CASE WHEN t.item IS NULL THEN i.recommended_action END AS recommended_action,
           i.observed_at AS seen_at,
           i.tenant_hk
    FROM tree t
    JOIN incident i USING (blocking_session_hk)
    ORDER BY i.lock_impact_score DESC NULLS LAST, i.opened_at, i.blocking_session_hk, t.places;

COMMENT ON VIEW lock_monitoring.current_blocking_tree IS
    'Who waits for whom now. Incidents not told of for two minutes are left out: the pipeline lost sight of them, or it stands still, or the watched server''s clock is late by that much';

-- The incidents that cost most, by the seconds all victims together waited. LOST is one that was open when it was last
-- told of, more than two minutes ago.
CREATE VIEW lock_monitoring.worst_incidents AS
    SELECT s.target_name,
           h.blocking_session_bk AS incident,
           CASE WHEN NOT s.is_closed AND s.load_date < now() - INTERVAL '2 minutes' THEN 'LOST'
               ELSE s.incident_status END AS incident_status,
           s.total_victim_seconds,
           s.lock_impact_score,
           s.peak_victims,
           s.peak_depth,
           s.longest_wait_seconds,
           s.opened_at,
           s.closed_at,
           extract(EPOCH FROM coalesce(s.closed_at, s.observed_at) - s.opened_at)::double precision AS lasted_seconds,
           s.resolution_action,
           s.session_pid,
           s.prepared_transaction,
           s.root_count,
           s.session_state,
           s.is_idle_in_transaction,
           s.database_name,
           s.relation_name,
           s.lock_modes,
           s.user_name,
           s.username_hash,
           s.application_name,
           s.current_query,
           s.query_fingerprint,
           s.maintenance_kind,
           s.recommended_action,
           s.affected_tenants,
           s.load_date,
           h.tenant_hk
    FROM lock_monitoring.blocking_session_s s
    JOIN lock_monitoring.blocking_session_h h USING (blocking_session_hk)
    WHERE s.load_end_date IS NULL
        AND s.load_date >= now() - INTERVAL '31 days'
        AND ((SELECT util.reads_every_tenant())
            OR h.tenant_hk = (SELECT util.current_tenant_hk())
            OR (h.tenant_hk IS NULL AND (SELECT util.no_current_tenant())))
    ORDER BY s.total_victim_seconds DESC, s.lock_impact_score DESC;

-- Each deadlock with its members; those of two side by side, which nearly all are. A cycle that nobody has told the end of
-- for ten minutes is LOST: the job failed between its beginning and its end, and what the server's log then told stands
-- in a row of its own. Only a deadlock_timeout of more than ten minutes makes cycles that stand longer.
CREATE VIEW lock_monitoring.deadlocks AS
    SELECT s.target_name,
           h.deadlock_event_bk AS deadlock,
           CASE WHEN s.outcome = 'OPEN' AND s.load_date < now() - INTERVAL '10 minutes' THEN 'LOST' ELSE s.outcome END
               AS outcome,
           s.deadlock_timestamp,
           s.detected_at,
           s.reported_at,
           s.detected_before_server,
           s.detection_source,
           s.event_count,
           s.database_name,
           s.chain_length,
           s.pid_chain,
           s.victim_pid,
           s.relation_names,
           CASE WHEN s.chain_length = 2 THEN (s.cycle -> 0 ->> 'pid')::integer END AS first_pid,
           CASE WHEN s.chain_length = 2 THEN s.cycle -> 0 ->> 'application' END AS first_application,
           CASE WHEN s.chain_length = 2 THEN s.cycle -> 0 ->> 'statement' END AS first_statement,
           CASE WHEN s.chain_length = 2 THEN s.cycle -> 0 ->> 'lock_mode' END AS first_lock_mode,
           CASE WHEN s.chain_length = 2 THEN s.cycle -> 0 ->> 'resource' END AS first_waits_for,
           CASE WHEN s.chain_length = 2 THEN s.cycle -> 0 ->> 'relation' END AS first_relation,
           CASE WHEN s.chain_length = 2 THEN (s.cycle -> 1 ->> 'pid')::integer END AS second_pid,
           CASE WHEN s.chain_length = 2 THEN s.cycle -> 1 ->> 'application' END AS second_application,
           CASE WHEN s.chain_length = 2 THEN s.cycle -> 1 ->> 'statement' END AS second_statement,
           CASE WHEN s.chain_length = 2 THEN s.cycle -> 1 ->> 'lock_mode' END AS second_lock_mode,
           CASE WHEN s.chain_length = 2 THEN s.cycle -> 1 ->> 'resource' END AS second_waits_for,
           CASE WHEN s.chain_length = 2 THEN s.cycle -> 1 ->> 'relation' END AS second_relation,
           s.cycle AS members,
           s.affected_tenants,
           s.load_date,
           h.tenant_hk
    FROM lock_monitoring.deadlock_event_s s
    JOIN lock_monitoring.deadlock_event_h h USING (deadlock_event_hk)
    WHERE s.load_end_date IS NULL
        AND s.outcome IN ('OPEN', 'DEADLOCK')
        AND s.load_date >= now() - INTERVAL '31 days'
        AND ((SELECT util.reads_every_tenant())
            OR h.tenant_hk = (SELECT util.current_tenant_hk())
            OR (h.tenant_hk IS NULL AND (SELECT util.no_current_tenant())));

-- Cycles that something else ended before the server had to: the next deadlocks.
CREATE VIEW lock_monitoring.near_misses AS
    SELECT s.target_name,
           h.deadlock_event_bk AS near_miss,
           s.deadlock_timestamp,
           s.detected_at,
           s.ended_at,
           extract(EPOCH FROM coalesce(s.ended_at, s.observed_at) - s.deadlock_timestamp)::double precision
               AS lasted_seconds,
           s.resolution_action,
           s.database_name,
           s.chain_length,
           s.pid_chain,
           s.relation_names,
           s.lock_modes,
           s.query_fingerprints,
           s.cycle AS members,
           s.affected_tenants,
           s.load_date,
           h.tenant_hk
    FROM lock_monitoring.deadlock_event_s s
    JOIN lock_monitoring.deadlock_event_h h USING (deadlock_event_hk)
    WHERE s.load_end_date IS NULL
        AND s.outcome = 'NEAR_MISS'
        AND s.load_date >= now() - INTERVAL '31 days'
        AND ((SELECT util.reads_every_tenant())
            OR h.tenant_hk = (SELECT util.current_tenant_hk())
            OR (h.tenant_hk IS NULL AND (SELECT util.no_current_tenant())));

-- Every decision ever taken, as it stands. Ask with a condition on load_date for a period.
CREATE VIEW lock_monitoring.resolution_audit AS
    SELECT s.target_name,
           h.lock_resolution_bk AS resolution,
           (SELECT b.blocking_session_bk
            FROM lock_monitoring.blocking_resolution_l l
            JOIN lock_monitoring.blocking_session_h b USING (blocking_session_hk)
            WHERE l.lock_resolution_hk = s.lock_resolution_hk
            ORDER BY l.load_date, l.blocking_resolution_hk
            LIMIT 1) AS incident,
           s.decided_at,
           s.decision,
           s.decision_reason,
           s.session_pid,
           s.backend_start,
           s.is_dry_run,
           s.executed_at,
           s.outcome,
           s.safety_rules,
           s.load_date,
           h.tenant_hk
    FROM lock_monitoring.lock_resolution_s s
    JOIN lock_monitoring.lock_resolution_h h USING (lock_resolution_hk)
    WHERE s.load_end_date IS NULL
        AND ((SELECT util.reads_every_tenant())
            OR h.tenant_hk = (SELECT util.current_tenant_hk())
            OR (h.tenant_hk IS NULL AND (SELECT util.no_current_tenant())));

DO $$
DECLARE
    v_view TEXT;
BEGIN
    FOREACH v_view IN ARRAY ARRAY['current_blocking_tree', 'worst_incidents', 'deadlocks', 'near_misses',
                                  'resolution_audit'] LOOP
        IF current_setting('server_version_num')::int >= 150000 THEN
            EXECUTE format('ALTER VIEW lock_monitoring.%I SET (security_invoker = true)', v_view);
        ELSE
            EXECUTE format('ALTER VIEW lock_monitoring.%I SET (security_barrier = true)', v_view);
        END IF;
        EXECUTE format('GRANT SELECT ON lock_monitoring.%I TO onevault_reader, onevault_writer, onevault_admin', v_view);
    END LOOP;
END
$$;
