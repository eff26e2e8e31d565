package io.onevault.connectors.serverlog;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.DeadlockProcess;
import io.onevault.connectors.model.DeadlockReport;
import io.onevault.connectors.model.LogEvent;
import io.onevault.connectors.model.LogObservation;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.target.SourceRun;
import io.onevault.connectors.target.Until;
import io.onevault.embedded.postgres.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The tail against real servers that log what really happened to them. */
class ServerLogTailIT {

    private static final String MONITOR = "monitor";
    private static final int LATEST = PostgresServer.LATEST_VERSION;

    @ParameterizedTest
    @CsvSource({"14, csvlog", "15, jsonlog", "16, csvlog", "17, jsonlog", "18, 'csvlog,jsonlog'"})
    void tellsWhatHappenedOnEveryVersion(int version, String format) throws Exception {
        try (PostgresServer server = start(version, format);
                SourceRun<LogObservation, LogSplit> run = run(options(), server)) {
            LogEvent started = event(run, "SERVER_START");
            assertThat(started.message()).contains("PostgreSQL " + version);
            assertThat(started.timestamp()).isGreaterThan(1_600_000_000_000L);

            assertThatDeadlockIsReported(server, run);
            assertThatLoginFailureIsReported(server, run);
            assertThatLockWaitIsReported(server, run);

            execute(
                    server,
                    "SET work_mem = '64kB'",
                    "SELECT count(*) FROM (SELECT g, 'secret' AS s FROM generate_series(1, 30000) g"
                            + " ORDER BY 2, 1) x");
            LogEvent file = event(run, "TEMP_FILE");
            assertThat(Long.parseLong(file.attributes().get("bytes"))).isPositive();
            LogEvent slow =
                    event(
                            run,
                            seen ->
                                    seen.kind().equals("SLOW_STATEMENT")
                                            && seen.statement().contains("generate_series"));
            assertThat(slow.statement()).doesNotContain("secret").doesNotContain("30000");
            assertThat(slow.fingerprint()).isNotEmpty();

            server.restart();
            assertThat(event(run, "SERVER_STOP").attributes()).containsEntry("mode", "fast");
            event(
                    run,
                    seen ->
                            seen.kind().equals("SERVER_START")
                                    && seen.timestamp() > started.timestamp());
            assertThat(run.seen().toString()).doesNotContain("secret");
        }
    }

    private static void assertThatDeadlockIsReported(
            PostgresServer server, SourceRun<LogObservation, LogSplit> run) throws Exception {
        try (Connection one = server.connect("postgres");
                Connection other = server.connect("postgres")) {
            one.setAutoCommit(false);
            other.setAutoCommit(false);
            execute(one, "UPDATE accounts SET note = 'secret one' WHERE id = 1");
            execute(other, "UPDATE accounts SET note = 'secret two' WHERE id = 2");
            CompletableFuture<SQLException> first =
                    start(one, "UPDATE accounts\nSET note = 'secret' WHERE id = 2 /* one */");
            CompletableFuture<SQLException> second =
                    start(other, "UPDATE accounts SET note = note || 'secret' WHERE id = 1");
            SQLException failure = first.get(30, TimeUnit.SECONDS);
            SQLException otherFailure = second.get(30, TimeUnit.SECONDS);
            assertThat(failure == null).isNotEqualTo(otherFailure == null);
            assertThat((failure == null ? otherFailure : failure).getSQLState()).isEqualTo("40P01");
            one.rollback();
            other.rollback();
        }
        LogEvent event = event(run, "DEADLOCK");
        assertThat(event.sqlstate()).isEqualTo("40P01");
        assertThat(event.attributes()).containsEntry("relation", "accounts");
        DeadlockReport report = event.deadlock();
        assertThat(report.victim()).isEqualTo(event.pid());
        assertThat(report.text()).isEmpty();
        assertThat(report.processes())
                .hasSize(2)
                .extracting(DeadlockProcess::statement)
                .containsExactlyInAnyOrder(
                        "UPDATE accounts SET note = ? WHERE id = ?",
                        "UPDATE accounts SET note = note || ? WHERE id = ?");
        DeadlockProcess victim = report.processes().get(0);
        assertThat(victim.pid()).isEqualTo(event.pid());
        assertThat(victim.lockMode()).isEqualTo("ShareLock");
        assertThat(victim.lockTag()).startsWith("transaction ");
        assertThat(victim.blockedBy()).isEqualTo(report.processes().get(1).pid());
    }

