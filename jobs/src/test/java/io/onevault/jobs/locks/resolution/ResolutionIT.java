package io.onevault.jobs.locks.resolution;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.statement.StatementText;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.target.SessionLimits;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.locks.impact.HourRange;
import io.onevault.jobs.locks.impact.Incidents;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.Victim;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** From an incident to what becomes of the session, on the oldest and the newest server. */
class ResolutionIT {

    static final List<Integer> VERSIONS = List.of(14, PostgresServer.LATEST_VERSION);

    private static final Map<Integer, PostgresServer> SERVERS = new LinkedHashMap<>();
    private static final SessionLimits LIMITS =
            new SessionLimits(
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(10),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(5));
    private static final String CHANGE = "UPDATE t SET v = 'x' WHERE id = 1";
    private static final String SLEEP =
            "/* BACKUP DATABASE */ SELECT pg_sleep(600), 'VACUUM; pg_backup_start('";

    /** Catches what a cancel raises. */
    private static final String STUBBORN =
            "DO $$ BEGIN LOOP BEGIN PERFORM pg_sleep(600);"
                    + " EXCEPTION WHEN query_canceled THEN NULL; END; END LOOP; END $$";

    @BeforeAll
    static void start() {
        for (int version : VERSIONS) {
            PostgresServer server = PostgresServer.builder(version).start();
            SERVERS.put(version, server);
            server.execute(
                    "postgres",
                    "CREATE TABLE t (id int PRIMARY KEY, v text)",
                    "INSERT INTO t VALUES (1, '')",
                    "GRANT ALL ON t TO PUBLIC",
                    "CREATE ROLE app LOGIN",
                    "CREATE ROLE rds_superuser",
                    "CREATE ROLE team IN ROLE rds_superuser",
                    "CREATE ROLE member LOGIN NOINHERIT IN ROLE team",
                    "CREATE ROLE resolver LOGIN IN ROLE pg_monitor, pg_signal_backend");
        }
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(PostgresServer::close);
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void blockerIsCancelledAndTheVictimGoesOn(int version) throws Exception {
        try (Pair pair = new Pair(version, "app", "shop", SLEEP);
                var harness = harness(version, acting())) {
            LockResolution done = resolve(harness, pair.incident(), 1);
            assertThat(done.decision()).isEqualTo("CANCEL");
            assertThat(done.outcome()).as(done.reason()).isEqualTo("SENT");
            assertThat(pair.running.get(60, TimeUnit.SECONDS)).isEqualTo("57014");
            pair.root.rollback();
            assertThat(pair.waiting.get(60, TimeUnit.SECONDS)).isEmpty();
        }
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void blockerThatSurvivesItsCancelIsTerminatedAfterTheGrace(int version) throws Exception {
        try (Pair pair = new Pair(version, "app", "shop", STUBBORN);
                var harness = harness(version, acting())) {
            assertThat(resolve(harness, pair.incident(), 1).outcome()).isEqualTo("SENT");
            see(harness, pair.incident());
            assertThat(harness.extractOutputValues()).hasSize(1);
            assertThat(pair.running.isDone()).isFalse();

            pair.awaitServerTime(harness.extractOutputValues().get(0).executedAtMicros());
            LockResolution second = resolve(harness, pair.incident(), 2);
            assertThat(second.decision()).isEqualTo("TERMINATE");
            assertThat(second.outcome()).as(second.reason()).isEqualTo("SENT");
            assertThat(second.key()).isNotEqualTo(harness.extractOutputValues().get(0).key());
            assertThat(pair.running.get(60, TimeUnit.SECONDS)).isEqualTo("57P01");
            assertThat(pair.waiting.get(60, TimeUnit.SECONDS)).isEmpty();
        }
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void idleBlockerIsTerminatedUnlessItBeganAnew(int version) throws Exception {
        try (Pair pair = new Pair(version, "app", "shop", "");
                var harness = harness(version, acting())) {
            BlockingIncident old = pair.incident();
            pair.root.rollback();
            assertThat(pair.waiting.get(60, TimeUnit.SECONDS)).isEmpty();
            pair.block();
            LockResolution left = resolve(harness, old, 1);
            assertThat(left.decision()).isEqualTo("TERMINATE");
            assertThat(left.outcome()).isEqualTo("GONE");
            assertThat(left.executedAtMicros()).isZero();
            assertThat(pair.root.isValid(10)).isTrue();

            assertThat(resolve(harness, pair.incident(), 2).outcome()).isEqualTo("SENT");
            assertThat(pair.waiting.get(60, TimeUnit.SECONDS)).isEmpty();
        }
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void memberOfAMemberOfAnAdminRoleIsProtectedByTheServer(int version) throws Exception {
        try (Pair pair = new Pair(version, "member", "shop", SLEEP);
                var harness = harness(version, acting())) {
            LockResolution done = resolve(harness, pair.incident(), 1);
            assertThat(done.outcome()).isEqualTo("PROTECTED");
            assertThat(done.safetyRules().get("admin role")).contains("admin role");
            see(harness, pair.incident());
            assertThat(harness.extractOutputValues()).hasSize(1);
            assertThat(pair.running.isDone()).isFalse();
        }
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void refusedByWhatTheIncidentShows(int version) throws Exception {
        try (Pair pair = new Pair(version, "app", "DataGrip 2024.1", SLEEP);
                var harness = harness(version, acting())) {
            see(harness, pair.incident());
            assertThat(harness.extractOutputValues())
                    .singleElement()
                    .satisfies(r -> assertThat(r.decision()).isEqualTo("REFUSE"));
            assertThat(pair.running.isDone()).isFalse();
        }
        ResolutionSettings always =
                Settings.with(
                        false,
                        Duration.ofMillis(1),
                        Duration.ofSeconds(1),
                        new HourRange(0, 23, "UTC"));
        try (Pair pair = new Pair(version, "app", "shop", SLEEP);
                var harness = harness(version, always)) {
            see(harness, pair.incident());
            assertThat(harness.extractOutputValues())
                    .singleElement()
                    .satisfies(r -> assertThat(r.reason()).contains("maintenance window"));
            assertThat(pair.running.isDone()).isFalse();
        }
    }

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void dryRunTouchesNothing(int version) throws Exception {
        ResolutionSettings dry =
                Settings.with(true, Duration.ofMillis(1), Duration.ofSeconds(1), null);
        try (Pair pair = new Pair(version, "app", "shop", SLEEP);
                var harness = harness(version, dry)) {
            LockResolution done = resolve(harness, pair.incident(), 1);
            assertThat(done.decision()).isEqualTo("CANCEL");
            assertThat(done.dryRun()).isTrue();
            assertThat(done.outcome()).isEmpty();
            assertThat(done.executedAtMicros()).isZero();
            pair.awaitServerTime(done.decidedAtMicros());
            see(harness, pair.incident());
            assertThat(harness.extractOutputValues()).hasSize(1);
            assertThat(pair.running.isDone()).isFalse();
            assertThat(pair.waiting.isDone()).isFalse();
        }
    }

    private static ResolutionSettings acting() {
        return Settings.with(false, Duration.ofMillis(1), Duration.ofSeconds(1), null);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LockResolution>
            harness(int version, ResolutionSettings settings) throws Exception {
        ServerTarget target =
                new ServerTarget(
                        "shop", SERVERS.get(version).jdbcUrl("postgres"), "resolver", Secret.NONE);
        var harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(
                                new LockDecisions(
                                        settings,
                                        new ServerSignals(List.of(target), LIMITS, settings))),
                        BlockingIncident::target,
                        Types.STRING);
        harness.open();
        return harness;
    }

    private static void see(
            KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LockResolution>
                    harness,
            BlockingIncident incident)
            throws Exception {
        harness.processElement(incident, incident.observedAtMicros() / 1_000);
    }

    /** Decides, completes a checkpoint and awaits the outcome, which is record {@code number}. */
    private static LockResolution resolve(
            KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LockResolution>
                    harness,
            BlockingIncident incident,
            int number)
            throws Exception {
        see(harness, incident);
        harness.snapshot(number, harness.getProcessingTime());
        harness.notifyOfCompletedCheckpoint(number);
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (harness.extractOutputValues().size() < number) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            harness.setProcessingTime(harness.getProcessingTime() + 250);
        }
        return harness.extractOutputValues().get(number - 1);
    }

    /** A session that has changed a row, and one that waits for it. */
    private static final class Pair implements AutoCloseable {

        private final Connection admin;
        private final Connection root;
        private final Connection victim;
        private final int rootPid;
        private final int victimPid;
        private CompletableFuture<String> waiting = CompletableFuture.completedFuture("");
        private CompletableFuture<String> running = CompletableFuture.completedFuture("");

        /**
         * @param then what the root runs next; empty for nothing
         */
        Pair(int version, String user, String application, String then) throws Exception {
            PostgresServer server = SERVERS.get(version);
            admin = server.connect("postgres");
            Properties properties = new Properties();
            properties.setProperty("user", user);
            properties.setProperty("ApplicationName", application);
            root = DriverManager.getConnection(server.jdbcUrl("postgres"), properties);
            victim = server.connect("postgres", "app", "");
            rootPid = (int) number(root, "SELECT pg_backend_pid()");
            victimPid = (int) number(victim, "SELECT pg_backend_pid()");
            root.setAutoCommit(false);
            block();
            if (!then.isEmpty()) {
                running = start(root, then);
                until("state = 'active'", rootPid);
            }
        }

        void block() throws SQLException {
            try (Statement statement = root.createStatement()) {
                statement.execute(CHANGE);
            }
            waiting = start(victim, CHANGE);
            until("wait_event_type = 'Lock' AND pg_blocking_pids(pid) <> '{}'", victimPid);
            until("state = 'idle in transaction'", rootPid);
        }

        /** As the pipeline would see it now. */
        BlockingIncident incident() throws SQLException {
            String micros = "(extract(epoch FROM %s) * 1000000)::bigint";
            try (Statement statement = admin.createStatement();
                    ResultSet row =
                            statement.executeQuery(
                                    "SELECT "
                                            + micros.formatted("r.backend_start")
                                            + ", "
                                            + micros.formatted("r.xact_start")
                                            + ", r.state, r.usename, r.application_name, r.query, "
                                            + micros.formatted("v.backend_start")
                                            + ", "
                                            + micros.formatted("clock_timestamp()")
                                            + " FROM pg_stat_activity r, pg_stat_activity v"
                                            + " WHERE r.pid = "
                                            + rootPid
                                            + " AND v.pid = "
                                            + victimPid)) {
                row.next();
                long now = row.getLong(8);
                return Incidents.plain()
                        .key("shop/" + rootPid + "/" + row.getLong(1))
                        .root(rootPid, row.getLong(1), row.getLong(2))
                        .state(row.getString(3))
                        .user(row.getString(4))
                        .application(row.getString(5))
                        .query(StatementText.of(row.getString(6)).text())
                        .at(now)
                        .victims(
                                new Victim(
                                        victimPid,
                                        row.getLong(7),
                                        rootPid,
                                        true,
                                        1,
                                        "app",
                                        "shop",
                                        "postgres",
                                        "transactionid",
                                        "ShareLock",
                                        "",
                                        now - 1_000_000,
                                        ""))
                        .build();
            }
        }

        /** Until the grace after that moment is over on the server. */
        void awaitServerTime(long micros) throws SQLException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (number(admin, "SELECT (extract(epoch FROM clock_timestamp()) * 1000000)::bigint")
                    <= micros + 1_000_000) {
                assertThat(System.nanoTime()).isLessThan(deadline);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
            }
        }

        private void until(String condition, int pid) throws SQLException {
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
            while (number(
                            admin,
                            "SELECT count(*) FROM pg_stat_activity WHERE pid = "
                                    + pid
                                    + " AND "
                                    + condition)
                    == 0) {
                assertThat(System.nanoTime()).as(condition).isLessThan(deadline);
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
            }
        }

        private static long number(Connection connection, String sql) throws SQLException {
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery(sql)) {
                row.next();
                return row.getLong(1);
            }
        }

        /** The SQLSTATE it ends with, empty for success. */
        private static CompletableFuture<String> start(Connection connection, String sql) {
            return CompletableFuture.supplyAsync(
                    () -> {
                        try (Statement statement = connection.createStatement()) {
                            statement.execute(sql);
                            return "";
                        } catch (SQLException e) {
                            return String.valueOf(e.getSQLState());
                        }
                    },
                    task -> new Thread(task, "resolution-pair").start());
        }

        @Override
        public void close() throws SQLException {
            try (Statement statement = admin.createStatement()) {
                statement.execute(
                        "SELECT pg_terminate_backend(p, 30000) FROM unnest(ARRAY[%d, %d]) p"
                                .formatted(rootPid, victimPid));
            }
            root.close();
            victim.close();
            admin.close();
        }
    }
}
