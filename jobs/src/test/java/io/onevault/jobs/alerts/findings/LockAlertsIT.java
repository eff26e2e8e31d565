package io.onevault.jobs.alerts.findings;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.testing.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From sessions that block each other on a real server to the alert in the vault, and back. */
class LockAlertsIT {

    /** A wait is seen a tenth of a second later; a busy machine gets more. */
    private static final long MOST_MILLIS = 5_000;

    private static final int ROUNDS = 10;

    @TempDir static Path work;

    private static TestVault vault;
    private static PostgresServer watched;
    private static LocalFlink flink;
    private static ExecutorService threads;

    private static final String WHY = "1 session had waited for it";

    @BeforeAll
    static void start() throws Exception {
        vault =
                TestVault.start(
                        PostgresServer.LATEST_VERSION, Map.of("track_commit_timestamp", "on"));
        vault.hearRules();
        watched =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("deadlock_timeout", "1s")
                        .start();
        watched.execute(
                "postgres",
                "CREATE ROLE collector LOGIN PASSWORD 'secret' IN ROLE pg_monitor",
                "CREATE TABLE orders (id int PRIMARY KEY, note text)",
                "INSERT INTO orders SELECT i, '' FROM generate_series(1, 30) i");
        rule("one-blocks", "blocked_sessions", 1, "{\"application\": \"check.*\"}");
        rule("long-block", "blocking_seconds", 2, "{\"application\": \"check.*\"}");
        rule("each", "blocked_sessions", 1, "{\"application\": \"round.*\"}");
        rule("dead", "deadlocks_found", 1, "{}");
        flink = LocalFlink.start(work);
        threads = Executors.newCachedThreadPool();
    }

    @AfterAll
    static void stop() throws Exception {
        flink.close();
        threads.shutdownNow();
        watched.close();
        vault.close();
    }

