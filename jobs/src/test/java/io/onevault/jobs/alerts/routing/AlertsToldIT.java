package io.onevault.jobs.alerts.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.HttpReceiver;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.testing.Until;
import io.onevault.jobs.testing.WebhookContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** From a rule in the vault and what a real server does to the receiver, and back to the end. */
class AlertsToldIT {

    private static final int CROWD = 15;
    private static final int ROUNDS = 5;

    /** Poll interval and two seconds are asked for; a busy machine gets more. */
    private static final long MOST_MILLIS = 10_000;

    private static final String SIGNING = "0123456789abcdef";

    @TempDir static Path work;

    private HttpReceiver receiver;
    private final List<Connection> sessions = new ArrayList<>();

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void whatAServerDoesReachesTheReceiverAndItsEndToo() throws Exception {
        receiver = HttpReceiver.polite();
        try (TestVault vault = TestVault.start();
                PostgresServer watched = PostgresServer.startLatest();
                LocalFlink flink = LocalFlink.start(work)) {
            prepare(vault, watched);
            StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
            OneVaultJob.compose(env, config(vault, watched, receiver.port()));
            JobID job = flink.submit(env);
            vault.await(
                    "the server's sessions being seen",
                    "SELECT count(*) > 0 FROM monitoring.system_health_s WHERE"
                            + " metric_name = 'total_connections'");
            List<Long> firing = new ArrayList<>();
            List<Long> resolved = new ArrayList<>();
            for (int round = 1; round <= ROUNDS; round++) {
                int times = round;
                long began = System.nanoTime();
                come(watched);
                Until.holds("the message that it fires", () -> crowd("firing").size() == times);
                firing.add(Until.millisSince(began));
                if (round == 1) {
                    acknowledge(vault);
                    Until.holds("the message of the note", () -> crowd("acknowledged").size() == 1);
                }
                long left = System.nanoTime();
                leave();
                Until.holds("the message that it is over", () -> crowd("resolved").size() == times);
                resolved.add(Until.millisSince(left));
            }
            System.out.printf(
                    "First of %d sessions to the receiver's having the message, polled every 500"
                            + " ms: %s ms; last one gone to its having the end: %s ms%n",
                    CROWD, firing, resolved);
            assertThat(firing).allMatch(millis -> millis < MOST_MILLIS);
            assertThat(resolved).allMatch(millis -> millis < MOST_MILLIS);
            assertThatTheMessagesSayWhatIsNeeded();
            assertThatTheVaultKnowsWhatBecameOfThem(vault);
            flink.cancel(job);
        } finally {
            receiver.close();
            leave();
        }
    }

    private void assertThatTheMessagesSayWhatIsNeeded() {
        receiver.sent("/hook").forEach(sent -> WebhookContract.assertKept(sent, SIGNING));
        receiver.sent("/worst").forEach(sent -> WebhookContract.assertKept(sent, SIGNING));
        JsonNode first = crowd("firing").get(0);
        assertThat(first.path("severity").asText()).isEqualTo("warning");
        assertThat(first.path("what").asText()).startsWith("total_connections on shop is ");
        assertThat(first.path("where").path("target").asText()).isEqualTo("shop");
        assertThat(first.path("threshold").asDouble()).isEqualTo(CROWD);
        assertThat(first.path("value").asDouble()).isGreaterThanOrEqualTo(CROWD);
        assertThat(first.path("likely_cause").asText()).isEqualTo("Many people.");
        assertThat(first.path("what_to_do").asText()).isEqualTo("Ask them to leave.");
        assertThat(crowd("resolved").get(0).path("alert_key")).isEqualTo(first.path("alert_key"));
        assertThat(crowd("acknowledged").get(0).path("alert_key"))
                .isEqualTo(first.path("alert_key"));
        assertThat(crowd("resolved").get(1).path("alert_key"))
                .as("another alert")
                .isNotEqualTo(first.path("alert_key"));
        assertThat(
                        receiver.messages("/hook").stream()
                                .map(one -> one.path("idempotency_key").asText()))
                .doesNotHaveDuplicates();
        assertThat(receiver.messages("/worst"))
                .as("a channel for what is critical alone")
                .allMatch(one -> one.path("severity").asText().equals("critical"));
    }

