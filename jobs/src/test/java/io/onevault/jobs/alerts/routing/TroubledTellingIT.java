package io.onevault.jobs.alerts.routing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.connectors.vault.VaultRowMapper;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.HttpReceiver;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.testing.Until;
import io.onevault.jobs.vault.FindingSinks;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What people hear of a real server while the job crashes, and while the vault is away. */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class TroubledTellingIT {

    private static final int CROWD = 15;
    private static final int OUTAGE_ROUNDS = 3;
    private static final long MOST_MILLIS_WITHOUT_VAULT = 5_000;

    /** What the job may need more while its vault is away. */
    private static final long MOST_BYTES = 64L << 20;

    /** The job fails at the next record on its way to the vault. */
    private static final AtomicBoolean FAIL = new AtomicBoolean();

    /** The job fails at the next row of an alert that fires. */
    private static final AtomicBoolean FAIL_AT_ALERT = new AtomicBoolean();

    private static final AtomicInteger CRASHES = new AtomicInteger();
    private static final AtomicInteger CHECKPOINTS = new AtomicInteger();

    @TempDir static Path work;

    private static TestVault vault;
    private static PostgresServer watched;
    private static LocalFlink flink;
    private static HttpReceiver receiver;
    private static final AtomicBoolean FAIL_WHEN_TOLD = new AtomicBoolean();

    private final List<Connection> sessions = new ArrayList<>();
    private JobID job;

    private static final class Failing<T> implements MapFunction<T, T>, CheckpointListener {
        private static final long serialVersionUID = 1L;
        private final boolean counts;

        Failing(boolean counts) {
            this.counts = counts;
        }

        @Override
        public T map(T record) {
            boolean alert =
                    record instanceof AlertInstance one
                            && one.status() == AlertStatus.FIRING
                            && one.subject().ruleName().equals("crowd");
            if (FAIL.compareAndSet(true, false)
                    || alert && FAIL_AT_ALERT.compareAndSet(true, false)) {
                CRASHES.incrementAndGet();
                throw new IllegalStateException("made to fail");
            }
            return record;
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            if (counts) {
                CHECKPOINTS.incrementAndGet();
            }
        }
    }

    /** The vault, and what makes the job fail before it. */
    private record FailingSinks(FindingSinks sinks) implements FindingSinks {
        @Override
        public <T> void write(DataStream<T> findings, VaultTable table, VaultRowMapper<T> mapper) {
            sinks.write(
                    findings.map(new Failing<T>(table.satellite().equals("alert_instance_s")))
                            .returns(findings.getType())
                            .setParallelism(1)
                            .uid("failing-" + table.satellite()),
                    table,
                    mapper);
        }

        @Override
        public FindingSinks urgent() {
            return new FailingSinks(sinks.urgent());
        }
    }

    @BeforeAll
    static void start() throws Exception {
        receiver = new HttpReceiver(new Crashing());
        vault = TestVault.start();
        vault.execute(
                "UPDATE monitoring.alert_configuration_s SET is_active = false",
                "INSERT INTO monitoring.alert_configuration_h (alert_configuration_hk,"
                        + " alert_configuration_bk) VALUES (util.hash_binary('crowd'), 'crowd')",
                "INSERT INTO monitoring.alert_configuration_s (alert_configuration_hk, hash_diff,"
                        + " alert_name, metric_pattern, target_pattern, warning_threshold,"
                        + " suppression_window_minutes) VALUES (util.hash_binary('crowd'),"
                        + " util.hash_binary('1'), 'crowd', 'total_connections', 'sh.*', "
                        + CROWD
                        + ", 0)");
        vault.hearRules();
        watched = PostgresServer.startLatest();
        watched.execute(
                "postgres",
                "CREATE ROLE collector LOGIN PASSWORD 'secret' IN ROLE pg_monitor",
                "CREATE ROLE crowd LOGIN PASSWORD 'secret'");
        Configuration restarts = new Configuration();
        restarts.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        restarts.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 100);
        restarts.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(100));
        flink = LocalFlink.start(work, restarts);
    }

    @AfterAll
    static void stop() throws Exception {
        flink.close();
        watched.close();
        vault.close();
        receiver.close();
    }

    @BeforeEach
    void begin() throws Exception {
        receiver.forgetMessages();
        submit("hook");
    }

    /** A job that tells some channels. */
    private void submit(String told) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        OneVaultConfig config = config(told);
        OneVaultJob.compose(
                env, config, new FailingSinks(new VaultFindingSinks(config.vaultOptions())));
        String before = "0" + text("SELECT count(*) FROM monitoring.system_health_s");
        job = flink.submit(env);
        await(
                "the server's being seen",
                () ->
                        Long.parseLong(text("SELECT count(*) FROM monitoring.system_health_s"))
                                > Long.parseLong(before));
    }

    @AfterEach
    void end() throws Exception {
        flink.cancel(job);
        leave();
    }

    @Test
    void aCrashRepeatsAMessageOnceAtMostAndWithItsKey() throws Exception {
        List<Integer> repeats = new ArrayList<>();
        for (Moment moment :
                List.of(
                        Moment.BEFORE_SENDING,
                        Moment.BEFORE_THE_CHECKPOINT,
                        Moment.AFTER_THE_CHECKPOINT)) {
            receiver.forgetMessages();
            awaitCheckpoints(1);
            int crashes = CRASHES.get();
            FAIL_AT_ALERT.set(moment == Moment.BEFORE_SENDING);
            FAIL_WHEN_TOLD.set(moment == Moment.BEFORE_THE_CHECKPOINT);
            come();
            await("the message that it fires", () -> !told("firing").isEmpty());
            if (moment == Moment.AFTER_THE_CHECKPOINT) {
                awaitCheckpoints(1);
                FAIL.set(true);
            }
            await("the crash", () -> CRASHES.get() > crashes);
            if (moment == Moment.BEFORE_THE_CHECKPOINT) {
                await("the repeat", () -> told("firing").size() > 1);
            }
            awaitCheckpoints(1);
            leave();
            await("the message that it is over", () -> !told("resolved").isEmpty());

            repeats.add(told("firing").size() - 1);
            assertThat(keys("firing", "idempotency_key"))
                    .as("keys, crash %s, of %s", moment, told())
                    .hasSize(1);
            assertThat(keys("firing", "alert_key"))
                    .as("what it is known by, crash %s", moment)
                    .isEqualTo(keys("resolved", "alert_key"))
                    .hasSize(1);
            assertThat(told("resolved")).hasSize(1);
            if (moment != Moment.BEFORE_SENDING) {
                // Of an alert that did not come to the vault nobody knows afterwards.
                assertThat(keys("firing", "alert_id"))
                        .as("the alert itself goes on, crash %s", moment)
                        .isEqualTo(keys("resolved", "alert_id"))
                        .hasSize(1);
            }
            assertThat(CRASHES.get()).isEqualTo(crashes + 1);
            awaitNothingOpen();
        }
        System.out.println("Messages repeated after a crash: " + repeats);
        // The first crash may be slower than the message.
        assertThat(repeats.get(0)).isBetween(0, 1);
        assertThat(repeats.subList(1, 3)).containsExactly(1, 0);
        await(
                "the ends in the vault",
                () ->
                        text("SELECT count(*) FILTER (WHERE delivery_status ="
                                        + " 'DELIVERED') = count(*) FROM"
                                        + " monitoring.notification_log_s WHERE load_end_date"
                                        + " IS NULL")
                                .equals("t"));
    }

    @Test
    void troubleThatEndsWhileTheJobIsDownIsToldOnceToBeOverAndNothingStaysOpen() throws Exception {
        awaitCheckpoints(1);
        int crashes = CRASHES.get();
        FAIL_WHEN_TOLD.set(true);
        come();
        await("the crash", () -> CRASHES.get() > crashes);
        leave();
        await("the message that it is over", () -> !told("resolved").isEmpty());
        awaitNothingOpen();
        awaitCheckpoints(1);

        assertThat(keys("firing", "idempotency_key")).as("repeated with its key").hasSize(1);
        assertThat(told("firing")).hasSizeLessThanOrEqualTo(2);
        assertThat(told("resolved")).hasSize(1);
        for (String key : List.of("alert_key", "alert_id")) {
            assertThat(keys("resolved", key)).isEqualTo(keys("firing", key));
        }
        String alert = told("firing").get(0).path("alert_id").asText();
        assertThat(
                        text(
                                "SELECT string_agg(alert_status, ',' ORDER BY load_date) FROM"
                                        + " monitoring.alert_instance_s WHERE"
                                        + " encode(alert_instance_hk, 'hex') = '"
                                        + alert
                                        + "'"))
                .isEqualTo("FIRING,FIRING,RESOLVED");
        assertThat(
                        text(
                                "SELECT i.status || ' ' || i.alert_count FROM"
                                        + " monitoring.incident_history i JOIN"
                                        + " monitoring.alert_incident_l l ON encode(l.incident_hk,"
                                        + " 'hex') = i.incident_id WHERE"
                                        + " encode(l.alert_instance_hk, 'hex') = '"
                                        + alert
                                        + "'"))
                .isEqualTo("RESOLVED 1");
    }

    @Test
    void peopleAreToldWhileTheVaultIsAwayAndItLacksNothingAfterwards() throws Exception {
        String rows = "SELECT count(*) FROM monitoring.notification_log_h";
        long before = Long.parseLong(text(rows));
        String alerts =
                "SELECT count(*) FROM monitoring.alert_instance_s WHERE additional_context ->>"
                        + " 'rule_name' = 'crowd'";
        long alertsBefore = Long.parseLong(text(alerts));
        awaitCheckpoints(1);
        long heap = heap();
        vault.server().stop();
        List<Long> firing = new ArrayList<>();
        List<Long> resolved = new ArrayList<>();
        for (int round = 1; round <= OUTAGE_ROUNDS; round++) {
            int times = round;
            long began = System.nanoTime();
            come();
            await("the message that it fires", () -> told("firing").size() == times);
            firing.add(millisSince(began));
            long left = System.nanoTime();
            leave();
            await("the message that it is over", () -> told("resolved").size() == times);
            resolved.add(millisSince(left));
        }
        awaitCheckpoints(1);
        long more = heap() - heap;
        vault.server().start();
        await(
                "the rows",
                () ->
                        Long.parseLong(text(rows)) == before + 2 * OUTAGE_ROUNDS
                                && Long.parseLong(text(alerts))
                                        >= alertsBefore + 2 * OUTAGE_ROUNDS);
        System.out.printf(
                "Told without the vault after %s ms, and the end after %s ms; %d KB more heap%n",
                firing, resolved, more >> 10);
        assertThat(firing).allMatch(millis -> millis < MOST_MILLIS_WITHOUT_VAULT);
        assertThat(resolved).allMatch(millis -> millis < MOST_MILLIS_WITHOUT_VAULT);
        assertThat(more).isLessThan(MOST_BYTES);
        awaitCheckpoints(1);
        assertThat(Long.parseLong(text(alerts)))
                .as("each row once")
                .isEqualTo(alertsBefore + 2 * OUTAGE_ROUNDS);
        for (JsonNode one : told()) {
            assertThat(
                            text(
                                    "SELECT string_agg(delivery_status, ',') FROM"
                                            + " monitoring.notification_log_s WHERE idempotency_key"
                                            + " = '"
                                            + one.path("idempotency_key").asText()
                                            + "'"))
                    .isEqualTo("DELIVERED");
            assertThat(
                            text(
                                    "SELECT string_agg(alert_status, ',' ORDER BY load_date) FROM"
                                            + " monitoring.alert_instance_s WHERE"
                                            + " encode(alert_instance_hk, 'hex') = '"
                                            + one.path("alert_id").asText()
                                            + "'"))
                    .isEqualTo("FIRING,RESOLVED");
        }
        assertThat(text("SELECT count(*) FROM monitoring.dead_letter")).isEqualTo("0");
    }

    @Test
    void aJobThatBeginsWithoutStateTellsTheEndToAllThatTheOneBeforeTold() throws Exception {
        flink.cancel(job);
        submit("hook, desk");
        awaitCheckpoints(1);
        come();
        await("the message that it fires", () -> !told("firing").isEmpty());
        await(
                "its rows",
                () ->
                        text("SELECT count(*) FROM monitoring.notification_log_s WHERE"
                                        + " matter_key = '"
                                        + told("firing").get(0).path("alert_key").asText()
                                        + "' AND delivery_status = 'DELIVERED'")
                                .equals("2"));
        flink.cancel(job);
        leave();
        submit("hook");
        await("the message that it is over", () -> !told("resolved").isEmpty());
        awaitNothingOpen();
        for (String key : List.of("alert_key", "alert_id")) {
            assertThat(keys("resolved", key)).isEqualTo(keys("firing", key)).hasSize(1);
        }
        assertThat(keys("firing", "idempotency_key")).as("repeated with its key").hasSize(1);
        assertThat(told("firing")).hasSizeLessThanOrEqualTo(2);
        assertThat(told("resolved")).hasSize(1);
        await(
                "the same where nobody would be told any longer",
                () ->
                        receiver.messages("/desk").stream()
                                        .filter(
                                                one ->
                                                        one.path("status")
                                                                .asText()
                                                                .equals("resolved"))
                                        .count()
                                == 1);
    }

    private static void awaitNothingOpen() throws Exception {
        await(
                "the ends of alerts and incidents",
                () ->
                        text("SELECT (SELECT count(*) FROM monitoring.open_alerts) +"
                                        + " (SELECT count(*) FROM"
                                        + " monitoring.open_incidents)")
                                .equals("0"));
    }

    /** When the job crashes, seen from a message. */
    private enum Moment {
        BEFORE_SENDING,
        BEFORE_THE_CHECKPOINT,
        AFTER_THE_CHECKPOINT
    }

    /** Until so many were begun and completed from now on. */
    private static void awaitCheckpoints(int count) throws Exception {
        int from = CHECKPOINTS.get();
        await("checkpoints", () -> CHECKPOINTS.get() > from + count);
    }

    private static OneVaultConfig config(String told) throws Exception {
        Path file =
                Files.writeString(
                        work.resolve("onevault.yaml"),
                        """
                        vault: {url: "%s", user: pipeline, password: secret}
                        targets:
                          - {name: shop, url: "%s", user: collector, password: secret}
                        polling:
                          intervals: {activity: 300ms, target: 300ms}
                        windows: {size: 1s}
                        alerts:
                          flap_count: 100
                          group_wait: 300ms
                          group_interval: 100ms
                          default: [%s]
                          channels:
                            - name: hook
                              type: webhook
                              url: "http://127.0.0.1:%d/hook"
                              secret: 0123456789abcdef
                              rate_per_minute: 6000
                            - name: desk
                              type: webhook
                              url: "http://127.0.0.1:%d/desk"
                              secret: 0123456789abcdef
                              rate_per_minute: 6000
                        job:
                          capabilities: [metrics, alerts]
                          parallelism: 2
                          checkpoint_interval: 2s
                        """
                                .formatted(
                                        vault.jdbcUrl(),
                                        watched.jdbcUrl("postgres"),
                                        told,
                                        receiver.port(),
                                        receiver.port()));
        return OneVaultConfig.read(file);
    }

    /** Takes everything; when it is wanted, the job fails after an answer. */
    private static final class Crashing implements HttpReceiver.Manners {
        @Override
        public HttpReceiver.Answer answer(String key, int times) {
            return HttpReceiver.Answer.of(204);
        }

        @Override
        public void answered(String key, int times) {
            if (FAIL_WHEN_TOLD.compareAndSet(true, false)) {
                FAIL.set(true);
            }
        }
    }

    private static List<JsonNode> told() {
        return receiver.messages("/hook");
    }

    private static List<JsonNode> told(String status) {
        return told().stream().filter(one -> one.path("status").asText().equals(status)).toList();
    }

    private static Set<String> keys(String status, String key) {
        Set<String> keys = new HashSet<>();
        told(status).forEach(one -> keys.add(one.path(key).asText()));
        return keys;
    }

    private void come() throws SQLException {
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

    private static long heap() {
        System.gc();
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }

    private static String text(String sql) throws SQLException {
        return vault.text(sql);
    }

    private static long millisSince(long nanos) {
        return Until.millisSince(nanos);
    }

    private static void await(String what, Until.Condition<Exception> condition) throws Exception {
        Until.holds(what, condition);
    }
}
