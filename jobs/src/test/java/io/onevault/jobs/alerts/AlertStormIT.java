package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.DeliveryPolicy;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.routing.AlertRouting;
import io.onevault.jobs.alerts.routing.RoutingJob;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.testing.HttpReceiver;
import io.onevault.jobs.testing.TestRule;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.testing.Until;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Ten thousand series cross a threshold at once: what people hear, and what the vault keeps. */
class AlertStormIT {

    private static final int TARGETS = 10;
    private static final int SERIES = 10_000;
    private static final Duration INTERVAL = Duration.ofSeconds(2);

    /** How it is with all of them; written by the test, read by the source. */
    private static volatile boolean trouble;

    @TempDir static Path work;

    @Test
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void aStormIsToldOnceForEachGroupAndIntervalAndKeptWhole() throws Exception {
        try (HttpReceiver receiver = HttpReceiver.polite();
                TestVault vault = TestVault.start();
                LocalFlink flink = LocalFlink.start(work)) {
            trouble = false;
            long started = System.nanoTime();
            JobID job = flink.submit(topology(vault, receiver.port()));
            trouble = true;
            long began = System.nanoTime();
            Until.holds("all alerts in the vault", () -> alerts(vault, "FIRING") == SERIES);
            long stored = Until.millisSince(began);
            Until.holds(
                    "all being told",
                    () -> largest(receiver, "firing").equals(all(SERIES / TARGETS)));
            trouble = false;
            Until.holds("the ends in the vault", () -> alerts(vault, "FIRING,RESOLVED") == SERIES);
            Until.holds(
                    "the ends being told", () -> largest(receiver, "resolved").size() == TARGETS);
            double intervals = Until.millisSince(began) / (double) INTERVAL.toMillis();
            flink.cancel(job);
            List<JsonNode> told = receiver.messages("/hook");

            System.out.printf(
                    "%d series crossed: all alerts in the vault after %d ms, %d messages in %.1f"
                            + " intervals of %d groups; %d ms in all%n",
                    SERIES, stored, told.size(), intervals, TARGETS, Until.millisSince(started));
            Map<String, Long> messages =
                    told.stream()
                            .collect(
                                    Collectors.groupingBy(
                                            AlertStormIT::target, Collectors.counting()));
            assertThat(messages).hasSize(TARGETS);
            assertThat(messages.values())
                    .as("messages of a group")
                    .allMatch(count -> count <= Math.ceil(intervals) + 1);
            assertThat(told.stream().map(one -> one.path("idempotency_key").asText()))
                    .doesNotHaveDuplicates();
            Until.holds("the log", () -> delivered(vault) == told.size());
            assertThat(vault.number("SELECT count(*) FROM monitoring.alert_instance_h"))
                    .isEqualTo(SERIES);
            assertThat(vault.number("SELECT count(*) FROM monitoring.dead_letter")).isZero();
        }
    }

