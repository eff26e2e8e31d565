package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.testing.TestRule;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.testing.Until;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same three days of values give the same alerts, whatever the order between series, the number
 * of tasks and the speed. The order within a series is that of time, as the collector keeps it.
 */
class ReplayIT {

    private static final long SEED = 20_261_118;
    private static final int SERIES = 24;
    private static final int TARGETS = 3;
    private static final int MINUTES = 3 * 24 * 60;
    private static final int CALM_AT_THE_END = 180;

    /** Of what is between series in the other order. */
    private static final int BLOCK_MINUTES = 10;

    private static final int AT_A_TIME = 500;
    private static final int PROBES = 64;
    private static final long T0 = Instant.parse("2026-11-18T00:00:00Z").toEpochMilli();
    private static final List<String> METRICS = List.of("load", "queue", "cause", "symptom");

    /** What each of the two jobs is to be given, and how far it got. */
    private static final List<List<LiveValue>> HISTORIES = new ArrayList<>();

    private static final AtomicIntegerArray GIVEN = new AtomicIntegerArray(2);

    /** By job, 1 when its rules are known to be in force. */
    private static final AtomicIntegerArray READY = new AtomicIntegerArray(2);

    @TempDir static Path work;

    /** Gives a job what shows that rules are in force, and then the history. */
    private record Feed(int which) implements FlatMapFunction<Long, LiveValue> {
        private static final long serialVersionUID = 1L;

        @Override
        public void flatMap(Long tick, Collector<LiveValue> out) {
            List<LiveValue> history = HISTORIES.get(which);
            int from = GIVEN.get(which);
            if (READY.get(which) == 0) {
                for (int probe = 0; probe < PROBES; probe++) {
                    out.collect(value("probe-" + probe, "probe", 0, T0 - 3_600_000 + tick, 1));
                }
            } else if (from < history.size()) {
                int until = Math.min(history.size(), from + AT_A_TIME);
                history.subList(from, until).forEach(out::collect);
                GIVEN.set(which, until);
            }
        }
    }

    @Test
    @Timeout(value = 4, unit = TimeUnit.MINUTES)
    void theSameHistoryGivesTheSameAlertsInAnotherOrderAndWithMoreTasks() throws Exception {
        HISTORIES.clear();
        HISTORIES.add(byTime(history()));
        HISTORIES.add(shuffled(history()));
        assertThat(HISTORIES.get(1)).hasSameSizeAs(HISTORIES.get(0)).isNotEqualTo(HISTORIES.get(0));
        try (TestVault one = TestVault.start();
                TestVault other = TestVault.start();
                LocalFlink flink = LocalFlink.start(work)) {
            List<TestVault> vaults = List.of(one, other);
            List<JobID> jobs =
                    List.of(flink.submit(topology(0, one, 1)), flink.submit(topology(1, other, 3)));
            for (int job = 0; job < 2; job++) {
                TestVault vault = vaults.get(job);
                Until.holds(
                        "the rules being in force everywhere",
                        () ->
                                vault.number(
                                                "SELECT count(DISTINCT series) FROM"
                                                        + " alert_instance_s WHERE metric_name ="
                                                        + " 'probe'")
                                        == PROBES);
                READY.set(job, 1);
            }
            long began = System.nanoTime();
            Until.holds(
                    () -> "the same alerts, given " + GIVEN + difference(one, other),
                    () ->
                            GIVEN.get(0) == HISTORIES.get(0).size()
                                    && GIVEN.get(1) == HISTORIES.get(1).size()
                                    && open(one) == 0
                                    && open(other) == 0
                                    && alerts(one).equals(alerts(other)));
            for (JobID job : jobs) {
                flink.cancel(job);
            }
            System.out.printf(
                    "Seed %d: %d values of %d series gave %d alerts, twice, in %d ms%n",
                    SEED,
                    HISTORIES.get(0).size(),
                    SERIES,
                    alerts(one).size(),
                    Until.millisSince(began));
            assertThat(alerts(one)).isEqualTo(alerts(other)).hasSizeGreaterThan(100);
            assertThat(one.texts(RULES_THAT_FIRED))
                    .containsExactly("absent", "busy", "cause", "long queue", "rising", "symptom");
            assertThat(one.number(FLAPPING)).as("some flap").isPositive();
            assertThat(one.number("SELECT count(*) FROM dead_letter")).isZero();
        }
    }

