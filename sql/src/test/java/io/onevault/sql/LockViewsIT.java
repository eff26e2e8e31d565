package io.onevault.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** The lock views on a year of incidents, and the way there from the version before. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {14, 18})
class LockViewsIT {

    private static final int INCIDENTS = 60_000;
    private static final long LIMIT_MILLIS = 100;

    /** What people ask, and the partial index that answers. */
    private static final Map<String, String> QUESTIONS =
            Map.of(
                    "SELECT * FROM lock_monitoring.current_blocking_tree",
                    "blocking_session_s_y\\w+_load_date_idx1",
                    "SELECT * FROM lock_monitoring.worst_incidents LIMIT 20",
                    "blocking_session_s_y\\w+_total_victim",
                    "SELECT * FROM lock_monitoring.deadlocks ORDER BY load_date DESC LIMIT 20",
                    "deadlock_event_s_y\\w+_load_date_idx",
                    "SELECT * FROM lock_monitoring.near_misses ORDER BY load_date DESC LIMIT 20",
                    "deadlock_event_s_y\\w+_load_date_idx",
                    "SELECT * FROM lock_monitoring.resolution_audit WHERE load_date >= now() -"
                            + " INTERVAL '1 day'",
                    "lock_resolution_s_y\\w+_load_date_idx");

    private static PostgresServer server;

    @Parameter int version;
    @TempDir Path before;

    @BeforeParameterizedClassInvocation
    static void deploy(int version) throws SQLException {
        server = PostgresServer.builder(version).start();
        server.createDatabase("vault");
        new VaultDeployer(server.jdbcUrl("vault"), PostgresServer.SUPERUSER, () -> "").deploy();
        server.execute("vault", "CREATE ROLE reader_user LOGIN IN ROLE onevault_reader");
        try (Connection owner = server.connect("vault")) {
            fill(owner);
        }
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        server.close();
    }

    @Test
    void answersFromTheNewestMonthsByTheirIndexesOfOpenRows() throws SQLException {
        try (Connection owner = server.connect("vault");
                Connection reader = server.connect("vault", "reader_user", "")) {
            Rows.of(
                    reader,
                    "SELECT set_config('app.current_tenant_id',"
                            + " encode(util.hash_binary('tenant7'), 'hex'), false)");
            for (Connection connection : List.of(owner, reader)) {
                for (Map.Entry<String, String> question : QUESTIONS.entrySet()) {
                    String plan =
                            String.join("\n", Rows.of(connection, "EXPLAIN " + question.getKey()));
                    assertThat(plan).contains("Subplans Removed");
                    assertThat(plan)
                            .containsPattern(
                                    "Index Scan (using|on|Backward using) " + question.getValue());
                    assertThat(
                                    Pattern.compile(" on \\w+_s_(y\\d{4}m\\d\\d)")
                                            .matcher(plan)
                                            .results()
                                            .map(month -> month.group(1)))
                            .as(plan)
                            .isNotEmpty()
                            .allSatisfy(
                                    month ->
                                            assertThat(month)
                                                    .isGreaterThanOrEqualTo(monthOf31DaysAgo()));
                    assertThat(medianMillis(connection, question.getKey()))
                            .as(question.getKey())
                            .isLessThan(LIMIT_MILLIS);
                }
            }
            assertThat(
                            Rows.one(
                                    owner,
                                    "SELECT count(*) FROM lock_monitoring.current_blocking_tree"))
                    .as("ten open incidents, a root and three victims each")
                    .isEqualTo("40");
            assertThat(
                            Rows.of(
                                    reader,
                                    "SELECT DISTINCT encode(tenant_hk, 'hex') ="
                                            + " current_setting('app.current_tenant_id') FROM"
                                            + " lock_monitoring.worst_incidents"))
                    .containsExactly("t");
        }
    }

