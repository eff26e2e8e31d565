package io.onevault.jobs.vault;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultWriter;
import io.onevault.jobs.locks.impact.AssessmentSettings;
import io.onevault.jobs.locks.impact.LockAssessor;
import io.onevault.jobs.locks.impact.TenantPatterns;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.DeadlockMember;
import io.onevault.jobs.locks.incident.LockWait;
import io.onevault.jobs.locks.resolution.LockResolution;
import io.onevault.jobs.testing.TestVault;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.StringJoiner;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** Findings about locks in the vault and what its views say of them, on oldest and newest. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {14, 18})
class LockVaultIT {

    private static final Pseudonyms NAMES = new Pseudonyms(Secret.of("k3y"), false);
    private static final List<String> VIEWS =
            List.of(
                    "current_blocking_tree",
                    "worst_incidents",
                    "deadlocks",
                    "near_misses",
                    "resolution_audit");
    private static final List<String> TABLES =
            List.of(
                    "lock_activity_h",
                    "lock_activity_s",
                    "blocking_session_h",
                    "blocking_session_s",
                    "deadlock_event_h",
                    "deadlock_event_s",
                    "lock_resolution_h",
                    "lock_resolution_s",
                    "lock_blocking_l",
                    "deadlock_lock_l",
                    "blocking_resolution_l");

    private static TestVault vault;

    /** A little ago, in microseconds; the views look at what is recent. */
    private final long t0 = Instant.now().minusSeconds(20).toEpochMilli() * 1_000 + 457;

    @Parameter int version;

    @BeforeParameterizedClassInvocation
    static void deploy(int version) {
        vault = TestVault.start(version, Map.of());
        vault.execute("CREATE ROLE reader_user LOGIN IN ROLE onevault_reader");
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        vault.close();
    }

    @BeforeEach
    void empty() {
        vault.execute("TRUNCATE lock_monitoring." + String.join(", lock_monitoring.", TABLES));
    }

    @Test
    void replayingTwiceAndShuffledGivesTheSameVault() throws Exception {
        List<Object> findings = LockFindings.episodes(t0, new Random(3));
        write(findings, findings.size());
        String orderly = content();
        List<Object> twice = new ArrayList<>(findings);
        twice.addAll(findings);
        Collections.shuffle(twice, new Random(4));
        empty();
        write(twice, 5);
        assertThat(content()).isEqualTo(orderly);

        for (String thing :
                List.of("lock_activity", "blocking_session", "deadlock_event", "lock_resolution")) {
            assertThat(
                            rows(
                                    """
                                    SELECT count(*) > 0, count(*) FILTER (WHERE open <> 1), count(*) FILTER (WHERE broken)
                                    FROM (
                                        SELECT count(*) FILTER (WHERE load_end_date IS NULL) AS open,
                                               bool_or(load_end_date IS DISTINCT FROM next) AS broken
                                        FROM (
                                            SELECT *, lead(load_date) OVER (PARTITION BY %1$s_hk ORDER BY load_date) AS next
                                            FROM lock_monitoring.%1$s_s
                                        ) s
                                        GROUP BY %1$s_hk
                                    ) h
                                    """
                                            .formatted(thing)))
                    .as(thing)
                    .containsExactly("t|0|0");
        }
        assertThat(
                        rows(
                                "SELECT count(*), count(*) FILTER (WHERE NOT is_closed) FROM"
                                        + " lock_monitoring.lock_activity_s WHERE load_end_date IS"
                                        + " NULL"))
                .as("every wait has ended")
                .containsExactly("40|0");
    }

