package io.onevault.connectors.polling;

import static io.onevault.connectors.polling.ReaderHarness.value;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.FreezingProxy;
import io.onevault.embedded.postgres.PostgresServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What breaks, broken on a real server; the reader must report it, go on, and recover alone. */
class PollingFaultsIT {

    private static final PollCatalogue CATALOGUE = PollCatalogue.load();
    private static final Duration FAST = Duration.ofMillis(200);
    private static final PollingOptions OPTIONS =
            PollingOptions.DEFAULT
                    .withBackoff(Duration.ofMillis(50), Duration.ofMillis(400))
                    .withStatementTimeouts(
                            Duration.ofSeconds(1), Duration.ofSeconds(1), Duration.ofMillis(500))
                    .withBlockedRetry(Duration.ofMillis(500));

    private static PostgresServer server;

    @BeforeAll
    static void startServer() {
        server = Servers.start(PostgresServer.LATEST_VERSION);
        server.execute("postgres", "CREATE ROLE bystander LOGIN PASSWORD 'right'");
    }

    @AfterAll
    static void stopServer() {
        server.close();
    }

    @Test
    void aRestartedServerIsDownThenUpAndKnownAsRestarted() throws Exception {
        try (ReaderHarness reader = reader(Servers.target("t", server).build())) {
            reader.awaitUp("t");
            server.stop();
            PollResult down = reader.awaitDown("t");
            assertThat(down.gap()).extracting(CollectionGap::reason).isEqualTo("UNREACHABLE");
            assertThat(down.timestamp()).isGreaterThan(0);
            server.start();
            PollResult up = reader.awaitUp("t");
            assertThat(value(up, "server_restarted")).isEqualTo(1);
            PollResult activity = reader.awaitAnswer("activity");
            assertThat(activity.gap()).isNull();
        } finally {
            server.start();
        }
    }

    @Test
    void aTerminatedSessionIsReplacedInTheSameRun() throws Exception {
        try (ReaderHarness reader = reader(Servers.target("t", server).build())) {
            reader.awaitUp("t");
            reader.awaitAnswer("activity");
            server.execute(
                    "postgres",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename ="
                            + " 'collector'");
            for (int i = 0; i < 5; i++) {
                PollResult next = reader.await("the next look", r -> r.poll().equals("target"));
                assertThat(next.gap()).isNull();
            }
        }
    }

    @Test
    void aServerWithoutAFreeSlotIsDownAndSaysWhy() throws Exception {
        List<Connection> hogs = new ArrayList<>();
        try {
            hog(hogs);
            try (ReaderHarness reader = reader(Servers.target("t", server).build())) {
                PollResult down = reader.awaitDown("t");
                assertThat(down.gap().detail())
                        .contains("no connection slot left")
                        .contains("max_connections");
                for (Connection hog : hogs) {
                    hog.close();
                }
                reader.awaitUp("t");
            }
        } finally {
            for (Connection hog : hogs) {
                hog.close();
            }
        }
    }

    @Test
    void aConnectionThatFallsSilentIsGivenUpAndOtherTargetsAreNotHeldUp() throws Exception {
        try (FreezingProxy proxy = new FreezingProxy(server.port());
                ReaderHarness reader =
                        reader(
                                PollTarget.postgres(
                                                "silent",
                                                "jdbc:postgresql://127.0.0.1:"
                                                        + proxy.port()
                                                        + "/"
                                                        + Servers.DATABASE,
                                                Servers.USER,
                                                Secret.NONE)
                                        .build(),
                                Servers.target("healthy", server).build())) {
            reader.awaitUp("silent");
            reader.awaitUp("healthy");
            proxy.freeze(true);
            Map<String, Integer> answers = new HashMap<>();
            reader.await(
                    "silent is down",
                    result -> {
                        answers.merge(
                                result.target() + result.gap(),
                                result.gap() == null ? 1 : 0,
                                Integer::sum);
                        return ReaderHarness.is(result, "silent", "target_up", 0);
                    });
            assertThat(answers.get("healthynull")).isGreaterThan(3);
            proxy.freeze(false);
            reader.awaitUp("silent");
        }
    }