    private static void assertThatLoginFailureIsReported(
            PostgresServer server, SourceRun<LogObservation, LogSplit> run) throws Exception {
        String user = "nobody\"; DROP\nTABLE x,ü";
        try (Connection connection =
                DriverManager.getConnection(server.jdbcUrl("postgres"), user, "")) {
            throw new AssertionError("let in " + connection);
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("28000");
        }
        LogEvent login = event(run, "FAILED_LOGIN");
        assertThat(login.user()).isEqualTo("nobody\"; DROP TABLE x,ü");
        assertThat(login.database()).isEqualTo("postgres");
        assertThat(login.client()).startsWith("127.0.0.1");
        assertThat(login.sqlstate()).isEqualTo("28000");
        assertThat(login.sessionStart()).isPositive().isLessThanOrEqualTo(login.timestamp());
    }

    private static void assertThatLockWaitIsReported(
            PostgresServer server, SourceRun<LogObservation, LogSplit> run) throws Exception {
        try (Connection holder = server.connect("postgres");
                Connection waiter = server.connect("postgres")) {
            holder.setAutoCommit(false);
            execute(holder, "LOCK TABLE accounts");
            CompletableFuture<SQLException> wait =
                    start(waiter, "SELECT * FROM accounts WHERE note = 'secret'");
            LogEvent waits =
                    event(
                            run,
                            seen ->
                                    seen.kind().equals("LOCK_WAIT")
                                            && "AccessShareLock"
                                                    .equals(seen.attributes().get("mode")));
            assertThat(waits.attributes().get("waiter")).isEqualTo(String.valueOf(waits.pid()));
            assertThat(waits.attributes().get("holders")).matches("\\d+");
            assertThat(waits.statement()).isEqualTo("SELECT * FROM accounts WHERE note = ?");
            holder.rollback();
            wait.get(30, TimeUnit.SECONDS);
            LogEvent acquired =
                    event(
                            run,
                            seen ->
                                    seen.kind().equals("LOCK_ACQUIRED")
                                            && seen.pid() == waits.pid());
            assertThat(acquired.attributes()).containsEntry("lock", waits.attributes().get("lock"));
        }
    }

    @ParameterizedTest
    @CsvSource({"14, csvlog", "18, jsonlog"})
    void rotationAndFailuresLoseNothingAndDoubleNothing(int version, String format)
            throws Exception {
        int marks = 400;
        Random random = new Random(11);
        try (PostgresServer server = start(version, format)) {
            CompletableFuture<Void> writing =
                    CompletableFuture.runAsync(() -> write(server, marks));
            List<LogSplit> state = List.of(LogSplit.first("a"));
            List<LogObservation> all = new ArrayList<>();
            int runs = 0;
            while (marks(all).size() < marks) {
                assertThat(runs++).as("runs until all was read").isLessThan(400);
                try (SourceRun<LogObservation, LogSplit> run =
                        new SourceRun<>(
                                tail(options().chunkBytes(4 << 10), server)
                                        .createReader(SourceRun.context()),
                                state)) {
                    for (int i = random.nextInt(60); i >= 0; i--) {
                        run.await("something", seen -> true);
                    }
                    // What was read and emitted counts, what was only fetched does not.
                    state = run.snapshot();
                    all.addAll(run.seen());
                }
            }
            writing.get(30, TimeUnit.SECONDS);
            assertThat(marks(all))
                    .containsExactlyElementsOf(IntStream.range(0, marks).boxed().toList());
            assertThat(all).extracting(LogObservation::gap).containsOnlyNulls();
            try (Stream<Path> files = Files.list(server.directory().resolve("data/log"))) {
                assertThat(files.filter(file -> file.toString().endsWith(format(format))).count())
                        .isGreaterThanOrEqualTo(3);
            }
        }
    }

