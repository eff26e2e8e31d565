package io.onevault.jobs.locks.resolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.target.SessionLimits;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.locks.impact.HourRange;
import io.onevault.jobs.locks.incident.BlockingIncident;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
            // A driver's own check sends an empty statement, and who shows none is protected.
            assertThat(Pair.number(pair.root, "SELECT 1")).isEqualTo(1);
            pair.until("state_change < clock_timestamp() - interval '20 ms'", pair.rootPid);

            assertThat(resolve(harness, pair.incident(), 2).outcome()).isEqualTo("SENT");
            assertThat(pair.waiting.get(60, TimeUnit.SECONDS)).isEmpty();
        }
    }

    /** What a mapper writes is longer than the server keeps; a driver looks types up. */
    @ParameterizedTest
    @CsvSource({
        "14, SELECT '%s'",
        "18, SELECT '%s'",
        "18, /* load */ SELECT '%s'",
        "14, SELECT typname FROM pg_catalog.pg_type WHERE typname = 'x'"
    })
    void idleBlockerThatHasWrittenIsTerminatedWhateverItRead(int version, String read)
            throws Exception {
        try (Pair pair = new Pair(version, "app", "shop", "");
                var harness = harness(version, acting())) {
            try (Statement statement = pair.root.createStatement()) {
                statement.execute(read.formatted("x".repeat(1_200)));
            }
            pair.until(
                    "state = 'idle in transaction'"
                            + " AND state_change < clock_timestamp() - interval '20 ms'",
                    pair.rootPid);
            LockResolution done = resolve(harness, pair.incident(), 1);
            assertThat(done.decision()).isEqualTo("TERMINATE");
            assertThat(done.outcome()).as(done.reason()).isEqualTo("SENT");
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

    /** The server shows 1023 bytes of its COPY, and no "TO stdout". */
    @Test
    void dumpUnderAnotherNameIsLeftAlone() throws Exception {
        assumeThat(hasDump()).isTrue();
        int version = VERSIONS.get(0);
        PostgresServer server = SERVERS.get(version);
        server.execute(
                "postgres",
                IntStream.range(0, 60)
                        .mapToObj("a_column_with_quite_a_long_name_%03d text"::formatted)
                        .collect(Collectors.joining(", ", "CREATE TABLE wide (", ")")),
                "INSERT INTO wide SELECT "
                        + "repeat('x', 30), ".repeat(59)
                        + "i FROM generate_series(1, 20000) i",
                "GRANT ALL ON wide TO app");
        ProcessBuilder command =
                new ProcessBuilder("pg_dump", "-w", "-t", "public.wide", "postgres");
        command.environment()
                .putAll(
                        Map.of(
                                "PGHOST", "localhost",
                                "PGPORT", String.valueOf(server.port()),
                                "PGUSER", "app",
                                "PGAPPNAME", "nightly"));
        // While nobody reads what it writes it stands within its COPY.
        Process dump = command.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (Connection admin = server.connect("postgres");
                Connection victim = server.connect("postgres")) {
            int dumpPid =
                    Servers.await(
                            admin,
                            "SELECT pid FROM pg_stat_activity WHERE application_name = 'nightly'"
                                    + " AND query LIKE 'COPY%' AND wait_event = 'ClientWrite'");
            CompletableFuture<String> waiting =
                    Servers.start(victim, "ALTER TABLE wide ADD COLUMN more int");
            int victimPid =
                    Servers.await(
                            admin,
                            "SELECT pid FROM pg_stat_activity WHERE "
                                    + dumpPid
                                    + " = ANY (pg_blocking_pids(pid))");
            BlockingIncident incident = Servers.incident(admin, dumpPid, victimPid, "");
            assertThat(incident.root().query())
                    .startsWith("COPY")
                    .doesNotContainIgnoringCase("TO ");
            try (var harness = harness(version, acting())) {
                see(harness, incident);
                assertThat(harness.extractOutputValues())
                        .singleElement()
                        .satisfies(
                                done -> {
                                    assertThat(done.decision()).isEqualTo("REFUSE");
                                    assertThat(done.reason()).contains("as dumps do");
                                });
            }
            // Were it misread on the way, the server would still know.
            try (var harness = harness(version, acting())) {
                LockResolution done =
                        resolve(
                                harness,
                                Servers.incident(admin, dumpPid, victimPid, "UPDATE t SET a = ?"),
                                1);
                assertThat(done.decision()).isEqualTo("CANCEL");
                assertThat(done.outcome()).as(done.reason()).isEqualTo("PROTECTED");
            }
            String text = new String(dump.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            assertThat(dump.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(dump.exitValue()).isZero();
            assertThat(text.contains("PostgreSQL database dump complete")).isTrue();
            assertThat(waiting.get(60, TimeUnit.SECONDS)).isEmpty();
        } finally {
            dump.destroy();
        }
    }

    private static boolean hasDump() throws InterruptedException {
        try {
            return new ProcessBuilder("pg_dump", "--version")
                            .redirectErrorStream(true)
                            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                            .start()
                            .waitFor()
                    == 0;
        } catch (IOException e) {
            return false;
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
                running = Servers.start(root, then);
                until("state = 'active'", rootPid);
            }
        }

        void block() throws SQLException {
            try (Statement statement = root.createStatement()) {
                statement.execute(CHANGE);
            }
            waiting = Servers.start(victim, CHANGE);
            until("wait_event_type = 'Lock' AND pg_blocking_pids(pid) <> '{}'", victimPid);
            until("state = 'idle in transaction'", rootPid);
        }

        /** As the pipeline would see it now. */
        BlockingIncident incident() throws SQLException {
            return Servers.incident(admin, rootPid, victimPid, "");
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
