package io.onevault.jobs.alerts;

import io.onevault.connectors.history.RememberedAlert;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.vault.HashKey;
import io.onevault.jobs.alerts.lifecycle.Acknowledgement;
import io.onevault.jobs.alerts.lifecycle.AlertCase;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertState;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.lifecycle.Silences;
import io.onevault.jobs.alerts.lifecycle.TakenUp;
import io.onevault.jobs.alerts.lifecycle.WatchedSeries;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.alerts.rules.Silence;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.metrics.Outlook;
import io.onevault.jobs.metrics.baseline.Deviation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
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
 * <p>An alert that the vault has as open, and that is not known here, began after the checkpoint
 * from which the job goes on, or before its state: it goes on as the same alert, see {@link
 * TakenUp}. So does one that is known here and had not fired, or had not been told, and in the
 * vault has. One whose row was made before the checkpoint, in event time, was known and is over,
 * and so is one that ended since the job began: their rows are on their way. An alert that nobody
 * should hear of yet waits in the state of its series, see {@link #waits}.
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

    private static final long NOT_YET = Long.MIN_VALUE;

    /** Values may come this much after event time: an alert that began since may not be known. */
    static final long LATENESS_MILLIS = 60_000;

    /** How soon it is asked again whether the rules came that an alert waits for. */
    private static final long SOON_MILLIS = 30_000;

    private static final String UNWANTED = "no rule in force wants it any longer";

    private final LifecycleSettings settings;
    private final Map<String, String> units;
    private final Map<String, Duration> pollIntervals;
    private final Duration forecastInterval;
    private final ValueStateDescriptor<SeriesAlerts> alertsOfSeries =
            new ValueStateDescriptor<>("alerts", TypeInformation.of(SeriesAlerts.class));

    private transient ValueState<SeriesAlerts> alerts;
    private transient @Nullable Orders orders;
    private transient @Nullable OpenAlerts open;
    private transient RecentEnds ended;

    /** Time of the first polled value since this task runs: what was before, nobody looked at. */
    private transient long watchedSince;

    /**
     * Event time at the checkpoint from which this goes on; of an alert since then nobody knows.
     */
    private transient long knownUntil;

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
        ended = new RecentEnds();
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
        knownUntil = least == Long.MAX_VALUE ? NOT_YET : least;
        eventTime = knownUntil;
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
        long since = watchedSince == NOT_YET ? value.timestamp() : watchedSince;
        WatchedSeries series = watched(value.series());
        Orders known =
                orders(context.getBroadcastState(RULES), context.getBroadcastState(SILENCES));
        List<AlertRule> rules = known.rulesOf(series);
        RememberedAlert row = value.remembered();
        if (row != null) {
            takeUp(row, series, known, context, out);
            return;
        }
        if (rules.isEmpty()) {
            return;
        }
        SeriesAlerts held = alerts.value();
        SeriesAlerts now = held == null ? new SeriesAlerts() : held;
        Consumer<AlertInstance> heard = heard(out);
        boolean touched = false;
        for (AlertRule rule : rules) {
            double judged = judged(rule, value);
            AlertState state = now.byRule.get(rule.key());
            if (!isAbout(rule, value) || (state == null && !AlertCase.concerns(rule, judged))) {
                continue;
            }
            AlertState remembered = state == null ? new AlertState() : state;
            if (remembered.waiting != null) {
                if (!says(rule, judged) || value.timestamp() <= remembered.lastAt) {
                    continue;
                }
                remembered.lastAt = value.timestamp() - 1;
                goOn(remembered, rule, series, known, context.currentProcessingTime(), heard);
            }
            now.byRule.put(rule.key(), remembered);
            AlertCase alert = known.alertOf(settings, rule, series, remembered, heard);
            alert.observe(value.timestamp(), judged, value.about(), since);
            if (alert.isForgettable()) {
                now.byRule.remove(rule.key());
            }
            touched = true;
        }
        if (touched) {
            keep(now, series, rules, context.timerService());
        }
    }

    private void takeUp(
            RememberedAlert row,
            WatchedSeries series,
            Orders known,
            ReadOnlyContext context,
            Collector<AlertInstance> out)
            throws Exception {
        SeriesAlerts held = alerts.value();
        SeriesAlerts now = held == null ? new SeriesAlerts() : held;
        AlertState before = now.byRule.get(row.ruleKey());
        List<AlertRule> rules = known.rulesOf(series);
        AlertRule rule = null;
        for (AlertRule one : rules) {
            rule = one.key().equals(row.ruleKey()) ? one : rule;
        }
        Consumer<AlertInstance> heard = heard(out);
        AlertInstance over = ended.of(row.key());
        if (over != null) {
            TakenUp.endOnceMore(row, rule, series, over, isSince(row), heard);
            return;
        }
        if (isKnown(row, before)) {
            return;
        }
        AlertState state = before == null ? new AlertState() : before;
        TakenUp.await(row, state);
        long clock = context.currentProcessingTime();
        if (!waits(row, state, rule, known, clock)) {
            goOn(state, rule, series, known, clock, heard);
        } else if (open != null) {
            open.add(row.key(), series.text());
        }
        boolean left =
                rule == null
                        ? state.waiting != null
                        : !known.alertOf(settings, rule, series, state, heard).isForgettable();
        if (left) {
            now.byRule.put(row.ruleKey(), state);
        } else {
            now.byRule.remove(row.ruleKey());
        }
        keep(now, series, rules, context.timerService());
    }

    /**
     * Who is told of an alert, and what explains it, only its rule says, which may still come. Of
     * one that is old, or that a job of an older release told, people hear when a value shows it.
     *
     * @param clock this machine's, milliseconds since the epoch
     */
    private boolean waits(
            RememberedAlert row,
            AlertState state,
            @Nullable AlertRule rule,
            Orders known,
            long clock) {
        if (rule == null) {
            return known.version() < row.ruleVersion();
        }
        AlertInstance shown = state.open;
        boolean nameless = knownUntil == NOT_YET && row.told() && row.matter().isEmpty();
        return !TakenUp.isOver(row)
                && (nameless || TakenUp.isOld(row.at(), clock))
                && (shown == null || shown.subject().key().equals(row.key()));
    }

    private static boolean says(AlertRule rule, double value) {
        return rule.condition() == Condition.ABSENCE || Double.isFinite(value);
    }

    /**
     * Goes on with an alert that waited for that; one that no rule wants ends.
     *
     * @param clock this machine's, milliseconds since the epoch
     */
    private void goOn(
            AlertState state,
            @Nullable AlertRule rule,
            WatchedSeries series,
            Orders known,
            long clock,
            Consumer<AlertInstance> out) {
        RememberedAlert row = state.waiting;
        if (row == null) {
            return;
        }
        TakenUp.goOn(rule, series, state, clock, out);
        if (rule == null) {
            AlertCase.end(state, state.lastAt + 1, UNWANTED, out);
            return;
        }
        AlertCase alert = known.alertOf(settings, rule, series, state, out);
        alert.adopt(state.lastAt);
        if (state.open == null || !state.open.subject().key().equals(row.key())) {
            return;
        }
        if (row.noteHeard() && state.open.status() != AlertStatus.ACKNOWLEDGED) {
            // It no longer counted, for the alert became worse after it.
            return;
        }
        // Also what people said while nobody heard them.
        String hash = HexFormat.of().formatHex(HashKey.of(row.key()));
        boolean none = row.noteRow() == 0;
        alert.note(
                state.lastAt + 1,
                new Acknowledgement(hash, row.noteRow(), row.noteBy(), row.noteUntil(), none),
                watchedSince);
    }

    /**
     * Whether the vault knows no more of an alert.
     *
     * @param before what is remembered of its rule and series; null for nothing
     */
    private boolean isKnown(RememberedAlert row, @Nullable AlertState before) {
        AlertInstance known = before == null ? null : before.open;
        if (known != null && known.subject().key().equals(row.key())) {
            return !TakenUp.isFurther(row, known) && (row.at() <= known.at() || !isSince(row));
        }
        RememberedAlert waiting = before == null ? null : before.waiting;
        if (TakenUp.isOver(row) && row.incident() == null) {
            // It ended lately, which matters where it goes on here, and where people who were told
            // of it since the checkpoint may not have been told its end.
            boolean goesOn = waiting != null && waiting.key().equals(row.key());
            boolean toldSince = row.firedAt() > knownUntil && !row.matter().isEmpty();
            return !goesOn && (knownUntil == NOT_YET || !toldSince);
        }
        return !isSince(row);
    }

    /** Whether a row may have been made since the checkpoint. */
    private boolean isSince(RememberedAlert row) {
        return row.at() + LATENESS_MILLIS > knownUntil;
    }

    /** What is expected of a series, or usual, is for rules that ask for it, and no others. */
    private static boolean isAbout(AlertRule rule, LiveValue value) {
        return (rule.condition() == Condition.FORECAST) == (value.outlook() != null)
                && (rule.condition() == Condition.ANOMALY) == (value.deviation() != null);
    }

    private static double judged(AlertRule rule, LiveValue value) {
        Deviation deviation = value.deviation();
        if (deviation != null) {
            return deviation.judged(
                    Integer.parseInt(rule.parameters().getOrDefault("baseline_days", "0")),
                    "both".equals(rule.parameters().get("sides")));
        }
        Outlook outlook = value.outlook();
        return outlook == null
                ? value.value()
                : outlook.farthest(
                        Double.parseDouble(rule.parameters().getOrDefault("horizon_days", "0")),
                        rule.direction() == Direction.ABOVE);
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
                    adopt(now, watched(series), known, time, clock, out);
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
                    WatchedSeries series = watched(key);
                    for (AlertRule rule : known.rulesOf(series)) {
                        AlertState held = now.byRule.get(rule.key());
                        if (held != null && isNewTo(held.waiting, said)) {
                            // Somebody looks after it now.
                            goOn(held, rule, series, known, clock, heard);
                        }
                        AlertInstance open = held == null ? null : held.open;
                        if (held == null
                                || open == null
                                || !OpenAlerts.hash(open).equals(said.alertHash())) {
                            continue;
                        }
                        long at = Math.max(time, held.lastAt + 1);
                        known.alertOf(settings, rule, series, held, heard)
                                .note(at, said, watchedSince);
                        state.update(now);
                    }
                });
    }

    /** Not what its row has said already: a snapshot of the vault has that, be it long over. */
    private static boolean isNewTo(@Nullable RememberedAlert alert, Acknowledgement said) {
        return alert != null
                && OpenAlerts.hash(alert.key()).equals(said.alertHash())
                && (said.row() > alert.noteRow()
                        || said.row() == alert.noteRow()
                                && (said.withdrawn() || said.until() != alert.noteUntil()));
    }

    /** Gathered with the first note, and kept up by what is said from then on. */
    private OpenAlerts openHere(Context context) throws Exception {
        OpenAlerts known = open;
        if (known == null) {
            OpenAlerts gathered = new OpenAlerts();
            context.applyToKeyedState(
                    alertsOfSeries,
                    (key, state) -> {
                        for (AlertState held : state.value().byRule.values()) {
                            if (held.open != null) {
                                gathered.add(held.open);
                            }
                            if (held.waiting != null) {
                                gathered.add(held.waiting.key(), key);
                            }
                        }
                    });
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
            ended.add(change);
            out.collect(change);
        };
    }

    /** Event time, as far as it is known. */
    private static long time(Context context) {
        long watermark = context.currentWatermark();
        return watermark == Long.MAX_VALUE ? 0 : watermark;
    }

    /** Ends what no rule wants any longer, and goes on by the rules as they are now. */
    private void adopt(
            SeriesAlerts now,
            WatchedSeries series,
            Orders known,
            long time,
            long clock,
            Consumer<AlertInstance> out) {
        Map<String, AlertRule> rules = new HashMap<>();
        known.rulesOf(series).forEach(rule -> rules.put(rule.key(), rule));
        Iterator<Map.Entry<String, AlertState>> states = now.byRule.entrySet().iterator();
        while (states.hasNext()) {
            Map.Entry<String, AlertState> entry = states.next();
            AlertState state = entry.getValue();
            AlertRule rule = rules.get(entry.getKey());
            RememberedAlert row = state.waiting;
            if (row != null && waits(row, state, rule, known, clock)) {
                continue;
            }
            goOn(state, rule, series, known, clock, out);
            long at = Math.max(time, state.lastAt);
            if (rule == null) {
                AlertCase.end(state, at, UNWANTED, out);
                states.remove();
                continue;
            }
            AlertCase alert = known.alertOf(settings, rule, series, state, out);
            alert.adopt(at);
            if (row != null && alert.isForgettable()) {
                states.remove();
            }
        }
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
        WatchedSeries series = watched(context.getCurrentKey());
        Orders known =
                orders(context.getBroadcastState(RULES), context.getBroadcastState(SILENCES));
        List<AlertRule> rules = known.rulesOf(series);
        Consumer<AlertInstance> heard = heard(out);
        for (AlertRule rule : rules) {
            AlertState state = now.byRule.get(rule.key());
            if (state != null) {
                AlertCase alert = known.alertOf(settings, rule, series, state, heard);
                if (state.waiting != null) {
                    if (alert.nextDue(watchedSince) > timestamp) {
                        continue;
                    }
                    goOn(state, rule, series, known, context.currentProcessingTime(), heard);
                }
                alert.pass(timestamp, watchedSince);
                if (alert.isForgettable()) {
                    now.byRule.remove(rule.key());
                }
            }
        }
        endUnwanted(now, series, known, timestamp, context.currentProcessingTime(), heard);
        keep(now, series, rules, context.timerService());
    }

    /** What waits for a rule that does not come. */
    private void endUnwanted(
            SeriesAlerts now,
            WatchedSeries series,
            Orders known,
            long time,
            long clock,
            Consumer<AlertInstance> out) {
        for (String key : withoutRule(now, known.rulesOf(series))) {
            AlertState state = now.byRule.getOrDefault(key, new AlertState());
            if (staleAt(state) <= time) {
                goOn(state, null, series, known, clock, out);
                AlertCase.end(state, time, UNWANTED, out);
                now.byRule.remove(key);
            }
        }
    }

    private static Set<String> withoutRule(SeriesAlerts now, List<AlertRule> rules) {
        Set<String> keys = new HashSet<>(now.byRule.keySet());
        rules.forEach(rule -> keys.remove(rule.key()));
        return keys;
    }

    private long staleAt(AlertState state) {
        return Math.max(state.lastAt, watchedSince) + settings.staleAfter().toMillis();
    }

    private void keep(
            SeriesAlerts now, WatchedSeries series, List<AlertRule> rules, TimerService timers)
            throws Exception {
        if (now.byRule.isEmpty()) {
            if (now.timerAt != 0) {
                timers.deleteEventTimeTimer(now.timerAt);
            }
            alerts.clear();
            return;
        }
        long due = Long.MAX_VALUE;
        for (AlertRule rule : rules) {
            AlertState state = now.byRule.get(rule.key());
            if (state != null) {
                due =
                        Math.min(
                                due,
                                new AlertCase(
                                                settings,
                                                rule,
                                                series,
                                                state,
                                                Silences.NONE,
                                                change -> {})
                                        .nextDue(watchedSince));
            }
        }
        for (String key : withoutRule(now, rules)) {
            AlertState state = now.byRule.getOrDefault(key, new AlertState());
            // Rules that come set no timers, so it is seen to that one follows soon.
            long soon = Math.max(state.lastAt, timers.currentWatermark()) + SOON_MILLIS;
            due = Math.min(due, Math.min(soon, staleAt(state)));
        }
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
