package io.onevault.benchmarks.alerts;

import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.metrics.LiveValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.util.Collector;

/**
 * Series that are in order, in trouble and in order again when the benchmark says so, as many at
 * once as the job takes, and the rules for them. What is said and counted here is shared with the
 * job's tasks, for they run in this process.
 */
final class Trouble {

    static final String PROBE = "probe";
    private static final int CHUNK = 200;
    private static final double LIMIT = 90;
    private static final double FINE = 10;
    private static final double BAD = 97;

    private static final AtomicLong WANTED = new AtomicLong();
    private static final AtomicLong SENT = new AtomicLong();
    private static final AtomicLong FIRED = new AtomicLong();
    private static final AtomicLong ENDED = new AtomicLong();
    private static volatile boolean probed;

    private Trouble() {}

    /** Before a job begins. */
    static void reset() {
        WANTED.set(0);
        SENT.set(0);
        FIRED.set(0);
        ENDED.set(0);
        probed = false;
    }

    /** Lets this many values out, counted from the job's begin. */
    static void allow(long values) {
        WANTED.set(values);
    }

    /** Values that were handed on, which waits for those who judge them. */
    static long sent() {
        return SENT.get();
    }

    /** Whether the rules are in force. */
    static boolean isWatched() {
        return probed;
    }

    static long fired() {
        return FIRED.get();
    }

    static long ended() {
        return ENDED.get();
    }

    /** One rule for each metric, as of version 1. */
    static RuleUpdate rules(int count) {
        List<AlertRule> rules = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            rules.add(rule("rule-" + i, "metric_" + i, String.format("%064x", i + 1)));
        }
        rules.add(rule(PROBE, PROBE, String.format("%064x", count + 1)));
        return new RuleUpdate(1, rules, List.of(), List.of(), List.of());
    }

    private static AlertRule rule(String name, String metric, String key) {
        return new AlertRule(
                key,
                "",
                1,
                name,
                metric,
                "",
                Map.of(),
                Condition.THRESHOLD,
                Map.of(),
                Direction.ABOVE,
                LIMIT,
                Double.NaN,
                Double.NaN,
                0,
                false,
                0,
                List.of(),
                List.of(),
                name.equals(PROBE) ? List.of("nowhere") : List.of(),
                List.of(),
                "",
                "",
                "",
                "");
    }

    /**
     * For each tick some values that are allowed; until the rules are in force one that they hit.
     * Each series is in order, then in trouble, some times over, and in order again.
     */
    static final class Values implements FlatMapFunction<Long, LiveValue> {
        private static final long serialVersionUID = 1L;
        private final int series;
        private final int times;
        private final String[] names;
        private long next;

        /**
         * @param times how often a series says that it is in trouble
         */
        Values(int series, int rules, int times) {
            this.series = series;
            this.times = times;
            names = new String[series];
            for (int i = 0; i < series; i++) {
                names[i] =
                        new SeriesId(
                                        "watched",
                                        "",
                                        "metric_" + i % rules,
                                        Map.of("item", "i" + i / rules))
                                .text();
            }
        }

        @Override
        public void flatMap(Long tick, Collector<LiveValue> out) {
            long now = System.currentTimeMillis();
            if (!probed) {
                String probe = new SeriesId("watched", "", PROBE, Map.of()).text();
                out.collect(new LiveValue(probe, now, BAD));
            }
            if (next >= WANTED.get()) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                return;
            }
            for (int i = 0; i < CHUNK && next < WANTED.get(); i++, next++) {
                long turn = next / series;
                boolean bad = 0 < turn && turn <= times;
                out.collect(new LiveValue(names[(int) (next % series)], now, bad ? BAD : FINE));
            }
            SENT.set(next);
        }
    }

    /** Counts what rules made of values. */
    static final class Count implements MapFunction<AlertInstance, AlertInstance> {
        private static final long serialVersionUID = 1L;

        @Override
        public AlertInstance map(AlertInstance alert) {
            if (alert.subject().ruleName().equals(PROBE)) {
                probed = true;
            } else if (alert.status() == AlertStatus.FIRING) {
                FIRED.incrementAndGet();
            } else if (alert.status() == AlertStatus.RESOLVED) {
                ENDED.incrementAndGet();
            }
            return alert;
        }
    }
}