    @Test
    void aWrongPasswordIsAGapWithItsRemedyAndWithoutThePassword() throws Exception {
        try (ReaderHarness reader =
                reader(
                        PollTarget.postgres(
                                        "t",
                                        server.jdbcUrl("nowhere"),
                                        Servers.USER,
                                        Secret.of("s3cret"))
                                .build())) {
            PollResult down = reader.awaitDown("t");
            assertThat(down.gap().detail()).contains("nowhere").contains("Correct the url");
            assertThat(down.toString()).doesNotContain("s3cret");
        }
        requirePasswords(true);
        try (ReaderHarness reader =
                reader(
                        PollTarget.postgres(
                                        "t",
                                        server.jdbcUrl("postgres"),
                                        "bystander",
                                        Secret.of("wr0ng"))
                                .build())) {
            PollResult down = reader.awaitDown("t");
            assertThat(down.gap().reason()).isEqualTo("PRIVILEGE");
            assertThat(down.gap().detail())
                    .contains("refused the login of bystander")
                    .contains("Check user, password and pg_hba.conf");
            assertThat(down.toString()).doesNotContain("wr0ng");
        } finally {
            requirePasswords(false);
        }
    }

    @Test
    void aMissingExtensionStopsItsPollsOnlyUntilItIsThere() throws Exception {
        server.createDatabase("bare");
        PollTarget target =
                PollTarget.postgres("t", server.jdbcUrl("bare"), Servers.USER, Secret.NONE).build();
        try (ReaderHarness reader = reader(target)) {
            PollResult gap = reader.awaitGap("statements");
            assertThat(gap.gap().reason()).isEqualTo("EXTENSION");
            assertThat(gap.gap().detail()).contains("CREATE EXTENSION pg_stat_statements");
            reader.awaitAnswer("activity");
            server.execute("bare", "CREATE EXTENSION pg_stat_statements");
            reader.awaitAnswer("statements");
        }
    }

    @Test
    void aMissingPrivilegeStopsItsPollsOnlyUntilItIsGranted() throws Exception {
        PollTarget target =
                PollTarget.postgres("t", server.jdbcUrl(Servers.DATABASE), "bystander", Secret.NONE)
                        .build();
        try (ReaderHarness reader = reader(target)) {
            PollResult gap = reader.awaitGap("activity");
            assertThat(gap.gap().reason()).isEqualTo("PRIVILEGE");
            assertThat(gap.gap().detail()).contains("GRANT pg_monitor TO \"bystander\"");
            reader.awaitUp("t");
            server.execute("postgres", "GRANT pg_monitor TO bystander");
            reader.awaitAnswer("activity");
        } finally {
            server.execute("postgres", "REVOKE pg_monitor FROM bystander");
        }
    }

    @Test
    void aTargetNeverSeesMoreThanTwoSessionsHoweverManyPollsAreDue() throws Exception {
        Map<String, Duration> intervals =
                CATALOGUE.polls().stream()
                        .filter(
                                poll ->
                                        poll.interval().compareTo(PollingOptions.SLOW_INTERVAL)
                                                <= 0)
                        .collect(Collectors.toMap(Poll::name, poll -> Duration.ofMillis(100)));
        PollingPlan plan =
                new PollingPlan(
                        List.of(Servers.target("t", server).build()),
                        CATALOGUE,
                        intervals,
                        OPTIONS,
                        0);
        try (ReaderHarness reader = new ReaderHarness(plan);
                Connection watcher = server.connect("postgres");
                Statement statement = watcher.createStatement()) {
            long most = 0;
            for (int i = 0; i < 40; i++) {
                reader.await("a result", result -> true);
                try (ResultSet rows =
                        statement.executeQuery(
                                "SELECT count(*) FROM pg_stat_activity WHERE application_name ="
                                        + " 'onevault-collector'")) {
                    rows.next();
                    most = Math.max(most, rows.getLong(1));
                }
            }
            assertThat(most).isBetween(1L, 2L);
        }
    }