    @Test
    void theTreeShowsWhoWaitsForWhomUntilNobodyDoes() throws Exception {
        write(
                List.of(
                        LockFindings.incident("deep", "", List.of(5, 6, 7), t0, 0, t0 + 1_000_000),
                        LockFindings.incident(
                                "flat", "", List.of(8, 9), t0 + 1, 0, t0 + 1_000_000)),
                2);
        assertThat(
                        rows(
                                "SELECT incident, tree, path, depth, blocked_by, lock_mode,"
                                        + " session_state, waited_seconds BETWEEN 10 AND 120,"
                                        + " wait_start = to_timestamp("
                                        + t0 / 1_000_000
                                        + ") + (depth + "
                                        + t0 % 1_000_000
                                        + ") * interval '1 microsecond' FROM"
                                        + " lock_monitoring.current_blocking_tree"))
                .containsExactly(
                        "deep|5|{5}|0|null|null|idle in transaction|null|null",
                        "deep|    └── 6|{5,6}|1|5|AccessExclusiveLock|waiting|t|t",
                        "deep|        └── 7|{5,6,7}|2|6|AccessExclusiveLock|waiting|t|t",
                        "flat|8|{8}|0|null|null|idle in transaction|null|null",
                        "flat|    └── 9|{8,9}|1|8|AccessExclusiveLock|waiting|t|f");
        write(
                List.of(
                        LockFindings.incident(
                                "deep", "", List.of(5, 6, 7), t0, t0 + 1_000_100, t0 + 1_000_100)),
                1);
        assertThat(rows("SELECT DISTINCT incident FROM" + " lock_monitoring.current_blocking_tree"))
                .containsExactly("flat");
        assertThat(
                        rows(
                                "SELECT incident, total_victim_seconds, incident_status,"
                                        + " username_hash IS NOT NULL, user_name FROM"
                                        + " lock_monitoring.worst_incidents"))
                .containsExactly("deep|2.0002|CLOSED|t|null", "flat|0.999999|OPEN|t|null");
    }

    @Test
    void aVictimWhoseBlockerIsNotListedHangsOnTheRoot() throws Exception {
        write(List.of(LockFindings.incident("i", "", List.of(5, 6, 7, 8), t0, 0, t0 + 1)), 1);
        vault.execute("UPDATE lock_monitoring.blocking_session_s SET chain = chain - 0");
        assertThat(rows("SELECT path FROM lock_monitoring.current_blocking_tree"))
                .containsExactly("{5}", "{5,7}", "{5,7,8}");
    }

    @Test
    void aDeadlockShowsBothStatementsAndBothResources() throws Exception {
        write(
                List.of(
                        LockFindings.deadlock(
                                "two",
                                "",
                                "DEADLOCK",
                                List.of(
                                        LockFindings.member(1, 2, "w1"),
                                        LockFindings.member(2, 1, "w2")),
                                t0),
                        LockFindings.deadlock(
                                "three",
                                "",
                                "OPEN",
                                List.of(
                                        LockFindings.member(1, 2, ""),
                                        LockFindings.member(2, 3, ""),
                                        LockFindings.member(3, 1, "")),
                                t0),
                        LockFindings.deadlock("counted", "", "DEADLOCK", List.of(), t0),
                        LockFindings.deadlock(
                                "missed",
                                "",
                                "NEAR_MISS",
                                List.of(
                                        LockFindings.member(1, 2, ""),
                                        LockFindings.member(2, 1, "")),
                                t0)),
                10);
        assertThat(
                        rows(
                                "SELECT deadlock, event_count, first_statement, first_waits_for,"
                                        + " second_statement, second_waits_for, victim_pid,"
                                        + " jsonb_array_length(members) FROM"
                                        + " lock_monitoring.deadlocks ORDER BY deadlock DESC"))
                .containsExactly(
                        "two|1|UPDATE t1 SET x = ?|transaction 2|UPDATE t2 SET x = ?|transaction"
                                + " 1|2|2",
                        "three|1|null|null|null|null|null|3",
                        "counted|3|null|null|null|null|null|0");
        assertThat(
                        rows(
                                "SELECT near_miss, resolution_action, lasted_seconds FROM"
                                        + " lock_monitoring.near_misses"))
                .containsExactly("missed|TIMEOUT|0.25");
        assertThat(
                        rows(
                                "SELECT lock_activity_bk FROM lock_monitoring.deadlock_lock_l JOIN"
                                        + " lock_monitoring.lock_activity_h USING"
                                        + " (lock_activity_hk) ORDER BY 1"))
                .containsExactly("w1", "w2");
    }

