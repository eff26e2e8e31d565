package io.onevault.jobs.alerts.findings;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.cdc.CdcSlots;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultWriter;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.capacity.ResourceUtilization;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.vault.ResourceUtilizationRows;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntToDoubleFunction;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * From forecasts, rejected rules, slots and a broken stream of changes to alerts in the vault; one
 * job, real servers.
 */
class FindingAlertsIT {

    private static final long HOUR = 3_600_000L;
    private static final long DAY = 24 * HOUR;
    private static final int DAYS = 120;
    private static final double FULL = 10_000;

    @TempDir static Path work;

    private static TestVault vault;
    private static PostgresServer watched;
    private static LocalFlink flink;

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.start();
        vault.execute(
                // Two forecasts a day apart are more than a test can wait for.
                "UPDATE monitoring.alert_configuration_s SET for_seconds = 0 WHERE alert_name ="
                        + " 'full soon'",
                "INSERT INTO capacity_planning.capacity_threshold_h (capacity_threshold_hk,"
                        + " capacity_threshold_bk) VALUES ('\\x01', 'disks')",
                "INSERT INTO capacity_planning.capacity_threshold_s (capacity_threshold_hk,"
                        + " hash_diff, threshold_name, resource_type, resource_pattern,"
                        + " threshold_type, days_to_capacity) VALUES ('\\x01', '\\x01', 'disks',"
                        + " 'STORAGE', '/(growing|flat)', 'CRITICAL', 60)");
        vault.hearRules();
        watched =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("max_slot_wal_keep_size", "64MB")
                        .setting("checkpoint_timeout", "1h")
                        .start();
        watched.execute(
                "postgres",
                "CREATE ROLE collector LOGIN REPLICATION PASSWORD 'secret' IN ROLE pg_monitor",
                "CREATE TABLE orders (id int PRIMARY KEY, note text)",
                "GRANT SELECT ON orders TO collector",
                "SELECT pg_create_physical_replication_slot('standby', true)");
        try (Connection connection = watched.connect("postgres")) {
            CdcSlots.prepare(
                    connection, "onevault_shop", "onevault_shop", List.of("public.orders"));
        }
        flink = LocalFlink.start(work);
    }

    @AfterAll
    static void stop() throws Exception {
        flink.close();
        watched.close();
        vault.close();
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void whatIsFoundIsAlerted() throws Exception {
        long today = Math.floorDiv(System.currentTimeMillis(), DAY) * DAY;
        // 25 days are left.
        remember("/growing", day -> FULL - 50 * (DAYS - 1 - day + 25) + 10 * (day % 2), today);
        remember("/flat", day -> 0.7 * FULL + 30 * (day % 3), today);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        OneVaultJob.compose(env, config());
        JobID job = flink.submit(env);
        assertThatARejectedRuleIsAlertedUntilItIsInOrder();
        assertThatASlotIsAlertedBeforeItIsLost();
        assertThatABrokenStreamOfChangesIsAlerted();
        // Last: without changes of tenants a forecast waits for ten periods.
        assertThatTheGrowingDiskAloneIsAlerted();
        flink.cancel(job);
    }

    private static void assertThatTheGrowingDiskAloneIsAlerted() throws SQLException {
        vault.await("the threshold of a disk that fills", open("capacity: disks CRITICAL"));
        assertThat(
                        vault.holds(
                                "SELECT count(*) = 2 AND count(*) FILTER (WHERE rule_name = 'full"
                                    + " soon') = 1 AND bool_and(labels ->> 'resource_name' ="
                                    + " '/growing' AND value BETWEEN 15 AND 35 AND message LIKE"
                                    + " '%full in%Confidence%') FROM monitoring.open_alerts WHERE"
                                    + " metric_name = 'days_to_capacity'"))
                .as("alerts are %s", vault.alerts())
                .isTrue();
        vault.await(
                "a forecast of the other disk",
                "SELECT count(*) > 0 FROM capacity_planning.capacity_forecast_s WHERE resource_name"
                        + " = '/flat'");
    }

    private static void assertThatARejectedRuleIsAlertedUntilItIsInOrder() throws SQLException {
        vault.execute(
                "INSERT INTO monitoring.alert_configuration_h (alert_configuration_hk,"
                        + " alert_configuration_bk) VALUES ('\\x02', 'bad')",
                "INSERT INTO monitoring.alert_configuration_s (alert_configuration_hk, hash_diff,"
                        + " alert_name, metric_pattern, warning_threshold) VALUES ('\\x02',"
                        + " '\\x01', 'bad', '(', 1)");
        vault.await(
                "the rejected rule",
                open("rule rejected") + " AND message LIKE '%metric_pattern%'");
        vault.execute(
                "UPDATE monitoring.alert_configuration_s SET metric_pattern = 'nothing' WHERE"
                        + " alert_configuration_hk = '\\x02'");
        vault.await("its end", none("rule rejected"));
    }

    private static void assertThatASlotIsAlertedBeforeItIsLost() throws SQLException {
        fill(4);
        vault.await("the slot near its limit", open("slot near its limit") + OF_STANDBY);
        assertThat(vault.holds(none("slot lost") + OF_STANDBY)).as("before it is lost").isTrue();
        fill(3);
        watched.execute("postgres", "CHECKPOINT");
        vault.await("the lost slot", open("slot lost") + OF_STANDBY);
    }

    private static void assertThatABrokenStreamOfChangesIsAlerted() throws SQLException {
        long deadline = deadline();
        while (System.nanoTime() < deadline && !dropped()) {
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
        vault.await(
                "the stream without its slot",
                "SELECT count(*) > 0 FROM monitoring.open_alerts WHERE rule_name = 'changes not"
                        + " read' AND status = 'FIRING' AND labels ->> 'reason' LIKE 'SLOT_%'"
                        + " AND message LIKE '%replication slot onevault_shop does not exist%'");
        assertThat(vault.holds(none("changes missed"))).as("an interruption is none").isTrue();
        assertThat(
                        vault.holds(
                                "SELECT count(*) > 0 FROM monitoring.collection_gap_s WHERE"
                                        + " reason LIKE 'SLOT_%'"))
                .as("and its gap row")
                .isTrue();
    }

    private static final String OF_STANDBY = " AND labels ->> 'slot' = 'standby'";

    /** As who decommissions a server by mistake: its reader is thrown out, its slot dropped. */
    private static boolean dropped() {
        watched.execute(
                "postgres",
                "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name"
                        + " = 'onevault_shop' AND active");
        try (Connection connection = watched.connect("postgres");
                Statement statement = connection.createStatement()) {
            statement.execute("SELECT pg_drop_replication_slot('onevault_shop')");
            return true;
        } catch (SQLException e) {
            // Its reader was back in between.
            return false;
        }
    }

    /** Fills so many segments of 16 MB. */
    private static void fill(int segments) {
        for (int i = 0; i < segments; i++) {
            watched.execute(
                    "postgres",
                    "SELECT pg_logical_emit_message(false, 'test', repeat('x', 1000))",
                    "SELECT pg_switch_wal()");
        }
    }

    private static void remember(String disk, IntToDoubleFunction use, long until)
            throws SQLException {
        Map<String, String> labels = Map.of("mount", disk);
        String series = new SeriesId("shop", "", "disk_used_bytes", labels).text();
        List<VaultRow> rows = new ArrayList<>();
        for (int day = 0; day < DAYS; day++) {
            rows.add(
                    ResourceUtilizationRows.row(
                            new ResourceUtilization(
                                    series,
                                    "shop",
                                    "",
                                    "STORAGE",
                                    disk,
                                    "bytes",
                                    "",
                                    "",
                                    labels,
                                    until - (DAYS - day) * DAY + 23 * HOUR,
                                    3_600,
                                    60,
                                    use.applyAsDouble(day),
                                    FULL,
                                    Double.NaN,
                                    Double.NaN,
                                    Double.NaN,
                                    Double.NaN,
                                    null,
                                    null,
                                    Double.NaN,
                                    "POLLING")));
        }
        try (Connection connection = vault.connect()) {
            new VaultWriter(ResourceUtilizationRows.TABLE, connection).write(rows);
        }
    }

    private static OneVaultConfig config() throws Exception {
        Path file =
                Files.writeString(
                        work.resolve("onevault.yaml"),
                        """
                        vault: {url: "%s", user: pipeline, password: secret}
                        targets:
                          - name: shop
                            url: "%s"
                            user: collector
                            password: secret
                            changes: {tables: [public.orders]}
                        polling:
                          intervals: {activity: 1s, target: 500ms, slots: 500ms}
                        windows: {size: 1s}
                        forecast: {period: 1s, refit: 1h, spread: 1s}
                        job:
                          capabilities: [metrics, capacity, alerts]
                          parallelism: 1
                          checkpoint_interval: 1s
                        """
                                .formatted(vault.jdbcUrl(), watched.jdbcUrl("postgres")));
        return OneVaultConfig.read(file);
    }

    private static String open(String rule) {
        return ("SELECT count(*) > 0 FROM monitoring.open_alerts WHERE rule_name = '%s' AND status"
                        + " = 'FIRING'")
                .formatted(rule);
    }

    private static String none(String rule) {
        return "SELECT count(*) = 0 FROM monitoring.open_alerts WHERE rule_name = '%s'"
                .formatted(rule);
    }

    private static long deadline() {
        return System.nanoTime() + TimeUnit.SECONDS.toNanos(90);
    }
}
