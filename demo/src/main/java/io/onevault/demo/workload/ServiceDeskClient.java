package io.onevault.demo.workload;

import java.sql.SQLException;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * The service desk's application: opens and works on incidents and changes, shows boards and the
 * audit trail. Numbering an incident locks its tenant's counter until the transaction ends, which
 * makes those few rows hot.
 */
final class ServiceDeskClient extends Client {

    /** Incidents up to this id belong to the contention crews. */
    static final int RESERVED = 20;

    private static final int INCIDENTS = Tenant.ALL.stream().mapToInt(Tenant::assets).sum();

    private static final String[] READS = {
        "SELECT id, title FROM servicedesk.incidents WHERE status = 'NEW' AND sla_deadline < now()"
                + " LIMIT 20",
        "SELECT status, count(*) FROM servicedesk.incidents WHERE created_at > now() - interval '7"
                + " days' GROUP BY status",
        "SELECT id, title FROM servicedesk.incidents WHERE assigned_to = 'agent3' AND status ="
                + " 'IN_PROGRESS' LIMIT 20",
        "SELECT id, title FROM servicedesk.incidents WHERE priority = 1 ORDER BY created_at DESC"
                + " LIMIT 20",
        "SELECT id, title FROM servicedesk.changes WHERE status = 'APPROVED' AND scheduled_date >"
                + " current_date - 30",
        "SELECT id, title FROM servicedesk.changes WHERE status = 'PENDING' ORDER BY created_at"
                + " LIMIT 20",
        "SELECT id, title FROM servicedesk.changes WHERE risk = 'HIGH' AND status = 'PENDING' LIMIT"
                + " 20",
        "SELECT id, title FROM servicedesk.tasks WHERE project_id = 4 AND sprint_id = 2 AND status"
                + " = 'DOING'",
        "SELECT id, title FROM servicedesk.tasks WHERE assigned_to = 'agent5' AND status = 'TODO'"
                + " LIMIT 20",
        "SELECT action, occurred_at FROM servicedesk.audit_events WHERE entity_type = 'INCIDENT'"
                + " AND entity_id = 77 ORDER BY occurred_at",
        "SELECT count(*) FROM servicedesk.audit_events WHERE user_id = 'agent7' AND action ="
                + " 'UPDATED'",
        "SELECT decision, count(*) FROM servicedesk.policy_decisions WHERE policy_name = 'policy3'"
                + " AND decided_at > now() - interval '1 hour' GROUP BY decision",
        "SELECT id, title FROM servicedesk.articles WHERE status = 'PUBLISHED' ORDER BY created_at"
                + " DESC LIMIT 10",
        "SELECT id, title FROM servicedesk.articles WHERE expires_at < now() + interval '7 days'"
                + " AND status = 'PUBLISHED' LIMIT 10",
    };

    ServiceDeskClient(int index, int count, Settings settings, Ledger ledger, StopSignal stop) {
        super(
                "servicedesk-api",
                index,
                count,
                WorkloadSchema.SERVICE_DESK_ROLE,
                settings,
                ledger,
                stop);
    }

    @Override
    void step(long step, SplittableRandom random) {
        Tenant tenant = Tenant.draw(random);
        String agent = "agent" + random.nextInt(12);
        int choice = random.nextInt(100);
        if (choice < 40) {
            String read = READS[random.nextInt(READS.length)];
            session().transact(s -> s.execute(read));
        } else if (choice < 65) {
            session().transact(s -> openIncident(s, tenant, agent, random));
        } else if (choice < 90) {
            session().transact(s -> workOnIncident(s, tenant, agent, random));
        } else {
            session().transact(s -> requestChange(s, tenant, random));
        }
    }

    private static void openIncident(
            Session s, Tenant tenant, String agent, SplittableRandom random) throws SQLException {
        Long number =
                s.value(
                        Long.class,
                        "UPDATE servicedesk.ticket_counters SET last_number = last_number + 1 WHERE"
                                + " tenant_bk = ? RETURNING last_number",
                        tenant.name());
        Long incident =
                s.value(
                        Long.class,
                        """
                        INSERT INTO servicedesk.incidents
                            (tenant_bk, number, title, status, priority, assigned_to, sla_deadline)
                        VALUES (?, ?, ?, 'NEW', ?, ?, clock_timestamp() + interval '8 hours')
                        RETURNING id
                        """,
                        tenant.name(),
                        number,
                        "Incident " + number,
                        1 + random.nextInt(4),
                        agent);
        audit(s, tenant, incident, agent, "CREATED");
        s.write(
                tenant,
                "INSERT INTO servicedesk.policy_decisions (policy_name, decision) VALUES (?,"
                        + " 'ALLOW')",
                "policy" + random.nextInt(8));
    }

    private static void workOnIncident(
            Session s, Tenant tenant, String agent, SplittableRandom random) throws SQLException {
        long incident = RESERVED + 1 + random.nextInt(INCIDENTS - RESERVED);
        s.write(
                tenant,
                """
                UPDATE servicedesk.incidents
                SET status = CASE status WHEN 'NEW' THEN 'ASSIGNED' WHEN 'ASSIGNED' THEN 'IN_PROGRESS'
                             ELSE 'RESOLVED' END,
                    assigned_to = ?, updated_at = clock_timestamp()
                WHERE id = ?
                """,
                agent,
                incident);
        audit(s, tenant, incident, agent, "UPDATED");
    }

    private static void requestChange(Session s, Tenant tenant, SplittableRandom random)
            throws SQLException {
        s.write(
                tenant,
                """
                INSERT INTO servicedesk.changes (tenant_bk, title, status, risk, scheduled_date)
                VALUES (?, 'Requested change', 'PENDING', ?, current_date + ?)
                """,
                tenant.name(),
                random.nextInt(5) == 0 ? "HIGH" : "LOW",
                random.nextInt(60));
        s.write(
                tenant,
                """
                INSERT INTO servicedesk.tasks (tenant_bk, project_id, sprint_id, title, status)
                VALUES (?, ?, ?, 'Prepare change', 'TODO')
                """,
                tenant.name(),
                random.nextInt(10),
                random.nextInt(6));
    }

    private static void audit(
            Session s, Tenant tenant, @Nullable Long incident, String agent, String action)
            throws SQLException {
        s.write(
                tenant,
                "INSERT INTO servicedesk.audit_events (entity_type, entity_id, user_id, action)"
                        + " VALUES ('INCIDENT', ?, ?, ?)",
                incident,
                agent,
                action);
    }
}