    @Test
    void theAuditTellsWhatWasDecidedAndWhatCameOfIt() throws Exception {
        String reason = "FAILED " + "the server said no ".repeat(20);
        write(
                List.of(
                        LockFindings.decision("i1", "", 5, t0, 0, ""),
                        LockFindings.decision("i1", "", 5, t0, t0 + 9_000, reason),
                        LockFindings.decision("i2", "", 6, t0, 0, "")),
                10);
        assertThat(
                        rows(
                                "SELECT incident, session_pid, decision, outcome, safety_rules ->>"
                                        + " 'backup' FROM lock_monitoring.resolution_audit ORDER BY"
                                        + " incident"))
                .containsExactly("i1|5|CANCEL|" + reason + "|passed", "i2|6|CANCEL|null|passed");
    }

    @Test
    void aReaderSeesItsOwnTenantOnly() throws Exception {
        List<Object> findings = new ArrayList<>();
        for (String tenant : List.of("A", "B", "")) {
            findings.add(LockFindings.incident("i" + tenant, tenant, List.of(1, 2), t0, 0, t0));
            findings.add(LockFindings.wait("i" + tenant, tenant, tenant.hashCode(), 1, t0, 0, t0));
            for (String outcome : List.of("DEADLOCK", "NEAR_MISS")) {
                findings.add(
                        LockFindings.deadlock(outcome + tenant, tenant, outcome, List.of(), t0));
            }
            findings.add(LockFindings.decision("i" + tenant, tenant, tenant.hashCode(), t0, 0, ""));
        }
        write(findings, 100);
        for (String view : VIEWS) {
            String tenants =
                    "SELECT DISTINCT encode(tenant_hk, 'hex') FROM lock_monitoring." + view;
            assertThat(asReader("A", tenants)).as(view).containsExactly(hash("A"));
            assertThat(asReader("B", tenants)).as(view).containsExactly(hash("B"));
            assertThat(asReader("", tenants)).as(view).containsExactly("null");
            assertThat(rows(tenants)).as(view).hasSize(3);
        }
        for (String table : TABLES) {
            String count = "SELECT count(*) FROM lock_monitoring." + table;
            boolean two = table.startsWith("deadlock_event");
            boolean none = table.equals("deadlock_lock_l");
            assertThat(asReader("A", count))
                    .as(table)
                    .containsExactly(none ? "0" : two ? "2" : "1");
        }
    }

    @Test
    void whatEverConcernedSeveralTenantsIsShownToNeither() throws Exception {
        write(List.of(LockFindings.incident("i", "A", List.of(1, 2), t0, 0, t0)), 1);
        String count = "SELECT count(*) FROM lock_monitoring.current_blocking_tree";
        assertThat(asReader("A", count)).containsExactly("2");
        write(List.of(LockFindings.incident("i", "", List.of(1, 2, 3), t0, 0, t0 + 50_000)), 1);
        assertThat(asReader("A", count)).containsExactly("0");
        assertThat(asReader("", count)).containsExactly("3");
        // The other tenant's victims are gone, but the rows that show them are not.
        long end = t0 + 90_000;
        write(List.of(LockFindings.incident("i", "A", List.of(1, 2), t0, 0, t0 + 70_000)), 1);
        write(List.of(LockFindings.incident("i", "A", List.of(1), t0, end, end)), 1);
        for (String table :
                List.of("blocking_session_h", "blocking_session_s", "worst_incidents")) {
            String rows = "SELECT count(*) FROM lock_monitoring." + table;
            assertThat(asReader("A", rows)).as(table).containsExactly("0");
            assertThat(asReader("", rows)).as(table).doesNotContain("0");
        }
    }

