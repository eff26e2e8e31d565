package io.onevault.jobs.alerts;

import static io.onevault.jobs.alerts.Moment.NOT_YET;

import io.onevault.connectors.history.RememberedAlert;
import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.alerts.lifecycle.Acknowledgement;
import io.onevault.jobs.alerts.lifecycle.AlertCase;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.lifecycle.WatchedSeries;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.alerts.rules.Silence;
import io.onevault.jobs.metrics.LiveValue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Holds each value against the rules for its series and says how their alerts change; keyed by
 * series, see {@link AlertCase}.
 *
 * <p>A series has state only while one of its rules remembers something: an alert that is not over
 * or ended lately, a window of a rate, the last sign of a series that must not be absent. A series
 * that falls silent is cleared by its one event-time timer. An alert whose rule is retired, or no
 * longer concerns the series, ends when that becomes known.
 *
 * <p>This class keeps state, event time and the timer; what follows from them is {@link
 * SeriesCases} and, for the alerts that only the vault remembers after a restart, {@link TakingUp}.
 */
final class AlertFunction
        extends KeyedBroadcastProcessFunction<String, LiveValue, AlertOrder, AlertInstance>
        implements CheckpointedFunction {

    private static final long serialVersionUID = 1L;

    static final MapStateDescriptor<String, AlertRule> RULES =
            new MapStateDescriptor<>(
                    "alert-rules", Types.STRING, TypeInformation.of(AlertRule.class));

    static final MapStateDescriptor<String, Silence> SILENCES =
            new MapStateDescriptor<>(
                    "alert-silences", Types.STRING, TypeInformation.of(Silence.class));

    /** Values may come this much after event time: an alert that began since may not be known. */
    static final long LATENESS_MILLIS = 60_000;

    private final LifecycleSettings settings;
    private final Map<String, String> units;
    private final Map<String, Duration> pollIntervals;
    private final Duration forecastInterval;
    private final ValueStateDescriptor<SeriesAlerts> alertsOfSeries =
            new ValueStateDescriptor<>("alerts", TypeInformation.of(SeriesAlerts.class));

    private transient ValueState<SeriesAlerts> alerts;
    private transient @Nullable Orders orders;
    private transient @Nullable OpenAlerts open;
    private transient TakingUp takingUp;

    /** Time of the first polled value since this task runs: what was before, nobody looked at. */
    private transient long watchedSince;

    /** Event time, as far as it has come. */
    private transient long eventTime;

    private transient @Nullable ListState<Long> eventTimes;

    /**
     * @param units of metrics, by name
     * @param pollIntervals of metrics, by name
     * @param forecastInterval how often a series is forecast, zero for never
     */
    AlertFunction(
            LifecycleSettings settings,
            Map<String, String> units,
            Map<String, Duration> pollIntervals,
            Duration forecastInterval) {
        this.settings = settings;
        this.units = new HashMap<>(units);
        this.pollIntervals = new HashMap<>(pollIntervals);
        this.forecastInterval = forecastInterval;
    }

    @Override
    public void open(OpenContext context) {
        alerts = getRuntimeContext().getState(alertsOfSeries);
        // No value came yet, so that is what it was at the checkpoint.
        takingUp = new TakingUp(eventTime, LATENESS_MILLIS);
        watchedSince = NOT_YET;
    }

    @Override
    public void initializeState(FunctionInitializationContext context) throws Exception {
        ListState<Long> kept =
                context.getOperatorStateStore()
                        .getUnionListState(new ListStateDescriptor<>("event-time", Types.LONG));
        long least = Long.MAX_VALUE;
        for (long time : kept.get()) {
            // A task that had nothing to do knew of no time, and said so until it said nothing.
            least = time == NOT_YET ? least : Math.min(least, time);
        }
        eventTime = least == Long.MAX_VALUE ? NOT_YET : least;
        eventTimes = kept;
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) throws Exception {
        ListState<Long> kept = eventTimes;
        if (kept != null) {
            kept.update(eventTime == NOT_YET ? List.of() : List.of(eventTime));
        }
    }

    @Override
    public void processElement(
            LiveValue value, ReadOnlyContext context, Collector<AlertInstance> out)
            throws Exception {
        eventTime = Math.max(eventTime, context.currentWatermark());
        if (watchedSince == NOT_YET && value.polled()) {
            watchedSince = value.timestamp();
        }
        Moment moment = moment(value.series(), context, out);
        RememberedAlert row = value.remembered();
        if (row == null && moment.rules().isEmpty()) {
            return;
        }
        SeriesAlerts held = alerts.value();
        SeriesAlerts now = held == null ? new SeriesAlerts() : held;
        SeriesCases cases = new SeriesCases(now, moment, takingUp);
        boolean touched = row == null ? cases.observe(value) : takingUp.takeUp(row, now, moment);
        if (!touched) {
            return;
        }
        if (row != null && open != null) {
            // Nothing was said of one that waits, so it is not there yet.
            open.add(now, value.series());
        }
        keep(now, cases, context.timerService());
    }

    @Override
    public void processBroadcastElement(
            AlertOrder order, Context context, Collector<AlertInstance> out) throws Exception {
        RuleUpdate update = order.rules();
        if (update != null) {
            apply(update, context, heard(out));
        }
        Acknowledgement acknowledgement = order.acknowledgement();
        if (acknowledgement != null) {
            apply(acknowledgement, context, out);
        }
    }

    private void apply(RuleUpdate update, Context context, Consumer<AlertInstance> out)
            throws Exception {
        BroadcastState<String, AlertRule> rules = context.getBroadcastState(RULES);
        BroadcastState<String, Silence> silences = context.getBroadcastState(SILENCES);
        Orders known = orders(rules, silences);
        for (AlertRule rule : update.rules()) {
            rules.put(rule.key(), rule);
        }
        for (String key : update.retiredRules()) {
            rules.remove(key);
        }
        for (Silence silence : update.silences()) {
            silences.put(silence.key(), silence);
        }
        for (String key : update.retiredSilences()) {
            silences.remove(key);
        }
        known.apply(update);
        // A silence counts from the next value of a series.
        if (update.rules().isEmpty() && update.retiredRules().isEmpty()) {
            return;
        }
        long time = time(context);
        long clock = context.currentProcessingTime();
        context.applyToKeyedState(
                alertsOfSeries,
                (series, state) -> {
                    SeriesAlerts now = state.value();
                    new SeriesCases(now, moment(series, known, clock, out), takingUp).adopt(time);
                    if (now.byRule.isEmpty()) {
                        state.clear();
                    } else {
                        state.update(now);
                    }
                });
    }

    /** An alert that is not here, or is over, is another task's or nobody's. */
    private void apply(Acknowledgement said, Context context, Collector<AlertInstance> out)
            throws Exception {
        String concerned = openHere(context).seriesOf(said.alertHash());
        if (concerned == null) {
            return;
        }
        Orders known =
                orders(context.getBroadcastState(RULES), context.getBroadcastState(SILENCES));
        long time = time(context);
        long clock = context.currentProcessingTime();
        Consumer<AlertInstance> heard = heard(out);
        context.applyToKeyedState(
                alertsOfSeries,
                (key, state) -> {
                    if (!key.equals(concerned)) {
                        return;
                    }
                    SeriesAlerts now = state.value();
                    Moment moment = moment(key, known, clock, heard);
                    if (new SeriesCases(now, moment, takingUp).note(said, time)) {
                        state.update(now);
                    }
                });
    }

    /** Gathered with the first note, and kept up by what is said from then on. */
    private OpenAlerts openHere(Context context) throws Exception {
        OpenAlerts known = open;
        if (known == null) {
            OpenAlerts gathered = new OpenAlerts();
            context.applyToKeyedState(
                    alertsOfSeries, (series, state) -> gathered.add(state.value(), series));
            known = gathered;
            open = gathered;
        }
        return known;
    }

    private Consumer<AlertInstance> heard(Collector<AlertInstance> out) {
        OpenAlerts known = open;
        return change -> {
            if (known != null) {
                known.add(change);
            }
            takingUp.hear(change);
            out.collect(change);
        };
    }

    /** Event time, as far as it is known. */
    private static long time(Context context) {
        long watermark = context.currentWatermark();
        return watermark == Long.MAX_VALUE ? 0 : watermark;
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<AlertInstance> out)
            throws Exception {
        SeriesAlerts now = alerts.value();
        // A drained job ends all time at once; nothing is missing because of that.
        if (now == null || context.timerService().currentWatermark() == Long.MAX_VALUE) {
            return;
        }
        if (watchedSince == NOT_YET) {
            watchedSince = context.timerService().currentWatermark();
        }
        if (timestamp >= now.timerAt) {
            now.timerAt = 0;
        }
        Moment moment = moment(context.getCurrentKey(), context, out);
        SeriesCases cases = new SeriesCases(now, moment, takingUp);
        cases.pass(timestamp);
        keep(now, cases, context.timerService());
    }

    private void keep(SeriesAlerts now, SeriesCases cases, TimerService timers) throws Exception {
        if (now.byRule.isEmpty()) {
            if (now.timerAt != 0) {
                timers.deleteEventTimeTimer(now.timerAt);
            }
            alerts.clear();
            return;
        }
        long due = cases.nextDue(timers.currentWatermark());
        // A timer too early asks again; one for each value would be too many.
        if (due != Long.MAX_VALUE && (now.timerAt == 0 || due < now.timerAt)) {
            if (now.timerAt != 0) {
                timers.deleteEventTimeTimer(now.timerAt);
            }
            timers.registerEventTimeTimer(due);
            now.timerAt = due;
        }
        alerts.update(now);
    }

    private Orders orders(
            ReadOnlyBroadcastState<String, AlertRule> rules,
            ReadOnlyBroadcastState<String, Silence> silences)
            throws Exception {
        Orders known = orders;
        if (known == null) {
            List<AlertRule> inForce = new ArrayList<>();
            rules.immutableEntries().forEach(entry -> inForce.add(entry.getValue()));
            List<Silence> set = new ArrayList<>();
            silences.immutableEntries().forEach(entry -> set.add(entry.getValue()));
            known = new Orders(inForce, set);
            orders = known;
        }
        return known;
    }

    private Moment moment(String series, ReadOnlyContext context, Collector<AlertInstance> out)
            throws Exception {
        Orders known =
                orders(context.getBroadcastState(RULES), context.getBroadcastState(SILENCES));
        return moment(series, known, context.currentProcessingTime(), heard(out));
    }

    private Moment moment(String series, Orders known, long clock, Consumer<AlertInstance> out) {
        WatchedSeries watched = watched(series);
        return new Moment(
                settings, known, known.rulesOf(watched), watched, watchedSince, clock, out);
    }

    private WatchedSeries watched(String series) {
        SeriesId id = SeriesId.parse(series);
        return new WatchedSeries(
                id,
                series,
                units.getOrDefault(id.metric(), ""),
                pollIntervals.getOrDefault(id.metric(), Duration.ZERO).toMillis(),
                forecastInterval.toMillis());
    }
}
