package io.onevault.benchmarks.locks;

import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.config.ConfigException;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.local.WorkFolder;
import io.onevault.sql.VaultDeployer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * A server whose locks are watched, the job that does so with default settings, and the vault it
 * writes to, which knows when each of its rows was committed. All share one clock.
 */
final class WatchedServer implements AutoCloseable {

    static final String DATABASE = "contention";
    private static final String VAULT = "vault";
    private static final String PASSWORD = "secret";
    private static final int SPARE_CONNECTIONS = 20;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final WorkFolder folder;
    private final PostgresServer server;
    private final PostgresServer vault;
    private final LocalFlink flink;
    private @Nullable JobID job;

    /**
     * Starts both servers and Flink, without the job.
     *
     * @param clients who will connect at the same time
     */
    WatchedServer(int clients) throws Exception {
        folder = WorkFolder.create("bench-locks-");
        server =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("max_connections", String.valueOf(clients + SPARE_CONNECTIONS))
                        .setting("logging_collector", "on")
                        .setting("log_destination", "jsonlog")
                        .start();
        vault =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("track_commit_timestamp", "on")
                        .start();
        server.createDatabase(DATABASE);
        Contention.prepare(server, DATABASE, clients);
        server.execute(
                DATABASE,
                "CREATE EXTENSION pg_stat_statements",
                "CREATE ROLE collector LOGIN PASSWORD '" + PASSWORD + "' IN ROLE pg_monitor",
                "GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO"
                        + " collector");
        vault.createDatabase(VAULT);
        new VaultDeployer(vault.jdbcUrl(VAULT), PostgresServer.SUPERUSER, () -> "").deploy();
        vault.execute(
                VAULT,
                "CREATE ROLE pipeline LOGIN PASSWORD '" + PASSWORD + "' IN ROLE onevault_writer");
        flink = LocalFlink.start(folder.path().resolve("flink"));
    }

    /** Begins to watch. */
    void watch() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        OneVaultJob.compose(env, config());
        job = flink.submit(env);
    }

    /** Watches no more. */
    void leave() throws Exception {
        JobID running = job;
        job = null;
        if (running != null) {
            flink.cancel(running);
            flink.awaitEnd(running);
        }
    }

    private OneVaultConfig config() throws IOException, ConfigException {
        Path file = folder.path().resolve("onevault.yaml");
        Files.writeString(
                file,
                """
                vault:
                  url: %s
                  user: pipeline
                  password: %s
                  rules: {enabled: false}
                targets:
                  - name: watched
                    url: %s
                    user: collector
                    password: %s
                job:
                  capabilities: [locks]
                  parallelism: 1
                """
                        .formatted(
                                vault.jdbcUrl(VAULT),
                                PASSWORD,
                                server.jdbcUrl(DATABASE),
                                PASSWORD));
        return OneVaultConfig.read(file);
    }

    PostgresServer server() {
        return server;
    }

    /** Begins to watch, and returns when a first wait has come through to the vault. */
    void watchAndWarmUp() throws Exception {
        watch();
        try (Contention first = new Contention(server, DATABASE, 5)) {
            long deadline = System.nanoTime() + LIMIT_NANOS;
            do {
                if (System.nanoTime() > deadline) {
                    throw new TimeoutException("no wait reached the vault");
                }
                first.mixed(2, 0);
            } while (number("SELECT count(*) FROM lock_monitoring.lock_activity_h") == 0);
        }
    }

    /** Returns when every deadlock has an end and no wait is open. */
    void awaitEnd() throws Exception {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        String open =
                """
                SELECT (SELECT count(*) FROM lock_monitoring.deadlock_event_s
                        WHERE load_end_date IS NULL AND outcome = 'OPEN')
                     + (SELECT count(*) FROM lock_monitoring.lock_activity_s
                        WHERE load_end_date IS NULL AND resolution_action IS NULL)
                """;
        while (number(open) > 0) {
            if (System.nanoTime() > deadline) {
                throw new TimeoutException("something in the vault stays open");
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    /** The one number that a query of the watched server gives. */
    double numberAtServer(String query) throws SQLException {
        try (Connection connection = server.connect(DATABASE)) {
            return values(connection, query).get(0);
        }
    }

    /** The vault's clock as a literal of SQL. */
    String moment() throws SQLException {
        return "to_timestamp(%.6f)"
                .formatted(number("SELECT extract(epoch FROM clock_timestamp())"));
    }

    /** The one number that a query of the vault gives. */
    double number(String query) throws SQLException {
        return values(query).get(0);
    }

    /** The first column of a query of the vault. */
    List<Double> values(String query) throws SQLException {
        try (Connection connection = vault.connect(VAULT)) {
            return values(connection, query);
        }
    }

    private static List<Double> values(Connection connection, String query) throws SQLException {
        List<Double> values = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(query)) {
            while (rows.next()) {
                values.add(rows.getDouble(1));
            }
        }
        return values;
    }

    @Override
    public void close() throws Exception {
        try (WorkFolder files = folder;
                PostgresServer watched = server;
                PostgresServer written = vault;
                AutoCloseable cluster = flink) {
            leave();
        }
    }
}