    @Test
    void aDeadlockOfTheLogAloneIsShownToNobodyWhoMayNotSeeAll() throws Exception {
        LockAssessor assessor =
                new LockAssessor(
                        AssessmentSettings.DEFAULT.withTenants(
                                Map.of("prod", new TenantPatterns("^(.+)_app$", ""))));
        DeadlockMember victim = LockFindings.member(2, 1, "", "A_app", "public.t2");
        for (DeadlockMember other :
                List.of(
                        LockFindings.member(1, 2, "", "A_app", ""),
                        LockFindings.member(1, 2, "", "", ""))) {
            DeadlockEvent event =
                    LockFindings.deadlock(
                            "d" + other.user(), "", "DEADLOCK", List.of(other, victim), t0);
            write(List.of(assessor.assess(event)), 1);
        }
        assertThat(asReader("A", "SELECT deadlock FROM lock_monitoring.deadlocks"))
                .containsExactly("dA_app");
        assertThat(rows("SELECT affected_tenants FROM lock_monitoring.deadlocks"))
                .containsExactly("{A}", "{A}");
    }

    private static String hash(String tenant) throws SQLException {
        return rows("SELECT encode(util.hash_binary('" + tenant + "'), 'hex')").get(0);
    }

    private static void write(List<Object> findings, int batch) throws SQLException {
        Map<VaultTable, List<VaultRow>> rows = new LinkedHashMap<>();
        for (Object finding : findings) {
            if (finding instanceof LockWait wait) {
                add(rows, LockWaitRows.TABLE, new LockWaitRows(NAMES).map(wait));
            } else if (finding instanceof BlockingIncident incident) {
                add(
                        rows,
                        BlockingIncidentRows.TABLE,
                        new BlockingIncidentRows(NAMES).map(incident));
            } else if (finding instanceof DeadlockEvent event) {
                add(rows, DeadlockEventRows.TABLE, new DeadlockEventRows(NAMES).map(event));
            } else {
                add(
                        rows,
                        LockResolutionRows.TABLE,
                        LockResolutionRows.row((LockResolution) finding));
            }
        }
        for (Map.Entry<VaultTable, List<VaultRow>> entry : rows.entrySet()) {
            List<VaultRow> all = entry.getValue();
            try (Connection connection = vault.connect("pipeline", "secret")) {
                VaultWriter writer = new VaultWriter(entry.getKey(), connection);
                for (int i = 0; i < all.size(); i += batch) {
                    writer.write(all.subList(i, Math.min(i + batch, all.size())));
                }
            }
        }
    }

    private static void add(Map<VaultTable, List<VaultRow>> rows, VaultTable table, VaultRow row) {
        rows.computeIfAbsent(table, t -> new ArrayList<>()).add(row);
    }

    private static String content() throws SQLException {
        StringBuilder all = new StringBuilder();
        for (String table : TABLES) {
            List<String> rows =
                    rows("SELECT t::text FROM lock_monitoring." + table + " t ORDER BY 1");
            assertThat(rows).as(table).isNotEmpty();
            all.append(rows);
        }
        return all.toString();
    }

    private static List<String> asReader(String tenant, String sql) throws SQLException {
        try (Connection connection = vault.connect("reader_user", "")) {
            rows(
                    connection,
                    "SELECT set_config('app.current_tenant_id', '"
                            + (tenant.isEmpty() ? "" : hash(tenant))
                            + "', false)");
            return rows(connection, sql);
        }
    }

    private static List<String> rows(String sql) throws SQLException {
        try (Connection connection = vault.connect()) {
            return rows(connection, sql);
        }
    }

    private static List<String> rows(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            List<String> found = new ArrayList<>();
            int width = rows.getMetaData().getColumnCount();
            while (rows.next()) {
                StringJoiner row = new StringJoiner("|");
                for (int c = 1; c <= width; c++) {
                    row.add(rows.getString(c));
                }
                found.add(row.toString());
            }
            return found;
        }
    }
}
