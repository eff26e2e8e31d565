package io.onevault.jobs.metrics;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.CapacityThreshold;
import io.onevault.jobs.alerts.rules.RuleIndex;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Judges windows by the rules in force, and the latest window of every series again when a rule
 * changes what it says; keyed by series.
 *
 * <p>Before any rule is known the catalogue's thresholds judge. Roll-ups are judged once, when they
 * come. State is the latest window of each series, cleared when the series has been silent for
 * {@link WindowSettings#expiry} or eight of its polls, and the rules in force.
 */
final class JudgeWindows
        extends KeyedBroadcastProcessFunction<String, MetricWindow, RuleUpdate, MetricWindow> {

    private static final long serialVersionUID = 1L;

    static final MapStateDescriptor<String, AlertRule> RULES =
            new MapStateDescriptor<>(
                    "alert-rules", Types.STRING, TypeInformation.of(AlertRule.class));
    static final MapStateDescriptor<String, CapacityThreshold> THRESHOLDS =
            new MapStateDescriptor<>(
                    "capacity-thresholds",
                    Types.STRING,
                    TypeInformation.of(CapacityThreshold.class));
    static final MapStateDescriptor<String, Long> VERSION =
            new MapStateDescriptor<>("rules-version", Types.STRING, Types.LONG);

    private static final String LATEST = "latest";
    private static final int SILENT_POLLS = 8;

    private final int windowSeconds;
    private final long expiryMillis;
    private final Map<String, MetricDefinition> definitions;
    private final Map<String, Duration> pollIntervals;
    private final ValueStateDescriptor<MetricWindow> latestOfSeries =
            new ValueStateDescriptor<>("latest-window", TypeInformation.of(MetricWindow.class));

    private transient ValueState<MetricWindow> latest;
    private transient @Nullable RuleIndex index;
    private transient long version;

    JudgeWindows(
            WindowSettings settings,
            Map<String, MetricDefinition> definitions,
            Map<String, Duration> pollIntervals) {
        this.windowSeconds = (int) settings.size().toSeconds();
        this.expiryMillis = settings.expiry().toMillis();
        this.definitions = new HashMap<>(definitions);
        this.pollIntervals = new HashMap<>(pollIntervals);
    }

    @Override
    public void open(OpenContext context) {
        latest = getRuntimeContext().getState(latestOfSeries);
    }

    @Override
    public void processElement(
            MetricWindow window, ReadOnlyContext context, Collector<MetricWindow> out)
            throws Exception {
        RuleIndex rules = index;
        if (rules == null) {
            rules =
                    restore(
                            context.getBroadcastState(RULES),
                            context.getBroadcastState(THRESHOLDS),
                            context.getBroadcastState(VERSION));
        }
        MetricWindow judged = judge(window, rules);
        out.collect(judged);
        if (window.windowSeconds() != windowSeconds) {
            return;
        }
        MetricWindow known = latest.value();
        if (known == null) {
            context.timerService().registerEventTimeTimer(expiry(window));
        }
        if (known == null || known.windowStart() <= window.windowStart()) {
            latest.update(judged);
        }
    }

    @Override
    public void processBroadcastElement(
            RuleUpdate update, Context context, Collector<MetricWindow> out) throws Exception {
        if (!update.changesRules()) {
            return;
        }
        BroadcastState<String, AlertRule> rules = context.getBroadcastState(RULES);
        BroadcastState<String, CapacityThreshold> thresholds =
                context.getBroadcastState(THRESHOLDS);
        BroadcastState<String, Long> versions = context.getBroadcastState(VERSION);
        RuleIndex known = index == null ? restore(rules, thresholds, versions) : index;
        for (AlertRule rule : update.rules()) {
            rules.put(rule.key(), rule);
        }
        for (CapacityThreshold threshold : update.thresholds()) {
            thresholds.put(threshold.key(), threshold);
        }
        for (String key : update.retiredRules()) {
            rules.remove(key);
        }
        for (String key : update.retiredThresholds()) {
            thresholds.remove(key);
        }
        versions.put(LATEST, update.version());
        version = update.version();
        known.apply(update);
        context.applyToKeyedState(
                latestOfSeries,
                (series, state) -> {
                    MetricWindow before = state.value();
                    MetricWindow judged = judge(before, known);
                    if (!saysTheSame(before, judged)) {
                        state.update(judged);
                        out.collect(judged);
                    }
                });
    }

    /** Rules that were in force when the state was taken. */
    private RuleIndex restore(
            ReadOnlyBroadcastState<String, AlertRule> rules,
            ReadOnlyBroadcastState<String, CapacityThreshold> thresholds,
            ReadOnlyBroadcastState<String, Long> versions)
            throws Exception {
        List<AlertRule> inForce = new ArrayList<>();
        rules.immutableEntries().forEach(entry -> inForce.add(entry.getValue()));
        List<CapacityThreshold> alsoInForce = new ArrayList<>();
        thresholds.immutableEntries().forEach(entry -> alsoInForce.add(entry.getValue()));
        RuleIndex restored = new RuleIndex();
        restored.add(inForce, alsoInForce);
        Long known = versions.get(LATEST);
        version = known == null ? 0 : known;
        index = restored;
        return restored;
    }

    private MetricWindow judge(MetricWindow window, RuleIndex rules) {
        return WindowJudge.judge(
                window,
                definitions.get(window.metric()),
                rules.of(
                        window.series(),
                        window.target(),
                        window.tenant(),
                        window.metric(),
                        window.labels()),
                version);
    }

    private static boolean saysTheSame(MetricWindow one, MetricWindow other) {
        return one.status().equals(other.status())
                && one.ruleName().equals(other.ruleName())
                && Double.compare(one.warning(), other.warning()) == 0
                && Double.compare(one.critical(), other.critical()) == 0;
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<MetricWindow> out)
            throws Exception {
        MetricWindow window = latest.value();
        if (window == null) {
            return;
        }
        long due = expiry(window);
        if (due <= timestamp) {
            latest.clear();
        } else {
            context.timerService().registerEventTimeTimer(due);
        }
    }

    private long expiry(MetricWindow window) {
        Duration interval = pollIntervals.getOrDefault(window.metric(), Duration.ZERO);
        return window.windowEnd() + Math.max(expiryMillis, SILENT_POLLS * interval.toMillis());
    }
}
