package io.onevault.benchmarks.alerts;

import io.onevault.benchmarks.alerts.MessageReceiver.Message;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.DeliveryPolicy;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.alerts.AlertsJob;
import io.onevault.jobs.alerts.NeverHoldsTime;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.routing.AlertRouting;
import io.onevault.jobs.alerts.routing.RoutingJob;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.local.WorkFolder;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.vault.VaultFindingSinks;
import io.onevault.sql.VaultDeployer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
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

/**
 * Many series cross their rules' thresholds at once, and are in order again: from values to rows in
 * a real vault and messages at a real receiver.
 */
final class AlertBurst {

    private static final String DATABASE = "vault";
    private static final String PASSWORD = "secret";
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(120);
    private static final int NO_RATE_LIMIT = 1_000_000;

    /** How often a series says that it is in trouble. */
    private static final int TIMES = 11;

    /**
     * What came of it.
     *
     * @param alertsPerSecond that began, from the first to the last
     * @param findingsPerSecond values that were held against the rules while all those alerts last
     * @param stored alerts whose rows in the vault are FIRING and RESOLVED, each once
     * @param storedSeconds from the first value in trouble until all were in the vault as FIRING
     * @param messages that the receiver had
     * @param leastGapMillis between the times at which two messages of one group were to be sent
     * @param silentGroups that were not told of, or not of the end
     * @param dropped or failed messages, as the log has it
     */
    record Outcome(
            double alertsPerSecond,
            double findingsPerSecond,
            long stored,
            double storedSeconds,
            int messages,
            double leastGapMillis,
            int silentGroups,
            long dropped) {}

    private AlertBurst() {}

    /** An empty vault on a server that may have had others. */
    private static void deploy(PostgresServer server) throws Exception {
        server.execute("postgres", "DROP DATABASE IF EXISTS " + DATABASE + " WITH (FORCE)");
        server.createDatabase(DATABASE);
        new VaultDeployer(server.jdbcUrl(DATABASE), PostgresServer.SUPERUSER, () -> "").deploy();
        server.execute(
                DATABASE,
                "DROP ROLE IF EXISTS pipeline",
                "CREATE ROLE pipeline LOGIN PASSWORD '" + PASSWORD + "' IN ROLE onevault_writer");
    }

    /** The same without waiting until everybody is told. */
    static void fill(PostgresServer vault, int series, int rules, Duration interval)
            throws Exception {
        burst(vault, series, rules, interval, false);
    }

    /**
     * Lets them cross and come back.
     *
     * @param interval between two messages of a group
     */
    static Outcome run(PostgresServer vault, int series, int rules, Duration interval)
            throws Exception {
        return burst(vault, series, rules, interval, true);
    }

    private static Outcome burst(
            PostgresServer vault, int series, int rules, Duration interval, boolean told)
            throws Exception {
        Trouble.reset();
        deploy(vault);
        try (WorkFolder folder = WorkFolder.create("bench-alerts-");
                MessageReceiver receiver = new MessageReceiver();
                LocalFlink flink = LocalFlink.start(folder.path().resolve("flink"))) {
            JobID job = flink.submit(topology(vault, receiver.url(), series, rules, interval));
            await("the rules to be in force", Trouble::isWatched);
            Trouble.allow(series);
            await("all in order", () -> Trouble.sent() == series);
            long began = System.nanoTime();
            Trouble.allow(2L * series);
            await("all to fire", () -> Trouble.fired() == series);
            double perSecond = series / seconds(began);
            await("all in the vault", () -> rows(vault) >= series);
            double stored = seconds(began);
            await("all told", () -> !told || told(receiver, "firing", series / rules) == rules);
            long lasting = System.nanoTime();
            Trouble.allow((1L + TIMES) * series);
            await("all that last", () -> Trouble.sent() == (1L + TIMES) * series);
            double judged = (TIMES - 1L) * series / seconds(lasting);
            Trouble.allow((2L + TIMES) * series);
            await("all ends", () -> Trouble.ended() == series);
            await("the ends in the vault", () -> rows(vault) >= 2L * series);
            if (!told) {
                flink.cancel(job);
                return new Outcome(
                        perSecond, judged, alerts(vault, "FIRING,RESOLVED"), stored, 0, 0, 0, 0);
            }
            await("the ends told", () -> told(receiver, "resolved", 1) == rules);
            await("the log", () -> logged(vault, "TRUE") == receiver.messages().size());
            flink.cancel(job);
            return new Outcome(
                    perSecond,
                    judged,
                    alerts(vault, "FIRING,RESOLVED"),
                    stored,
                    receiver.messages().size(),
                    leastGap(vault, receiver.messages()),
                    rules - told(receiver, "resolved", 1),
                    logged(vault, "delivery_status <> 'DELIVERED'"));
        }
    }

    /** Groups that some message of a status was about, for so many alerts at least. */
    private static int told(MessageReceiver receiver, String status, int alerts) {
        return (int)
                receiver.messages(status).stream()
                        .filter(one -> one.body().path("related_count").asInt() + 1 >= alerts)
                        .map(one -> one.text("rule"))
                        .distinct()
                        .count();
    }

