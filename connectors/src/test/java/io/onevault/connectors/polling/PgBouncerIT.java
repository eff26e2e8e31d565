package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.Until;
import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A real PgBouncer, when one is installed. */
class PgBouncerIT {

    @TempDir private static Path folder;

    private static PostgresServer server;
    private static Process bouncer;
    private static int port;

    @BeforeAll
    static void startBouncer() throws IOException {
        Optional<Path> binary =
                Stream.of("/usr/sbin/pgbouncer", "/usr/bin/pgbouncer", "/usr/local/bin/pgbouncer")
                        .map(Path::of)
                        .filter(Files::isExecutable)
                        .findFirst();
        assumeTrue(binary.isPresent(), "pgbouncer is not installed");
        server = Servers.version(PostgresServer.LATEST_VERSION);
        try (ServerSocket socket = new ServerSocket(0)) {
            port = socket.getLocalPort();
        }
        Path users = Files.writeString(folder.resolve("users.txt"), "\"collector\" \"\"\n");
        Path configuration =
                Files.writeString(
                        folder.resolve("pgbouncer.ini"),
                        """
                        [databases]
                        shop = host=127.0.0.1 port=%d dbname=shop pool_size=1
                        [pgbouncer]
                        listen_addr = 127.0.0.1
                        listen_port = %d
                        unix_socket_dir =
                        auth_type = trust
                        auth_file = %s
                        stats_users = collector
                        pool_mode = transaction
                        ignore_startup_parameters = extra_float_digits
                        logfile = %s
                        """
                                .formatted(
                                        server.port(), port, users, folder.resolve("bouncer.log")));
        for (Path file : List.of(users, configuration, folder)) {
            file.toFile().setReadable(true, false);
            file.toFile().setExecutable(true, false);
            file.toFile().setWritable(true, false);
        }
        ProcessBuilder command = new ProcessBuilder(binary.get().toString());
        if (System.getProperty("user.name").equals("root")) {
            // It refuses to run as root.
            command.command().addAll(List.of("-u", "nobody"));
        }
        command.command().add(configuration.toString());
        bouncer =
                command.redirectErrorStream(true)
                        .redirectOutput(folder.resolve("out").toFile())
                        .start();
        Until.holds("PgBouncer answers", PgBouncerIT::answers);
    }

    @AfterAll
    static void stopBouncer() throws InterruptedException {
        if (bouncer != null) {
            bouncer.destroy();
            bouncer.waitFor(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void everyDeclaredMetricComes() throws Exception {
        try (ReaderHarness reader = reader();
                Connection client = DriverManager.getConnection(url("shop"), "collector", "");
                Statement statement = client.createStatement()) {
            statement.execute("SELECT 1");
            reader.awaitUp("pool");
            for (String poll :
                    List.of(
                            "pgbouncer_stats",
                            "pgbouncer_lists",
                            "pgbouncer_databases",
                            "pgbouncer_pools")) {
                PollResult answer = reader.awaitAnswer(poll);
                assertThat(answer.samples())
                        .extracting(sample -> SeriesId.parse(sample.series()).metric())
                        .containsAll(
                                PollCatalogue.load().poll(poll).orElseThrow().metrics().keySet());
            }
        }
    }

    @Test
    void waitingClientsAreCountedAndTimed() throws Exception {
        try (ReaderHarness reader = reader();
                Connection holder = DriverManager.getConnection(url("shop"), "collector", "");
                Connection waiter = DriverManager.getConnection(url("shop"), "collector", "");
                Statement held = holder.createStatement();
                Statement waiting = waiter.createStatement()) {
            holder.setAutoCommit(false);
            held.execute("SELECT 1");
            CompletableFuture<Void> query =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    waiting.execute("SELECT 2");
                                } catch (SQLException e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            reader.await(
                    "a waiting client and its wait",
                    result ->
                            has(result, "pgbouncer_clients_waiting", 1)
                                    && has(result, "pgbouncer_max_wait_seconds", 0.2));
            holder.commit();
            query.join();
        }
    }

    private static boolean has(PollResult result, String metric, double atLeast) {
        return result.samples().stream()
                .filter(
                        sample -> {
                            SeriesId series = SeriesId.parse(sample.series());
                            return series.metric().equals(metric)
                                    && series.labels()
                                            .equals(
                                                    Map.of(
                                                            "database",
                                                            "shop",
                                                            "user",
                                                            "collector"));
                        })
                .mapToDouble(Sample::value)
                .anyMatch(value -> value >= atLeast);
    }

    private static ReaderHarness reader() {
        PollTarget target =
                PollTarget.pgBouncer("pool", url("pgbouncer"), "collector", Secret.NONE).build();
        Duration often = Duration.ofMillis(200);
        return new ReaderHarness(
                new PollingPlan(
                        List.of(target),
                        PollCatalogue.load(),
                        Map.of(
                                "target", often,
                                "pgbouncer_pools", often,
                                "pgbouncer_stats", often,
                                "pgbouncer_lists", often,
                                "pgbouncer_databases", often),
                        PollingOptions.DEFAULT,
                        0));
    }

    private static boolean answers() {
        try (Connection client = DriverManager.getConnection(url("shop"), "collector", "")) {
            return client.isValid(5);
        } catch (SQLException e) {
            return false;
        }
    }

    private static String url(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }
}