    @Test
    void aVaultOfTheVersionBeforeKeepsItsRows() throws Exception {
        server.createDatabase("before");
        copyThoseOfTheVersionBefore();
        Flyway.configure()
                .dataSource(server.jdbcUrl("before"), PostgresServer.SUPERUSER, "")
                .locations("filesystem:" + before)
                .schemas("util")
                .table("flyway_schema_history")
                .group(true)
                .placeholderReplacement(false)
                .load()
                .migrate();
        try (Connection owner = server.connect("before")) {
            new PartitionMaintenance().ensure(owner, Instant.now(), Instant.now());
            Rows.execute(
                    owner,
                    "INSERT INTO lock_monitoring.deadlock_event_h VALUES ('\\x01', 'd', NULL,"
                            + " now(), 'test')",
                    "INSERT INTO lock_monitoring.deadlock_event_s VALUES ('\\x01', now(), NULL,"
                            + " '\\x00', 'db1', 'shop', now(), NULL, now(), false, 'SERVER_LOG', 2,"
                            + " '{1,2}', 2, NULL, NULL, NULL, NULL, '[{\"pid\": 1}, {\"pid\": 2}]',"
                            + " 'test')",
                    "INSERT INTO lock_monitoring.lock_resolution_h VALUES ('\\x02', 'r', NULL,"
                            + " now(), 'test')",
                    "INSERT INTO lock_monitoring.lock_resolution_s VALUES ('\\x02', now(), NULL,"
                            + " '\\x00', 'db1', 5, NULL, now(), 'CANCEL', 'test', NULL, false,"
                            + " NULL, 'SENT', 'test')");

            DeployReport report =
                    new VaultDeployer(server.jdbcUrl("before"), PostgresServer.SUPERUSER, () -> "")
                            .deploy();

            assertThat(report.fromVersion()).isEqualTo("009");
            assertThat(
                            Rows.of(
                                    owner,
                                    "SELECT deadlock, outcome, event_count, first_pid, second_pid"
                                            + " FROM lock_monitoring.deadlocks"))
                    .containsExactly("d|DEADLOCK|1|1|2");
            assertThat(
                            Rows.of(
                                    owner,
                                    "SELECT resolution, outcome FROM"
                                            + " lock_monitoring.resolution_audit"))
                    .containsExactly("r|SENT");
            assertThat(
                            Rows.of(
                                    owner,
                                    """
                                    SELECT conrelid::regclass FROM pg_constraint
                                    WHERE conname = 'chain_length_at_least_two'
                                    UNION ALL
                                    SELECT attrelid::regclass FROM pg_attribute
                                    WHERE attname = 'pid_chain' AND attnotnull
                                    """))
                    .as("partitions that still ask for members")
                    .isEmpty();
            Rows.execute(
                    owner,
                    "INSERT INTO lock_monitoring.deadlock_event_s (deadlock_event_hk, load_date,"
                            + " hash_diff, target_name, deadlock_timestamp, detection_source,"
                            + " chain_length, event_count, record_source) VALUES ('\\x03', now(),"
                            + " '\\x00', 'db1', now(), 'COUNTER', 0, 3, 'test')");
            try (Connection vault = server.connect("vault")) {
                List<String> fresh = SchemaDescription.of(vault);
                List<String> migrated = SchemaDescription.of(owner);
                assertThat(migrated.stream().filter(line -> !fresh.contains(line))).isEmpty();
                assertThat(fresh.stream().filter(line -> !migrated.contains(line))).isEmpty();
            }
        }
    }

    private void copyThoseOfTheVersionBefore() throws IOException, SQLException {
        List<String> scripts;
        try (Connection vault = server.connect("vault")) {
            scripts = Rows.of(vault, "SELECT script FROM util.flyway_schema_history");
        }
        for (String script : scripts) {
            if (script.startsWith("V00") || script.equals("R__monitoring_views.sql")) {
                try (InputStream in = Migrations.class.getResourceAsStream("migration/" + script)) {
                    Files.copy(Objects.requireNonNull(in), before.resolve(script));
                }
            }
        }
    }

    @Test
    void whatNobodyTellsOfIsNotCurrent() throws SQLException {
        try (Connection owner = server.connect("vault")) {
            owner.setAutoCommit(false);
            String told =
                    "UPDATE lock_monitoring.blocking_session_s SET load_date = now() - INTERVAL"
                            + " '%s' WHERE load_end_date IS NULL AND NOT is_closed";
            String current = "SELECT count(*) FROM lock_monitoring.current_blocking_tree";
            String status =
                    "SELECT DISTINCT incident_status FROM lock_monitoring.worst_incidents WHERE"
                            + " closed_at IS NULL AND incident_status <> 'CLOSED'";
            Rows.execute(owner, told.formatted("110 seconds"));
            assertThat(Rows.one(owner, current)).isEqualTo("40");
            assertThat(Rows.of(owner, status)).containsExactly("OPEN");
            Rows.execute(owner, told.formatted("130 seconds"));
            assertThat(Rows.one(owner, current)).isEqualTo("0");
            assertThat(Rows.of(owner, status)).containsExactly("LOST");
            String cycle =
                    "UPDATE lock_monitoring.deadlock_event_s SET outcome = 'OPEN', load_date ="
                            + " now() - INTERVAL '%s' WHERE load_end_date IS NULL AND outcome ="
                            + " 'DEADLOCK' AND load_date >= now() - INTERVAL '3 days'";
            String open =
                    "SELECT DISTINCT outcome FROM lock_monitoring.deadlocks"
                            + " WHERE load_date >= now() - INTERVAL '1 hour'";
            Rows.execute(owner, cycle.formatted("9 minutes"));
            assertThat(Rows.of(owner, open)).containsExactly("OPEN");
            owner.rollback();
            Rows.execute(owner, cycle.formatted("11 minutes"));
            assertThat(Rows.of(owner, open)).containsExactly("LOST");
            owner.rollback();
        }
    }