    @Test
    @Timeout(value = 4, unit = TimeUnit.MINUTES)
    void whoBlocksAndWhoIsDeadlockedIsAlertedWhileItLasts() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        OneVaultJob.compose(env, config());
        JobID job = flink.submit(env);
        vault.await(
                "the rules being in force",
                "SELECT count(*) > 0 FROM monitoring.system_health_s WHERE rule_version > 0");
        assertThatBlockingIsToldFromBeginningToEnd();
        assertThatADeadlockIsTold();
        measure();
        assertThat(
                        vault.holds(
                                "SELECT count(*) = 0 FROM monitoring.alert_instance_s WHERE"
                                        + " alert_message LIKE '%z1teral%'"))
                .as("no literal is told")
                .isTrue();
        flink.cancel(job);
    }

    private void assertThatBlockingIsToldFromBeginningToEnd() throws Exception {
        try (Connection root = session("checkout");
                Connection victim = session("web")) {
            int pid = pid(root);
            run(root, "UPDATE orders SET note = 'z1teral' WHERE id = 1");
            long began = System.nanoTime();
            CompletableFuture<String> waiting =
                    start(victim, "UPDATE orders SET note = 'z1teral' WHERE id = 1");
            vault.await("the blocker being alerted", open("one-blocks"));
            long fired = Until.millisSince(began);
            assertThat(
                            vault.holds(
                                    "SELECT labels ->> 'application' = 'checkout' AND labels ->>"
                                            + " 'database' = 'postgres' AND value = 1 AND message"
                                            + " LIKE '%pid "
                                            + pid
                                            + " (checkout, idle in transaction) blocks 1 session"
                                            + " on public.orders%pg_terminate_backend("
                                            + pid
                                            + ")%' FROM monitoring.open_alerts WHERE rule_name ="
                                            + " 'one-blocks'"))
                    .isTrue();
            vault.await("the long wait being alerted", open("long-block"));
            long released = System.nanoTime();
            root.commit();
            assertThat(waiting.get(30, TimeUnit.SECONDS)).isEmpty();
            vault.await(
                    "the alerts' end",
                    "SELECT count(*) = 0 FROM monitoring.open_alerts WHERE rule_name LIKE"
                            + " '%-block%'");
            System.out.printf(
                    "Wait to alert in the vault: %d ms; release to its end: %d ms%n",
                    fired, Until.millisSince(released));
            assertThat(fired).isLessThan(MOST_MILLIS);
            vault.await("the history with its reason", ended("one-blocks", WHY));
            vault.await("the other one", ended("long-block", WHY));
        }
    }

    private void assertThatADeadlockIsTold() throws Exception {
        try (Connection one = session("stock");
                Connection two = session("billing")) {
            run(one, "UPDATE orders SET note = 'z1teral' WHERE id = 1");
            run(two, "UPDATE orders SET note = 'z1teral' WHERE id = 2");
            long began = System.nanoTime();
            CompletableFuture<String> first =
                    start(one, "UPDATE orders SET note = 'z1teral' WHERE id = 2");
            CompletableFuture<String> second =
                    start(two, "UPDATE orders SET note = 'z1teral' WHERE id = 1");
            vault.await("the deadlock being alerted", open("dead"));
            long fired = Until.millisSince(began);
            String states = first.get(30, TimeUnit.SECONDS) + second.get(30, TimeUnit.SECONDS);
            assertThat(states).isEqualTo("40P01");
            System.out.printf("Deadlock to alert in the vault: %d ms%n", fired);
            assertThat(
                            vault.holds(
                                    "SELECT message LIKE '%(stock)%' AND message LIKE '%(billing)%'"
                                            + " AND message LIKE '%wait for each other on"
                                            + " public.orders%' AND value = 1 FROM"
                                            + " monitoring.open_alerts WHERE rule_name = 'dead'"))
                    .isTrue();
            assertThat(fired).isLessThan(MOST_MILLIS);
        }
    }

    /** From the start of a wait on the server's clock to the commit of its alert in the vault. */
    private void measure() throws Exception {
        for (int round = 0; round < ROUNDS; round++) {
            // Others each time: who waits on behind another root goes on in one incident.
            try (Connection root = session("round" + round);
                    Connection victim = session("web")) {
                String update = "UPDATE orders SET note = '' WHERE id = " + (10 + round);
                run(root, update);
                CompletableFuture<String> waiting = start(victim, update);
                vault.await(
                        "the alert of round " + round,
                        open("each") + " AND labels ->> 'application' = 'round" + round + "'");
                root.commit();
                assertThat(waiting.get(30, TimeUnit.SECONDS)).isEmpty();
            }
        }
        try (Connection connection = vault.connect();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY ms),"
                                    + " max(ms) FROM (SELECT extract(epoch FROM"
                                    + " pg_xact_commit_timestamp(a.xmin) - (SELECT min(opened_at)"
                                    + " FROM lock_monitoring.blocking_session_s b WHERE"
                                    + " b.application_name = a.labels ->> 'application')) * 1000 AS"
                                    + " ms FROM monitoring.alert_instance_s a WHERE alert_status ="
                                    + " 'FIRING' AND labels ->> 'application' LIKE 'round%')"
                                    + " found")) {
            row.next();
            assertThat(row.getInt(1)).isGreaterThanOrEqualTo(ROUNDS);
            System.out.printf(
                    "Wait start to alert committed, %d waits: p50 %.0f ms, longest %.0f ms%n",
                    row.getInt(1), row.getDouble(2), row.getDouble(3));
            assertThat(row.getDouble(2)).isLessThan(MOST_MILLIS);
        }
    }

    private static OneVaultConfig config() throws Exception {
        Path file =
                Files.writeString(
                        work.resolve("onevault.yaml"),
                        """
                        vault: {url: "%s", user: pipeline, password: secret}
                        targets:
                          - {name: shop, url: "%s", user: collector, password: secret}
                        polling:
                          intervals: {activity: 1s, target: 500ms}
                        windows: {size: 1s}
                        locks: {log: false}
                        job:
                          capabilities: [metrics, locks, alerts]
                          parallelism: 2
                          checkpoint_interval: 1s
                        """
                                .formatted(vault.jdbcUrl(), watched.jdbcUrl("postgres")));
        return OneVaultConfig.read(file);
    }

    private static void rule(String name, String metric, int warning, String labels) {
        vault.execute(
                ("INSERT INTO monitoring.alert_configuration_h (alert_configuration_hk,"
                                + " alert_configuration_bk) VALUES (util.hash_binary('%1$s'),"
                                + " '%1$s')")
                        .formatted(name),
                ("INSERT INTO monitoring.alert_configuration_s (alert_configuration_hk, hash_diff,"
                                + " alert_name, metric_pattern, warning_threshold, label_matchers)"
                                + " VALUES (util.hash_binary('%1$s'), util.hash_binary('1'),"
                                + " '%1$s', '%2$s', %3$d, '%4$s')")
                        .formatted(name, metric, warning, labels));
    }

    private static Connection session(String application) throws SQLException {
        Connection connection = watched.connect("postgres");
        connection.setClientInfo("ApplicationName", application);
        connection.setAutoCommit(false);
        return connection;
    }

    private static int pid(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            return row.getInt(1);
        }
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The SQLSTATE of the statement's error, empty for none; its transaction is ended. */
    private static CompletableFuture<String> start(Connection connection, String sql) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        run(connection, sql);
                        connection.commit();
                        return "";
                    } catch (SQLException e) {
                        return String.valueOf(e.getSQLState());
                    }
                },
                threads);
    }

    private static String open(String rule) {
        return ("SELECT count(*) = 1 FROM monitoring.open_alerts WHERE rule_name = '%s' AND status"
                        + " = 'FIRING'")
                .formatted(rule);
    }

    private static String ended(String rule, String why) {
        return ("SELECT count(*) = 1 FROM monitoring.alert_instance_s WHERE alert_status ="
                        + " 'RESOLVED' AND additional_context ->> 'rule_name' = '%s' AND"
                        + " additional_context ->> 'end_reason' LIKE '%%%s%%'")
                .formatted(rule, why);
    }
}
