package io.onevault.benchmarks.alerts;

import io.onevault.benchmarks.alerts.MessageReceiver.Message;
import io.onevault.connectors.cdc.CdcSlots;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.alerts.rules.RuleTables;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.local.WorkFolder;
import io.onevault.sql.VaultDeployer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * How long it takes from a threshold's being crossed at a real server until the receiver has the
 * message: rules from the vault, a poll of the user's own every second, everything else as it
 * comes. Times are the server's clock and the receiver's, which are one here.
 */
final class AlertLatency {

    static final long POLL_MILLIS = 1_000;
    private static final double MEAN_PAUSE_MILLIS = 200;
    private static final long SEED = 7;
    private static final String DATABASE = "postgres";
    private static final String PASSWORD = "secret";
    private static final String POLL =
            """
            -- How full is each thing that the benchmark fills?
            --
            -- poll: bench_levels
            -- interval: 1s
            -- metric: bench_level | gauge | count | PERFORMANCE | How full a thing is

            SELECT clock_timestamp() AS measured_at, item AS label_item, level AS bench_level
            FROM public.bench_levels;
            """;

    private AlertLatency() {}

    /**
     * @param items things that cross their threshold, each once
     * @return milliseconds, sorted; one for each message that came
     */
    static double[] run(int items) throws Exception {
        try (WorkFolder folder = WorkFolder.create("bench-alerts-");
                PostgresServer vault = PostgresServer.startLatest();
                PostgresServer watched = PostgresServer.startLatest();
                MessageReceiver receiver = new MessageReceiver();
                LocalFlink flink = LocalFlink.start(folder.path().resolve("flink"))) {
            prepare(vault, watched, items);
            StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
            OneVaultJob.compose(env, config(folder.path(), vault, watched, receiver.url()));
            JobID job = flink.submit(env);
            AlertBurst.await("the first message", () -> isTold(receiver, "warm-up"));
            Map<String, Double> crossed = cross(watched, items);
            AlertBurst.await("all messages", () -> receiver.messages("firing").size() > items);
            flink.cancel(job);
            return receiver.messages("firing").stream()
                    .filter(one -> crossed.containsKey(item(one)))
                    .mapToDouble(
                            one ->
                                    one.atMicros() / 1e3
                                            - crossed.getOrDefault(item(one), Double.NaN))
                    .sorted()
                    .toArray();
        }
    }

    private static boolean isTold(MessageReceiver receiver, String item) {
        return receiver.messages("firing").stream().anyMatch(one -> item(one).equals(item));
    }

    private static String item(Message message) {
        return message.body().path("where").path("labels").path("item").asText();
    }

    /** By item, milliseconds since the epoch on the server's clock. */
    private static Map<String, Double> cross(PostgresServer watched, int items) throws Exception {
        Random random = new Random(SEED);
        Map<String, Double> crossed = new HashMap<>();
        try (Connection connection = watched.connect(DATABASE);
                PreparedStatement statement =
                        connection.prepareStatement(
                                "UPDATE bench_levels SET level = 97 WHERE item = ? RETURNING"
                                        + " extract(epoch FROM clock_timestamp()) * 1000")) {
            for (int i = 0; i < items; i++) {
                TimeUnit.MICROSECONDS.sleep(
                        (long) (-Math.log(1 - random.nextDouble()) * MEAN_PAUSE_MILLIS * 1_000));
                statement.setString(1, "item-" + i);
                try (ResultSet row = statement.executeQuery()) {
                    row.next();
                    crossed.put("item-" + i, row.getDouble(1));
                }
            }
        }
        return crossed;
    }

    private static void prepare(PostgresServer vault, PostgresServer watched, int items)
            throws SQLException {
        vault.createDatabase("vault");
        new VaultDeployer(vault.jdbcUrl("vault"), PostgresServer.SUPERUSER, () -> "").deploy();
        vault.execute(
                "vault",
                "CREATE ROLE pipeline LOGIN REPLICATION PASSWORD '"
                        + PASSWORD
                        + "' IN ROLE onevault_writer",
                "INSERT INTO monitoring.alert_configuration_h (alert_configuration_hk,"
                        + " alert_configuration_bk) VALUES (util.hash_binary('level'), 'level')",
                "INSERT INTO monitoring.alert_configuration_s (alert_configuration_hk, hash_diff,"
                        + " alert_name, metric_pattern, warning_threshold, group_by,"
                        + " notification_channels) VALUES"
                        + " (util.hash_binary('level'), util.hash_binary('1'), 'level',"
                        + " 'bench_level', 90, '{item}', '{hook}')");
        try (Connection connection = vault.connect("vault")) {
            CdcSlots.prepare(connection, "onevault_rules", "onevault_rules", RuleTables.HEARD);
        }
        try (Connection connection = watched.connect(DATABASE);
                Statement statement = connection.createStatement()) {
            for (String sql :
                    List.of(
                            "CREATE ROLE collector LOGIN PASSWORD '"
                                    + PASSWORD
                                    + "' IN ROLE pg_monitor",
                            "CREATE TABLE bench_levels (item text PRIMARY KEY, level float8)",
                            "GRANT SELECT ON bench_levels TO collector",
                            "INSERT INTO bench_levels VALUES ('warm-up', 97)",
                            "INSERT INTO bench_levels SELECT 'item-' || i, 10 FROM"
                                    + " generate_series(0, "
                                    + (items - 1)
                                    + ") i")) {
                statement.execute(sql);
            }
        }
    }

    private static OneVaultConfig config(
            Path folder, PostgresServer vault, PostgresServer watched, String url)
            throws Exception {
        Path polls = Files.createDirectories(folder.resolve("polls/bench_levels"));
        Files.writeString(polls.resolve("14-18.sql"), POLL);
        Path file =
                Files.writeString(
                        folder.resolve("onevault.yaml"),
                        """
                        vault: {url: "%s", user: pipeline, password: %s}
                        targets:
                          - {name: watched, url: "%s", user: collector, password: %s}
                        polling: {catalogue_directory: "%s"}
                        alerts:
                          default: []
                          channels:
                            - name: hook
                              type: webhook
                              url: "%s"
                              secret: 0123456789abcdef
                              rate_per_minute: 6000
                        job:
                          capabilities: [metrics, alerts]
                          parallelism: 1
                        """
                                .formatted(
                                        vault.jdbcUrl("vault"),
                                        PASSWORD,
                                        watched.jdbcUrl(DATABASE),
                                        PASSWORD,
                                        folder.resolve("polls"),
                                        url));
        return OneVaultConfig.read(file);
    }
}