    private static double leastGap(PostgresServer vault, List<Message> messages)
            throws SQLException {
        Map<String, Double> times = new HashMap<>();
        try (Connection connection = vault.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet rows =
                        statement.executeQuery(
                                "SELECT idempotency_key, extract(epoch FROM"
                                        + " notification_timestamp) * 1000 FROM"
                                        + " monitoring.notification_log_s")) {
            while (rows.next()) {
                times.put(rows.getString(1), rows.getDouble(2));
            }
        }
        Map<String, double[]> byRule = new HashMap<>();
        for (Message message : messages) {
            Double at = times.get(message.text("idempotency_key"));
            if (at == null) {
                throw new IllegalStateException("a message that the log does not know");
            }
            double[] known = byRule.getOrDefault(message.text("rule"), new double[0]);
            double[] more = Arrays.copyOf(known, known.length + 1);
            more[known.length] = at;
            byRule.put(message.text("rule"), more);
        }
        double least = Double.MAX_VALUE;
        for (double[] ofRule : byRule.values()) {
            Arrays.sort(ofRule);
            for (int i = 1; i < ofRule.length; i++) {
                least = Math.min(least, ofRule[i] - ofRule[i - 1]);
            }
        }
        return least;
    }

    private static StreamExecutionEnvironment topology(
            PostgresServer vault, String url, int series, int rules, Duration interval) {
        Configuration flink = new Configuration();
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        flink.set(PipelineOptions.OBJECT_REUSE, true);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        env.setParallelism(2);
        env.enableCheckpointing(1_000);
        DataStream<Long> moments = generated(env, "moments", RateLimiterStrategy.perSecond(10));
        DataStream<RuleUpdate> updates =
                moments.<RuleUpdate>flatMap(
                                (moment, out) -> {
                                    if (moment == 0) {
                                        out.collect(Trouble.rules(rules));
                                    }
                                })
                        .returns(RuleUpdate.class)
                        .setParallelism(1)
                        .uid("rules")
                        .assignTimestampsAndWatermarks(NeverHoldsTime.strategy())
                        .setParallelism(1)
                        .uid("rules-without-time");
        DataStream<LiveValue> values =
                generated(env, "ticks", RateLimiterStrategy.noOp())
                        .flatMap(new Trouble.Values(series, rules, TIMES))
                        .returns(LiveValue.class)
                        .setParallelism(1)
                        .uid("values")
                        .assignTimestampsAndWatermarks(
                                WatermarkStrategy.<LiveValue>forMonotonousTimestamps()
                                        .withTimestampAssigner((value, time) -> value.timestamp()))
                        .setParallelism(1)
                        .uid("times")
                        .keyBy(LiveValue::series)
                        .map(value -> value)
                        .returns(LiveValue.class)
                        .uid("values-by-series");
        VaultFindingSinks sinks =
                new VaultFindingSinks(
                        VaultOptions.of(vault.jdbcUrl(DATABASE), "pipeline", Secret.of(PASSWORD)));
        DataStream<AlertInstance> alerts =
                AlertsJob.defineWorkflow(
                        values,
                        List.of(),
                        updates,
                        moments.<CdcRecord>flatMap((moment, out) -> {})
                                .returns(TypeInformation.of(CdcRecord.class))
                                .setParallelism(1)
                                .uid("no-notes"),
                        LifecycleSettings.DEFAULT,
                        Map.of(),
                        Map.of(),
                        Duration.ZERO,
                        sinks);
        RoutingJob.defineWorkflow(
                alerts.map(new Trouble.Count()).returns(AlertInstance.class).uid("count"),
                new AlertRouting(
                        List.of(hook(url)),
                        List.of("hook"),
                        Map.of(),
                        AlertRouting.DEFAULT_WAIT,
                        interval,
                        ""),
                sinks);
        return env;
    }

    private static ChannelOptions hook(String url) {
        DeliveryPolicy usual = DeliveryPolicy.DEFAULT;
        return new ChannelOptions.Webhook(
                new Common(
                        "hook",
                        Common.DEFAULT_TIMEOUT,
                        new DeliveryPolicy(
                                usual.maxAttempts(),
                                usual.maxAge(),
                                usual.backoffBase(),
                                usual.backoffCap(),
                                usual.circuitFailures(),
                                usual.circuitPause(),
                                NO_RATE_LIMIT)),
                Secret.of(url),
                Secret.of("0123456789abcdef0123456789abcdef"),
                null);
    }

    private static DataStream<Long> generated(
            StreamExecutionEnvironment env, String name, RateLimiterStrategy<?> rate) {
        return env.fromSource(
                        new DataGeneratorSource<>(i -> i, Long.MAX_VALUE, rate, Types.LONG),
                        WatermarkStrategy.noWatermarks(),
                        name)
                .setParallelism(1)
                .uid(name);
    }

    /** Rows of alerts, without the probe's; cheap, for it is asked again and again meanwhile. */
    private static long rows(PostgresServer vault) throws SQLException {
        return number(vault, "SELECT count(*) - 1 FROM monitoring.alert_instance_s");
    }

    /** Alerts whose rows are these, once each and in this order; without the probe's. */
    private static long alerts(PostgresServer vault, String statuses) throws SQLException {
        return number(
                vault,
                "SELECT count(*) FROM (SELECT FROM monitoring.alert_instance_s WHERE"
                        + " additional_context ->> 'rule_name' <> '"
                        + Trouble.PROBE
                        + "' GROUP BY alert_instance_hk HAVING string_agg(alert_status, ',' ORDER"
                        + " BY load_date) = '"
                        + statuses
                        + "') a");
    }

    /** Messages of the receiver's that have ended. */
    private static long logged(PostgresServer vault, String condition) throws SQLException {
        return number(
                vault,
                "SELECT count(*) FROM monitoring.notification_log_s WHERE channel_name = 'hook'"
                        + " AND load_end_date IS NULL AND delivery_status <> 'RETRYING' AND "
                        + condition);
    }

    private static long number(PostgresServer vault, String sql) throws SQLException {
        try (Connection connection = vault.connect(DATABASE);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    private static double seconds(long began) {
        return (System.nanoTime() - began) / 1e9;
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (!condition.call()) {
            if (System.nanoTime() > deadline) {
                throw new TimeoutException("waited in vain for " + what);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
        }
    }
}