    /**
     * A year of closed incidents, each with its deadlock and decision, and ten open ones. These are
     * told of by a clock that is ahead, so that they stay current however long the test takes.
     */
    private static void fill(Connection owner) throws SQLException {
        Instant now = Instant.now();
        new PartitionMaintenance()
                .ensure(owner, now.minus(Duration.ofDays(366)), now.plus(Duration.ofDays(1)));
        Rows.execute(
                owner,
                """
                CREATE TEMP TABLE incident AS
                SELECT n, 'db1/' || n AS bk, util.hash_binary('db1/' || n) AS hk,
                       util.hash_binary('tenant' || n % 50) AS tenant_hk,
                       CASE WHEN n <= 10 THEN now() + n * INTERVAL '1 minute'
                           ELSE now() - INTERVAL '1 year' * (n::float8 / {n}) END AS at, n <= 10 AS open
                FROM generate_series(1, {n}) n
                """
                        .replace("{n}", String.valueOf(INCIDENTS)),
                "INSERT INTO lock_monitoring.blocking_session_h SELECT hk, bk, tenant_hk, at,"
                        + " 'test' FROM incident",
                """
                INSERT INTO lock_monitoring.blocking_session_s
                    (blocking_session_hk, load_date, load_end_date, hash_diff, session_pid, incident_status, target_name,
                     opened_at, chain_depth, victim_count, longest_wait_seconds, peak_depth, peak_victims,
                     total_victim_seconds, lock_impact_score, chain, record_source, is_closed, observed_at)
                SELECT hk, at + step * INTERVAL '1 second', CASE WHEN step < 2 THEN at + (step + 1) * INTERVAL '1 second' END,
                       '\\x00', 1, CASE WHEN step = 2 AND NOT open THEN 'CLOSED' ELSE 'OPEN' END, 'db1', at, 1, 3, 1, 1, 3,
                       n * 7919 % 1000, n % 100,
                       '[{"pid": 2, "blocked_by": 1, "depth": 1}, {"pid": 3, "blocked_by": 1, "depth": 1},
                         {"pid": 4, "blocked_by": 2, "depth": 2}]',
                       'test', step = 2 AND NOT open, at
                FROM incident, generate_series(0, 2) step
                """,
                "INSERT INTO lock_monitoring.deadlock_event_h SELECT hk, bk, tenant_hk, at, 'test'"
                        + " FROM incident",
                """
                INSERT INTO lock_monitoring.deadlock_event_s
                    (deadlock_event_hk, load_date, load_end_date, hash_diff, target_name, deadlock_timestamp,
                     detection_source, chain_length, pid_chain, cycle, record_source, outcome, is_closed)
                SELECT hk, at + step * INTERVAL '1 second', CASE WHEN step < 1 THEN at + INTERVAL '1 second' END,
                       '\\x00', 'db1', at, 'LOCK_GRAPH', 2, '{1,2}', '[{"pid": 1}, {"pid": 2}]', 'test',
                       CASE WHEN step = 0 THEN 'OPEN' WHEN n % 3 = 0 THEN 'NEAR_MISS' ELSE 'DEADLOCK' END, step = 1
                FROM incident, generate_series(0, 1) step
                """,
                "INSERT INTO lock_monitoring.lock_resolution_h SELECT hk, bk, tenant_hk, at, 'test'"
                        + " FROM incident",
                """
                INSERT INTO lock_monitoring.lock_resolution_s
                    (lock_resolution_hk, load_date, hash_diff, target_name, session_pid, decided_at, decision,
                     decision_reason, is_dry_run, record_source)
                SELECT hk, at, '\\x00', 'db1', 1, at, 'ADVISE', 'test', true, 'test' FROM incident
                """,
                """
                INSERT INTO lock_monitoring.blocking_resolution_l
                SELECT util.hash_link(bk, bk), hk, hk, tenant_hk, at, 'test' FROM incident
                """,
                "VACUUM ANALYZE");
    }

    private static String monthOf31DaysAgo() {
        return DateTimeFormatter.ofPattern("'y'yyyy'm'MM")
                .format(Instant.now().minus(Duration.ofDays(31)).atOffset(ZoneOffset.UTC));
    }

    private static long medianMillis(Connection connection, String sql) throws SQLException {
        long[] times = new long[5];
        for (int i = 0; i < times.length; i++) {
            long start = System.nanoTime();
            assertThat(Rows.of(connection, sql)).as(sql).isNotEmpty();
            times[i] = (System.nanoTime() - start) / 1_000_000;
        }
        Arrays.sort(times);
        return times[times.length / 2];
    }
}