    /** Numbered slow statements, their number being the application's name, and rotations. */
    private static void write(PostgresServer server, int marks) {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("SET log_min_duration_statement = -1");
            for (int i = 0; i < marks; i++) {
                statement.execute(
                        "SET application_name = 'mark-%d'; SET log_min_duration_statement = 0"
                                .formatted(i));
                statement.execute("SELECT 'ü\n\"quoted\", x', '" + "x".repeat(i * 7) + "'");
                statement.execute("SET log_min_duration_statement = -1");
                if (i % 120 == 119) {
                    // Names have whole seconds, so another file needs another second.
                    statement.execute("SELECT pg_sleep(1.1), pg_rotate_logfile(), pg_sleep(0.1)");
                }
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Integer> marks(List<LogObservation> all) {
        return all.stream()
                .map(LogObservation::event)
                .filter(event -> event != null && event.kind().equals("SLOW_STATEMENT"))
                .filter(event -> "execute".equals(event.attributes().get("phase")))
                .filter(event -> event.statement().startsWith("SELECT ?"))
                .filter(event -> event.application().startsWith("mark-"))
                .map(event -> Integer.valueOf(event.application().substring(5)))
                .toList();
    }

    @Test
    void aStatementOfAMegabyteIsReadInSmallChunksAndALongerOneIsAGap() throws Exception {
        try (PostgresServer server = start(LATEST, "jsonlog");
                SourceRun<LogObservation, LogSplit> run =
                        run(options().chunkBytes(64 << 10).maxRecordBytes(3 << 20), server)) {
            event(run, "SERVER_START");
            execute(
                    server,
                    "SET log_min_duration_statement = 0",
                    "SELECT length('" + "ü\"".repeat(350_000) + "')");
            LogEvent long1 = event(run, seen -> seen.statement().startsWith("SELECT length("));
            assertThat(long1.statement()).isEqualTo("SELECT length(?)");
            execute(
                    server,
                    "SET log_min_duration_statement = 0",
                    "SELECT length('" + "x".repeat(4 << 20) + "')",
                    "SELECT 'after' AS after_it");
            LogObservation gap = run.await("a gap", seen -> seen.gap() != null);
            assertThat(gap.gap().reason()).isEqualTo("LOG_LOST");
            event(run, seen -> seen.statement().equals("SELECT ? AS after_it"));
        }
    }

    @Test
    void whatIsMissingIsSaidOnceAndNothingIsLostByIt() throws Exception {
        try (PostgresServer server = start(LATEST, "jsonlog");
                SourceRun<LogObservation, LogSplit> run = run(options(), server)) {
            event(run, "SERVER_START");
            server.execute("postgres", "REVOKE " + READ + " FROM " + MONITOR);
            LogObservation gap = run.await("a gap", seen -> seen.gap() != null);
            assertThat(gap.gap().reason()).isEqualTo("PRIVILEGE");
            assertThat(gap.gap().detail())
                    .contains("pg_read_binary_file(text, bigint, bigint, boolean) TO \"monitor\"");
            assertThat(gap.gap().from()).isEqualTo(gap.gap().to());
            assertThatLoginIsRefused(server, "while-blind");
            server.execute("postgres", "GRANT " + READ + " TO " + MONITOR);
            event(run, seen -> seen.user().equals("while-blind"));

            server.execute(
                    "postgres",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            + " WHERE application_name = 'onevault-log'");
            assertThat(run.await("a gap", seen -> seen.gap() != null).gap().reason())
                    .isEqualTo("UNREACHABLE");
            assertThatLoginIsRefused(server, "later");
            event(run, seen -> seen.user().equals("later"));
            assertThat(run.seen()).filteredOn(seen -> seen.gap() != null).hasSize(2);
        }
    }

    @Test
    void aServerThatLogsToNoFileSaysWhatToDoAndIsReadOnceItDoes() throws Exception {
        try (PostgresServer server = start(LATEST, "stderr");
                SourceRun<LogObservation, LogSplit> run = run(options(), server)) {
            LogObservation gap = run.await("a gap", seen -> seen.gap() != null);
            assertThat(gap.gap().reason()).isEqualTo("LOG_DISABLED");
            assertThat(gap.gap().detail()).contains("jsonlog");
            Path conf = server.directory().resolve("data").resolve("postgresql.auto.conf");
            assertThat(conf).exists();
            server.stop();
            server.start();
            assertThat(run.seen()).filteredOn(seen -> seen.event() != null).isEmpty();
        }
    }

    @Test
    void aFileThatWasRemovedUnreadIsAGapAndReadingGoesOn() throws Exception {
        try (PostgresServer server = start(LATEST, "jsonlog")) {
            List<LogSplit> state;
            try (SourceRun<LogObservation, LogSplit> run = run(options(), server)) {
                event(run, "SERVER_START");
                run.await("all was read", seen -> seen.event() == null);
                state = run.snapshot();
            }
            assertThatLoginIsRefused(server, "lost");
            execute(server, "SELECT pg_sleep(1.1), pg_rotate_logfile(), pg_sleep(0.5)");
            Files.delete(server.directory().resolve("data/log").resolve(state.get(0).file()));
            assertThatLoginIsRefused(server, "kept");
            try (SourceRun<LogObservation, LogSplit> run =
                    new SourceRun<>(
                            tail(options(), server).createReader(SourceRun.context()), state)) {
                LogObservation gap = run.await("a gap", seen -> seen.gap() != null);
                assertThat(gap.gap().reason()).isEqualTo("LOG_LOST");
                assertThat(gap.gap().from()).isLessThan(gap.gap().to());
                event(run, seen -> seen.user().equals("kept"));
                assertThat(run.seen().toString()).doesNotContain("user=lost");
            }
        }
    }

    @Test
    void aKilledProcessAndTheRecoveryAfterItAreReported() throws Exception {
        try (PostgresServer server = start(LATEST, "jsonlog");
                SourceRun<LogObservation, LogSplit> run = run(options(), server)) {
            event(run, "SERVER_START");
            try (Connection victim = server.connect("postgres")) {
                int pid;
                try (Statement statement = victim.createStatement();
                        var row = statement.executeQuery("SELECT pg_backend_pid()")) {
                    row.next();
                    pid = row.getInt(1);
                }
                start(victim, "SELECT pg_sleep(60), 'secret'");
                Until.sql(
                        server, "SELECT state = 'active' FROM pg_stat_activity WHERE pid = " + pid);
                ProcessHandle.of(pid).orElseThrow().destroyForcibly();
                LogEvent crash = event(run, "CRASH");
                assertThat(crash.attributes())
                        .containsEntry("process", String.valueOf(pid))
                        .containsEntry("signal", "9");
                assertThat(crash.statement()).isEqualTo("SELECT pg_sleep(?), ?");
                event(run, "RECOVERY");
            }
        }
    }

    private static final String READ =
            "EXECUTE ON FUNCTION pg_catalog.pg_current_logfile(text),"
                    + " pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean)";

    private static LogEvent event(SourceRun<LogObservation, LogSplit> run, String kind) {
        return event(run, seen -> seen.kind().equals(kind));
    }

    private static LogEvent event(
            SourceRun<LogObservation, LogSplit> run, Predicate<LogEvent> condition) {
        Predicate<LogObservation> wanted =
                seen -> seen.event() != null && condition.test(seen.event());
        return run.seen().stream()
                .filter(wanted)
                .findFirst()
                .orElseGet(() -> run.await("an event", wanted))
                .event();
    }

    private static void assertThatLoginIsRefused(PostgresServer server, String user) {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        try (Connection connection =
                DriverManager.getConnection(server.jdbcUrl("postgres"), properties)) {
            throw new AssertionError("let in " + connection);
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("28000");
        }
    }

    private static CompletableFuture<SQLException> start(Connection session, String sql) {
        CompletableFuture<SQLException> done = new CompletableFuture<>();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                execute(session, sql);
                                done.complete(null);
                            } catch (SQLException e) {
                                done.complete(e);
                            }
                        },
                        "session");
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private static void execute(PostgresServer server, String... statements) throws SQLException {
        try (Connection connection = server.connect("postgres")) {
            for (String sql : statements) {
                execute(connection, sql);
            }
        }
    }