    private static final String RULES_THAT_FIRED =
            "SELECT DISTINCT additional_context ->> 'rule_name' FROM alert_instance_s WHERE"
                    + " metric_name <> 'probe' AND fired_at IS NOT NULL ORDER BY 1";

    private static final String FLAPPING =
            "SELECT count(*) FROM alert_instance_s WHERE additional_context ->> 'flapping' ="
                    + " 'true'";

    /** In the end nothing is wrong but that no more values come. */
    private static long open(TestVault vault) throws SQLException {
        return vault.number(
                "SELECT count(*) FROM open_alerts WHERE metric_name NOT IN ('probe', 'end') AND"
                        + " rule_name <> 'absent'");
    }

    /**
     * Which alerts there were, how bad, from when to when, and why they ended. Whether one was told
     * first goes by the clock of the job, for people wait by that, and is not compared.
     */
    private static List<String> alerts(TestVault vault) throws SQLException {
        return vault.texts(
                """
                SELECT concat_ws(' / ', alert_instance_bk, alert_status, alert_severity,
                    alert_value, threshold_value, regexp_replace(alert_message, '; explains .*', ''),
                    pending_since, fired_at, resolved_at, target_name, series, group_key, labels,
                    additional_context - 'was_told')
                FROM alert_instance_s s JOIN alert_instance_h USING (alert_instance_hk)
                WHERE metric_name NOT IN ('probe', 'end') AND s.load_end_date IS NULL
                ORDER BY alert_instance_bk
                """);
    }

    private static String difference(TestVault one, TestVault other) {
        try {
            List<String> here = alerts(one);
            List<String> there = new ArrayList<>(alerts(other));
            List<String> more = new ArrayList<>(here);
            more.removeAll(there);
            there.removeAll(here);
            return ", open %d and %d; only here %s; only there %s"
                    .formatted(
                            open(one),
                            open(other),
                            more.subList(0, Math.min(3, more.size())),
                            there.subList(0, Math.min(3, there.size())));
        } catch (SQLException e) {
            return e.toString();
        }
    }

    private static List<RuleUpdate> rules() {
        List<AlertRule> rules =
                List.of(
                        rule("probe", 0).metric("probe").thresholds(1, Double.NaN).build(),
                        rule("busy", 1)
                                .metric("load")
                                .thresholds(80, 95)
                                .clear(70)
                                .forSeconds(300)
                                .build(),
                        rule("long queue", 2)
                                .metric("queue")
                                .thresholds(80, 95)
                                .suppressionMinutes(5)
                                .build(),
                        rule("rising", 3)
                                .metric("load")
                                .condition(Condition.RATE_OF_CHANGE)
                                .parameters(Map.of("window_seconds", "1800"))
                                .direction(Direction.ABOVE)
                                .thresholds(50, Double.NaN)
                                .build(),
                        rule("absent", 4)
                                .metric("queue")
                                .condition(Condition.ABSENCE)
                                .parameters(Map.of("absent_seconds", "1200"))
                                .build(),
                        rule("cause", 5)
                                .metric("cause")
                                .thresholds(80, 90)
                                .explains("symptom")
                                .build(),
                        rule("symptom", 6).metric("symptom").thresholds(80, 95).build());
        return List.of(new RuleUpdate(1, rules, List.of(), List.of(), List.of()));
    }

    private static TestRule rule(String name, int number) {
        return TestRule.named(name).key(("0" + number).repeat(32));
    }