    @Test
    void aPollSlowerThanItsIntervalIsSkippedAndTheGapIsReported() throws Exception {
        String slow =
                """
                -- How long is a nap?
                --
                -- poll: nap
                -- interval: 100ms
                -- metric: naps | gauge | count | PERFORMANCE | Naps taken

                SELECT clock_timestamp() AS measured_at, 1 AS naps FROM pg_sleep(0.35);
                """;
        Path folder = Files.createTempDirectory("polls");
        Files.createDirectories(folder.resolve("nap"));
        Path file = folder.resolve("nap/any.sql");
        Files.writeString(file, slow);
        PollingPlan plan =
                new PollingPlan(
                        List.of(Servers.target("t", server).build()),
                        CATALOGUE.with(folder),
                        Map.of(),
                        OPTIONS,
                        0);
        try (ReaderHarness reader = new ReaderHarness(plan)) {
            reader.awaitAnswer("nap");
            CollectionGap first = reader.awaitGap("nap").gap();
            assertThat(first.reason()).isEqualTo("SKIPPED");
            assertThat(first.to() - first.from()).isPositive();
            CollectionGap second = reader.awaitGap("nap").gap();
            assertThat(second.from()).isGreaterThanOrEqualTo(first.to());
        } finally {
            Files.delete(file);
            Files.delete(file.getParent());
            Files.delete(folder);
        }
    }

    @Test
    void hostileNamesAreCarriedAsText() throws Exception {
        String application = "x'; DROP TABLE t; --|a=b\\ <b>";
        String table = "Robert\"); DROP TABLE students;--\n<script>|=\\ ü";
        server.execute(
                Servers.DATABASE,
                "CREATE TABLE \"" + table.replace("\"", "\"\"") + "\" AS SELECT 1 AS a");
        try (Connection hostile =
                        DriverManager.getConnection(
                                server.jdbcUrl(Servers.DATABASE), PostgresServer.SUPERUSER, "");
                Statement statement = hostile.createStatement()) {
            statement.execute("SET application_name = '" + application.replace("'", "''") + "'");
            PostgresExecutor executor = CatalogueIT.executor(Servers.target("t", server).build());
            PollAnswer activity = executor.execute(CATALOGUE.poll("activity").orElseThrow());
            PollAnswer tables = executor.execute(CATALOGUE.poll("tables").orElseThrow());
            executor.disconnect();
            assertThat(labels(activity, "application")).contains(application);
            assertThat(labels(tables, "table")).contains(table);
        } finally {
            server.execute(Servers.DATABASE, "DROP TABLE \"" + table.replace("\"", "\"\"") + "\"");
        }
    }

    @Test
    void namesThatAreNoUnicodeDoNotHideTheOthers() throws Exception {
        server.execute(
                "postgres",
                "CREATE DATABASE bytes ENCODING 'SQL_ASCII' TEMPLATE template0"
                        + " LC_COLLATE 'C' LC_CTYPE 'C'");
        server.execute(
                "bytes",
                "CREATE TABLE plain AS SELECT 1 AS a",
                "DO $$ BEGIN EXECUTE format('CREATE TABLE %I (a int)', 'bad' || chr(200)); END $$");
        PollTarget target =
                PollTarget.postgres("t", server.jdbcUrl("bytes"), Servers.USER, Secret.NONE)
                        .build();
        PostgresExecutor executor = CatalogueIT.executor(target);
        PollAnswer tables = executor.execute(CATALOGUE.poll("tables").orElseThrow());
        executor.disconnect();
        assertThat(labels(tables, "table"))
                .contains("plain")
                .anySatisfy(name -> assertThat(name).startsWith("bad"));
    }

    private static Set<String> labels(PollAnswer answer, String label) {
        return answer.samples().stream()
                .map(Sample::series)
                .map(SeriesId::parse)
                .filter(series -> series.labels().containsKey(label))
                .map(series -> series.labels().get(label))
                .collect(Collectors.toSet());
    }

    private static void hog(List<Connection> hogs) {
        try {
            while (hogs.size() < 100) {
                hogs.add(server.connect("postgres"));
            }
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("53300");
        }
    }

    private static void requirePasswords(boolean on) throws Exception {
        Path file = server.directory().resolve("data").resolve("pg_hba.conf");
        String rule = "host all bystander 127.0.0.1/32 scram-sha-256\n";
        String present = Files.readString(file).replace(rule, "");
        Files.writeString(file, on ? rule + present : present);
        server.execute("postgres", "SELECT pg_reload_conf()");
    }

    private static ReaderHarness reader(PollTarget... targets) {
        return new ReaderHarness(
                new PollingPlan(
                        List.of(targets),
                        CATALOGUE,
                        Map.of("target", FAST, "activity", FAST, "statements", FAST),
                        OPTIONS,
                        0));
    }
}