    private static void execute(Connection session, String sql) throws SQLException {
        try (Statement statement = session.createStatement()) {
            statement.execute(sql);
        }
    }

    private static ServerLogOptions.Builder options() {
        return ServerLogOptions.builder()
                .pollInterval(Duration.ofMillis(100))
                .fromBeginning(true)
                .backoff(Duration.ofMillis(100), Duration.ofMillis(500));
    }

    private static SourceRun<LogObservation, LogSplit> run(
            ServerLogOptions.Builder options, PostgresServer server) {
        return new SourceRun<>(
                tail(options, server).createReader(SourceRun.context()),
                List.of(LogSplit.first("a")));
    }

    private static ServerLogTail tail(ServerLogOptions.Builder options, PostgresServer server) {
        return ServerLogTail.builder()
                .target(new ServerTarget("a", server.jdbcUrl("postgres"), MONITOR, Secret.NONE))
                .options(options.build())
                .build();
    }

    private static String format(String destination) {
        return destination.equals("jsonlog") ? ".json" : ".csv";
    }

    private static PostgresServer start(int version, String destination) {
        PostgresServer server =
                PostgresServer.builder(version)
                        .setting("logging_collector", "on")
                        .setting("log_destination", destination)
                        .setting("log_filename", "postgresql-%Y-%m-%d_%H%M%S.log")
                        .setting("log_lock_waits", "on")
                        .setting("deadlock_timeout", "300ms")
                        .setting("log_temp_files", "0")
                        .setting("log_min_duration_statement", "1")
                        .start();
        server.execute(
                "postgres",
                "CREATE ROLE " + MONITOR + " LOGIN",
                "GRANT pg_monitor TO " + MONITOR,
                "GRANT " + READ + " TO " + MONITOR,
                "CREATE TABLE accounts (id int PRIMARY KEY, note text)",
                "INSERT INTO accounts VALUES (1, ''), (2, '')");
        return server;
    }
}