    private static StreamExecutionEnvironment topology(TestVault vault, int port) {
        Configuration flink = new Configuration();
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        flink.set(PipelineOptions.OBJECT_REUSE, true);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        env.setParallelism(2);
        env.enableCheckpointing(500);
        DataStream<Long> ticks = generated(env, "ticks", 4.0 * SERIES);
        DataStream<Long> moments = generated(env, "moments", 10);
        VaultFindingSinks sinks =
                new VaultFindingSinks(
                        VaultOptions.of(vault.jdbcUrl(), "pipeline", Secret.of("secret")));
        DataStream<AlertInstance> alerts =
                AlertsJob.defineWorkflow(
                        ticks.map(AlertStormIT::value)
                                .returns(LiveValue.class)
                                .uid("values")
                                .assignTimestampsAndWatermarks(
                                        WatermarkStrategy.<LiveValue>forMonotonousTimestamps()
                                                .withTimestampAssigner(
                                                        (value, time) -> value.timestamp()))
                                .uid("times")
                                .keyBy(LiveValue::series)
                                .map(value -> value)
                                .returns(LiveValue.class)
                                .uid("values-by-series"),
                        List.of(),
                        moments.map(AlertStormIT::rules)
                                .returns(RuleUpdate.class)
                                .setParallelism(1)
                                .uid("rules")
                                .assignTimestampsAndWatermarks(NeverHoldsTime.strategy())
                                .setParallelism(1)
                                .uid("rules-without-time"),
                        moments.<CdcRecord>flatMap((moment, out) -> {})
                                .returns(TypeInformation.of(CdcRecord.class))
                                .setParallelism(1)
                                .uid("no-notes"),
                        LifecycleSettings.DEFAULT,
                        Map.of(),
                        Map.of(),
                        Duration.ZERO,
                        sinks);
        ChannelOptions hook =
                new ChannelOptions.Webhook(
                        new Common("hook", Duration.ofSeconds(10), policy()),
                        Secret.of("http://127.0.0.1:" + port + "/hook"),
                        Secret.of("0123456789abcdef0123456789abcdef"),
                        null);
        RoutingJob.defineWorkflow(
                alerts,
                new AlertRouting(
                        List.of(hook),
                        List.of("hook"),
                        Map.of(),
                        Duration.ofMillis(500),
                        INTERVAL,
                        ""),
                sinks);
        return env;
    }

    private static DeliveryPolicy policy() {
        DeliveryPolicy usual = DeliveryPolicy.DEFAULT;
        return new DeliveryPolicy(
                usual.maxAttempts(),
                usual.maxAge(),
                usual.backoffBase(),
                usual.backoffCap(),
                usual.circuitFailures(),
                usual.circuitPause(),
                6_000);
    }

    private static DataStream<Long> generated(
            StreamExecutionEnvironment env, String name, double perSecond) {
        return env.fromSource(
                        new DataGeneratorSource<>(
                                i -> i,
                                Long.MAX_VALUE,
                                RateLimiterStrategy.perSecond(perSecond),
                                Types.LONG),
                        WatermarkStrategy.noWatermarks(),
                        name)
                .setParallelism(1)
                .uid(name);
    }

    private static LiveValue value(long tick) {
        int which = (int) (tick % SERIES);
        return new LiveValue(
                new SeriesId(
                                "server-" + which % TARGETS,
                                "",
                                "used_pct",
                                Map.of("table", "t" + which))
                        .text(),
                System.currentTimeMillis(),
                trouble ? 97 : 10);
    }

    /** The rule as it is, again and again; only the first time is news. */
    private static RuleUpdate rules(long moment) {
        return new RuleUpdate(
                moment + 1,
                moment > 0
                        ? List.of()
                        : List.of(
                                TestRule.named("storm")
                                        .metric("used_pct")
                                        .thresholds(90, Double.NaN)
                                        .build()),
                List.of(),
                List.of(),
                List.of());
    }

    /** By group, the most alerts that a message of a status was for. */
    private static Map<String, Integer> largest(HttpReceiver receiver, String status) {
        return receiver.messages("/hook").stream()
                .filter(one -> one.path("status").asText().equals(status))
                .collect(
                        Collectors.toMap(
                                AlertStormIT::target,
                                one -> one.path("related_count").asInt() + 1,
                                Math::max));
    }

    private static Map<String, Integer> all(int each) {
        return IntStream.range(0, TARGETS)
                .boxed()
                .collect(Collectors.toMap(target -> "server-" + target, target -> each));
    }

    private static String target(JsonNode message) {
        return message.path("where").path("target").asText();
    }

    /** Alerts whose rows are these, once each and in this order. */
    private static long alerts(TestVault vault, String statuses) throws SQLException {
        return vault.number(
                "SELECT count(*) FROM (SELECT FROM monitoring.alert_instance_s GROUP BY"
                        + " alert_instance_hk HAVING string_agg(alert_status, ',' ORDER BY"
                        + " load_date) = '"
                        + statuses
                        + "') a");
    }

    private static long delivered(TestVault vault) throws SQLException {
        return vault.number(
                "SELECT count(*) FROM monitoring.notification_log_s WHERE delivery_status ="
                        + " 'DELIVERED'");
    }
}