    private static void assertThatTheVaultKnowsWhatBecameOfThem(TestVault vault) throws Exception {
        vault.await(
                "the log",
                "SELECT count(*) = "
                        + (2 * ROUNDS + 1)
                        + " AND count(DISTINCT l.alert_instance_hk) = "
                        + ROUNDS
                        + " AND bool_and(n.delivery_status = 'DELIVERED')"
                        + " FROM monitoring.notification_log_s n"
                        + " JOIN monitoring.alert_notification_l l USING"
                        + " (notification_log_hk)"
                        + " JOIN monitoring.alert_instance_s a USING"
                        + " (alert_instance_hk)"
                        + " WHERE n.load_end_date IS NULL AND a.load_end_date IS"
                        + " NULL AND a.additional_context ->> 'rule_name' = 'crowd'"
                        + " AND a.alert_status = 'RESOLVED'");
    }

    private static void prepare(TestVault vault, PostgresServer watched) throws Exception {
        vault.execute(
                "INSERT INTO monitoring.alert_configuration_h (alert_configuration_hk,"
                        + " alert_configuration_bk) VALUES (util.hash_binary('crowd'), 'crowd')",
                "INSERT INTO monitoring.alert_configuration_s (alert_configuration_hk, hash_diff,"
                        + " alert_name, metric_pattern, target_pattern, warning_threshold,"
                        + " suppression_window_minutes, alert_description, runbook) VALUES"
                        + " (util.hash_binary('crowd'), util.hash_binary('1'), 'crowd',"
                        + " 'total_connections', 'sh.*', "
                        + CROWD
                        + ", 0, 'Many people.', 'Ask them to leave.')");
        vault.hearRules();
        watched.execute(
                "postgres",
                "CREATE ROLE collector LOGIN PASSWORD 'secret' IN ROLE pg_monitor",
                "CREATE ROLE crowd LOGIN PASSWORD 'secret'");
    }

    private static OneVaultConfig config(TestVault vault, PostgresServer watched, int port)
            throws Exception {
        Path file =
                Files.writeString(
                        work.resolve("onevault.yaml"),
                        """
                        vault: {url: "%s", user: pipeline, password: secret}
                        targets:
                          - {name: shop, url: "%s", user: collector, password: secret}
                        polling:
                          intervals: {activity: 500ms, target: 500ms}
                        windows: {size: 10s}
                        alerts:
                          flap_count: 100
                          group_wait: 100ms
                          group_interval: 100ms
                          channels:
                            - name: hook
                              type: webhook
                              url: "http://127.0.0.1:%d/hook"
                              secret: %s
                              rate_per_minute: 6000
                            - name: worst
                              type: webhook
                              severity: critical
                              url: "http://127.0.0.1:%d/worst"
                              secret: %s
                        job:
                          capabilities: [metrics, alerts]
                          parallelism: 2
                          checkpoint_interval: 1s
                        """
                                .formatted(
                                        vault.jdbcUrl(),
                                        watched.jdbcUrl("postgres"),
                                        port,
                                        SIGNING,
                                        port,
                                        SIGNING));
        return OneVaultConfig.read(file);
    }

    private List<JsonNode> crowd(String status) {
        return receiver.messages("/hook").stream()
                .filter(one -> one.path("rule").asText().equals("crowd"))
                .filter(one -> one.path("status").asText().equals(status))
                .toList();
    }

    private static void acknowledge(TestVault vault) throws SQLException {
        vault.await(
                "the alert's row",
                "SELECT count(*) = 1 FROM monitoring.open_alerts WHERE rule_name ="
                        + " 'crowd' AND status = 'FIRING'");
        vault.execute(
                "INSERT INTO monitoring.alert_acknowledgement_s (alert_instance_hk, hash_diff,"
                        + " acknowledged_by) SELECT decode(alert_id, 'hex'), '\\x01', 'ann' FROM"
                        + " monitoring.open_alerts WHERE rule_name = 'crowd'");
    }

    private void come(PostgresServer watched) throws SQLException {
        for (int i = 0; i < CROWD; i++) {
            sessions.add(watched.connect("postgres", "crowd", "secret"));
        }
    }

    private void leave() throws SQLException {
        for (Connection session : sessions) {
            session.close();
        }
        sessions.clear();
    }
}
