package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.DeliveryPolicy;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.routing.AlertRouting;
import io.onevault.jobs.alerts.routing.RoutingJob;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.vault.VaultFindingSinks;
import io.onevault.sql.VaultDeployer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
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
    private static final ObjectMapper JSON = new ObjectMapper();

    /** How it is with all of them; written by the test, read by the source. */
    private static volatile boolean trouble;

    @TempDir static Path work;

    private final List<JsonNode> told = new CopyOnWriteArrayList<>();

    @Test
    @Timeout(value = 3, unit = TimeUnit.MINUTES)
    void aStormIsToldOnceForEachGroupAndIntervalAndKeptWhole() throws Exception {
        HttpServer receiver =
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        receiver.createContext("/", this::take);
        receiver.start();
        try (PostgresServer vault = PostgresServer.startLatest();
                LocalFlink flink = LocalFlink.start(work)) {
            vault.createDatabase("vault");
            new VaultDeployer(vault.jdbcUrl("vault"), PostgresServer.SUPERUSER, () -> "").deploy();
            vault.execute(
                    "vault",
                    "CREATE ROLE pipeline LOGIN PASSWORD 'secret' IN ROLE onevault_writer");
            trouble = false;
            long started = System.nanoTime();
            JobID job = flink.submit(topology(vault, receiver.getAddress().getPort()));
            trouble = true;
            long began = System.nanoTime();
            await("all alerts in the vault", () -> alerts(vault, "FIRING") == SERIES);
            long stored = millisSince(began);
            await("all being told", () -> largest("firing").equals(all(SERIES / TARGETS)));
            trouble = false;
            await("the ends in the vault", () -> alerts(vault, "FIRING,RESOLVED") == SERIES);
            await("the ends being told", () -> largest("resolved").size() == TARGETS);
            double intervals = millisSince(began) / (double) INTERVAL.toMillis();
            flink.cancel(job);

            System.out.printf(
                    "%d series crossed: all alerts in the vault after %d ms, %d messages in %.1f"
                            + " intervals of %d groups; %d ms in all%n",
                    SERIES, stored, told.size(), intervals, TARGETS, millisSince(started));
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
            await("the log", () -> delivered(vault) == told.size());
            assertThat(number(vault, "SELECT count(*) FROM monitoring.alert_instance_h"))
                    .isEqualTo(SERIES);
            assertThat(number(vault, "SELECT count(*) FROM monitoring.dead_letter")).isZero();
        } finally {
            receiver.stop(0);
        }
    }

    private static StreamExecutionEnvironment topology(PostgresServer vault, int port) {
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
                        VaultOptions.of(vault.jdbcUrl("vault"), "pipeline", Secret.of("secret")));
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
                                new AlertRule(
                                        "ab".repeat(32),
                                        "",
                                        1,
                                        "storm",
                                        "used_pct",
                                        "",
                                        Map.of(),
                                        Condition.THRESHOLD,
                                        Map.of(),
                                        Direction.ABOVE,
                                        90,
                                        Double.NaN,
                                        Double.NaN,
                                        0,
                                        false,
                                        0,
                                        List.of(),
                                        List.of(),
                                        List.of(),
                                        List.of(),
                                        "",
                                        "",
                                        "")),
                List.of(),
                List.of(),
                List.of());
    }

    /** By group, the most alerts that a message of a status was for. */
    private Map<String, Integer> largest(String status) {
        return told.stream()
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
    private static long alerts(PostgresServer vault, String statuses) throws SQLException {
        return number(
                vault,
                "SELECT count(*) FROM (SELECT FROM monitoring.alert_instance_s GROUP BY"
                        + " alert_instance_hk HAVING string_agg(alert_status, ',' ORDER BY"
                        + " load_date) = '"
                        + statuses
                        + "') a");
    }

    private static long delivered(PostgresServer vault) throws SQLException {
        return number(
                vault,
                "SELECT count(*) FROM monitoring.notification_log_s WHERE delivery_status ="
                        + " 'DELIVERED'");
    }

    private static long number(PostgresServer vault, String sql) throws SQLException {
        try (Connection connection = vault.connect("vault");
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private void take(HttpExchange exchange) throws IOException {
        try (exchange) {
            told.add(JSON.readTree(exchange.getRequestBody().readAllBytes()));
            exchange.sendResponseHeaders(204, -1);
        }
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    private static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (!condition.call()) {
            assertThat(System.nanoTime()).as("waiting for %s", what).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
        }
    }
}