    private static StreamExecutionEnvironment topology(
            int which, TestVault vault, int parallelism) {
        Configuration flink = new Configuration();
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        env.setParallelism(parallelism);
        env.enableCheckpointing(500);
        DataStream<Long> ticks = generated(env, "ticks", 100);
        DataStream<Long> moments = generated(env, "moments", 10);
        AlertsJob.defineWorkflow(
                ticks.flatMap(new Feed(which))
                        .returns(LiveValue.class)
                        .setParallelism(1)
                        .uid("values")
                        .assignTimestampsAndWatermarks(
                                WatermarkStrategy.<LiveValue>forBoundedOutOfOrderness(
                                                Duration.ofMinutes(BLOCK_MINUTES + 1))
                                        .withTimestampAssigner((value, time) -> value.timestamp()))
                        .setParallelism(1)
                        .uid("times")
                        .keyBy(LiveValue::series)
                        .map(value -> value)
                        .returns(LiveValue.class)
                        .uid("values-by-series"),
                List.of(),
                moments.<RuleUpdate>flatMap(
                                (moment, out) -> {
                                    if (moment == 0) {
                                        rules().forEach(out::collect);
                                    }
                                })
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
                new VaultFindingSinks(
                        VaultOptions.of(vault.jdbcUrl(), "pipeline", Secret.of("secret"))));
        return env;
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

    /** By series, a value a minute: calm, trouble, flapping and silence, calm again at the end. */
    private static List<List<LiveValue>> history() {
        List<List<LiveValue>> all = new ArrayList<>();
        for (int i = 0; i < SERIES; i++) {
            Random random = new Random(SEED + i);
            List<LiveValue> values = new ArrayList<>();
            int mood = 0;
            int left = 60;
            for (int minute = 0; minute < MINUTES; minute++) {
                if (left-- == 0) {
                    mood = random.nextInt(5);
                    left = mood > 1 ? 3 + random.nextInt(90) : 20 + random.nextInt(300);
                }
                boolean calm = minute >= MINUTES - CALM_AT_THE_END;
                double noise = random.nextInt(2_000) / 100.0;
                boolean high = mood == 2 || mood == 3 && minute % 4 < 2;
                if (calm || mood != 4) {
                    values.add(
                            value(
                                    "server-" + i % TARGETS,
                                    METRICS.get(i / TARGETS % METRICS.size()),
                                    i,
                                    T0 + minute * 60_000L + i * 1_700L,
                                    high && !calm ? 79 + noise : 20 + noise));
                }
            }
            all.add(values);
        }
        // Time goes on after it.
        all.add(List.of(value("server-0", "end", 0, T0 + (MINUTES + 600) * 60_000L, 0)));
        return all;
    }

    private static LiveValue value(String target, String metric, int which, long at, double value) {
        return new LiveValue(
                new SeriesId(target, "", metric, Map.of("number", "n" + which)).text(), at, value);
    }

    private static List<LiveValue> byTime(List<List<LiveValue>> history) {
        List<LiveValue> all = new ArrayList<>();
        history.forEach(all::addAll);
        all.sort(Comparator.comparingLong(LiveValue::timestamp));
        return all;
    }

    /** One series after the other, in another order each time, some minutes of each. */
    private static List<LiveValue> shuffled(List<List<LiveValue>> history) {
        Random random = new Random(SEED);
        List<LiveValue> all = new ArrayList<>();
        List<List<LiveValue>> series = new ArrayList<>(history);
        int[] next = new int[history.size()];
        long last = T0 + (MINUTES + 1_000) * 60_000L;
        for (long until = T0; until < last; until += BLOCK_MINUTES * 60_000L) {
            List<Integer> order = new ArrayList<>();
            for (int i = 0; i < series.size(); i++) {
                order.add(i);
            }
            Collections.shuffle(order, random);
            for (int i : order) {
                List<LiveValue> values = series.get(i);
                while (next[i] < values.size() && values.get(next[i]).timestamp() < until) {
                    all.add(values.get(next[i]++));
                }
            }
        }
        return all;
    }
}
