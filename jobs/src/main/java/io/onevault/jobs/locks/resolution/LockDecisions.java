package io.onevault.jobs.locks.resolution;

import io.onevault.connectors.locks.SignalRequest;
import io.onevault.connectors.locks.SignalRequest.Signal;
import io.onevault.connectors.locks.SignalRequest.Waiter;
import io.onevault.connectors.locks.SignalResult;
import io.onevault.jobs.locks.incident.Blocker;
import io.onevault.jobs.locks.incident.BlockingIncident;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Decides on blockers, has decisions carried out, and emits each decision once: one that acts when
 * its outcome is known, any other at once; keyed by target.
 *
 * <p><b>At most once.</b> A signal is sent only after a checkpoint that holds the decision has
 * completed, so that no restart can forget that it may have been sent. A decision that is still
 * open after a restart is not carried out again, but reported as failed with an unknown outcome.
 * Without checkpoints nothing is ever sent. Deciding and acting are one operator, for what is
 * decided next depends on what came of it.
 *
 * <p>What cannot be decided when an incident is told, for it is too early, or a signal is on its
 * way, has failed, is one too many or was refused for what may pass, is looked at again by a timer;
 * the same answer of the server is recorded once. On an incident that was not told lately nothing
 * is decided before it is told again.
 *
 * <p>Threads of its own send signals; checkpoints do not wait for them. State is a record per open
 * incident, cleared when it closes, at the latest when it was not told for {@link #EXPIRY}, and the
 * times of the signals to a target, cleared when the rate limit's window is over.
 */
final class LockDecisions extends KeyedProcessFunction<String, BlockingIncident, LockResolution>
        implements CheckpointedFunction, CheckpointListener {

    private static final long serialVersionUID = 1L;

    /** Longer than an open incident is not told. */
    static final Duration EXPIRY = Duration.ofDays(1);

    private static final Duration ROUNDED = Duration.ofMinutes(1);
    private static final long STEP_MILLIS = 250;

    private final ResolutionSettings settings;
    private final ResolutionPolicy policy;
    private final SignalSender sender;

    private transient MapState<String, WatchedIncident> watched;
    private transient MapState<String, SignalOrder> orders;
    private transient ListState<Long> actions;
    private transient ValueState<Long> acted;
    private transient SignalDispatch dispatch;

    LockDecisions(ResolutionSettings settings, SignalSender sender) {
        this.settings = settings;
        this.policy = new ResolutionPolicy(settings);
        this.sender = sender;
    }

    @Override
    public void open(OpenContext context) {
        dispatch = new SignalDispatch(sender);
        watched =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "watched",
                                        Types.STRING,
                                        TypeInformation.of(WatchedIncident.class)));
        orders =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "orders",
                                        Types.STRING,
                                        TypeInformation.of(SignalOrder.class)));
        actions =
                getRuntimeContext().getListState(new ListStateDescriptor<>("actions", Types.LONG));
        acted = getRuntimeContext().getState(new ValueStateDescriptor<>("acted", Types.LONG));
        getRuntimeContext().getMetricGroup().gauge("signalsUnderWay", this::signalsUnderWay);
    }

    /** Signals ordered by this task that nobody has heard of again. */
    int signalsUnderWay() {
        return dispatch.size();
    }

    @Override
    public void initializeState(FunctionInitializationContext context) {
        // What an earlier run ordered must not be carried out: nothing is restored.
    }

    @Override
    public void snapshotState(FunctionSnapshotContext context) {
        dispatch.snapshot(context.getCheckpointId());
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        dispatch.completed(checkpointId);
    }

    @Override
    public void processElement(
            BlockingIncident incident, Context context, Collector<LockResolution> out)
            throws Exception {
        long now = context.timerService().currentProcessingTime();
        if (!incident.open()) {
            watched.remove(incident.key());
            return;
        }
        long expiry = now + EXPIRY.toMillis() + ROUNDED.toMillis();
        context.timerService().registerProcessingTimeTimer(expiry - expiry % ROUNDED.toMillis());
        WatchedIncident before = watched.get(incident.key());
        WatchedIncident told = WatchedIncident.told(incident, before, now);
        if (before == null || told.history() != before.history()) {
            for (WatchedIncident other : watched.values()) {
                told = told.having(told.history().sharing(other.history()));
            }
        }
        consider(told, context.timerService(), out);
    }

    /** Decides when it is time, and sees to it that it is looked at again when it may become so. */
    private void consider(WatchedIncident told, TimerService timers, Collector<LockResolution> out)
            throws Exception {
        long millis = timers.currentProcessingTime();
        BlockingIncident incident = told.incident();
        RootHistory history = told.history();
        if (history.pending()) {
            // While a signal is on its way there is a timer, and this one is due at each.
            watched.put(incident.key(), told.due(millis));
            return;
        }
        if (!told.isFresh(millis)) {
            again(told, 0, timers);
            return;
        }
        long now = told.nowMicros(millis);
        long due = policy.dueMicros(incident, history);
        if (due > now) {
            again(told, due == ResolutionPolicy.NEVER ? 0 : due - now, timers);
            return;
        }
        List<Long> recent = recentActions(now);
        Optional<Verdict> verdict = policy.decide(incident, history, recent.size(), now);
        if (verdict.isEmpty()) {
            again(told, policy.matureMicros(incident) - now, timers);
            return;
        }
        boolean elsewhere = isPendingElsewhere(incident.root());
        Verdict decided = elsewhere ? verdict.get().butElsewhere() : verdict.get();
        if (decided.acts()) {
            WatchedIncident next = told.having(history.ordering(decided.decision()));
            watched.put(incident.key(), next.due(millis));
            order(new SignalOrder(record(incident, decided, now), request(incident, decided, now)));
            actions.add(now);
            acted.update(millis);
            timers.registerProcessingTimeTimer(millis + settings.actionsWindow().toMillis());
            timers.registerProcessingTimeTimer(millis + STEP_MILLIS);
            return;
        }
        WatchedIncident next = told.having(history.saying(decided.signature()));
        boolean limited = ResolutionPolicy.limited(decided) && !recent.isEmpty();
        if (elsewhere) {
            watched.put(incident.key(), next.due(millis));
        } else {
            again(next, limited ? recent.get(0) + window() - now : 0, timers);
        }
        if (!history.said().contains(decided.signature())) {
            out.collect(record(incident, decided, now));
        }
    }

    private void order(SignalOrder order) throws Exception {
        orders.put(order.draft().key(), order);
        dispatch.add(order);
    }

    /**
     * Keeps it.
     *
     * @param micros after which to look at it again, 0 for when it is told again
     */
    private void again(WatchedIncident told, long micros, TimerService timers) throws Exception {
        if (micros <= 0) {
            watched.put(told.incident().key(), told.due(0));
            return;
        }
        // Rounded up, so that rows of one incident do not register many.
        long due = timers.currentProcessingTime() + TimeUnit.MICROSECONDS.toMillis(micros) + 1;
        long step = Math.addExact(due, STEP_MILLIS) / STEP_MILLIS * STEP_MILLIS;
        watched.put(told.incident().key(), told.due(step));
        timers.registerProcessingTimeTimer(step);
    }

    /** One action on a session at a time, whatever incidents it is the root of. */
    private boolean isPendingElsewhere(Blocker root) throws Exception {
        for (SignalOrder order : orders.values()) {
            if (order.request().pid() == root.pid()
                    && order.request().backendStartMicros() == root.backendStartMicros()) {
                return true;
            }
        }
        return false;
    }

    /** When signals were ordered within the window, the oldest first. */
    private List<Long> recentActions(long nowMicros) throws Exception {
        long from = nowMicros - window();
        List<Long> kept = new ArrayList<>();
        boolean changed = false;
        for (Long at : actions.get()) {
            if (at > from) {
                kept.add(at);
            } else {
                changed = true;
            }
        }
        if (changed) {
            actions.update(kept);
        }
        kept.sort(Comparator.naturalOrder());
        return kept;
    }

    private long window() {
        return TimeUnit.MILLISECONDS.toMicros(settings.actionsWindow().toMillis());
    }

    private LockResolution record(BlockingIncident incident, Verdict verdict, long nowMicros) {
        Blocker root = incident.root();
        return new LockResolution(
                "%s/%d/%d/%d"
                        .formatted(
                                incident.key(), root.pid(), root.backendStartMicros(), nowMicros),
                incident.key(),
                incident.target(),
                incident.tenant(),
                root.pid(),
                root.backendStartMicros(),
                nowMicros,
                verdict.decision(),
                verdict.reason(),
                verdict.rules(),
                settings.dryRun(),
                0,
                "");
    }

    private SignalRequest request(BlockingIncident incident, Verdict verdict, long nowMicros) {
        Blocker root = incident.root();
        Signal signal = settings.dryRun() ? Signal.NONE : Signal.valueOf(verdict.decision());
        return new SignalRequest(
                signal,
                root.pid(),
                root.backendStartMicros(),
                root.xactStartMicros(),
                root.idleInTransaction(),
                incident.victims().stream()
                        .map(victim -> new Waiter(victim.pid(), victim.backendStartMicros()))
                        .toList(),
                incident.rootSinceMicros(),
                TimeUnit.MILLISECONDS.toMicros(settings.minimumWait().toMillis()),
                policy.notAfterMicros(nowMicros));
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<LockResolution> out)
            throws Exception {
        long now = context.timerService().currentProcessingTime();
        Map<String, SignalOrder> given = new HashMap<>();
        for (Map.Entry<String, SignalOrder> order : orders.entries()) {
            given.put(order.getKey(), order.getValue());
        }
        for (Map.Entry<String, SignalOrder> order : given.entrySet()) {
            if (!dispatch.isOpen(order.getKey())) {
                orders.remove(order.getKey());
                finish(order.getValue(), dispatch.take(order.getKey()), out);
            }
        }
        List<WatchedIncident> all = new ArrayList<>();
        watched.values().forEach(all::add);
        for (WatchedIncident one : all) {
            if (one.seenMillis() + EXPIRY.toMillis() <= now) {
                watched.remove(one.incident().key());
            } else if (one.dueMillis() != 0 && one.dueMillis() <= now) {
                consider(one, context.timerService(), out);
            }
        }
        if (!orders.isEmpty()) {
            context.timerService().registerProcessingTimeTimer(now + STEP_MILLIS);
        }
        Long last = acted.value();
        if (last != null && last + settings.actionsWindow().toMillis() <= now) {
            actions.clear();
            acted.clear();
        }
    }

    private void finish(
            SignalOrder order, @Nullable SignalResult result, Collector<LockResolution> out)
            throws Exception {
        LockResolution done = Outcomes.record(order.draft(), result);
        long at = result == null ? 0 : result.atMicros();
        // In a dry run the outcome stays empty, which ends the matter.
        long when = at == 0 ? order.draft().decidedAtMicros() : at;
        boolean refused = done.outcome().equals("GONE") || done.outcome().equals("PROTECTED");
        if (refused) {
            forget(order.draft().decidedAtMicros());
        }
        String signature =
                done.outcome()
                        + ' '
                        + new Verdict(done.decision(), done.reason(), done.safetyRules())
                                .signature();
        boolean repeated = false;
        WatchedIncident told = watched.get(order.draft().incident());
        if (told != null
                && told.history().pending()
                && told.history()
                        .isOfSession(order.request().pid(), order.request().backendStartMicros())) {
            repeated = refused && told.history().said().contains(signature);
            String rule = result == null ? "" : result.rule();
            RootHistory history =
                    told.history().having(done.outcome(), rule, when).saying(signature);
            List<WatchedIncident> all = new ArrayList<>();
            watched.values().forEach(all::add);
            for (WatchedIncident one : all) {
                boolean own = one.incident().key().equals(told.incident().key());
                RootHistory next = own ? history : one.history().sharing(history);
                watched.put(one.incident().key(), one.having(next));
            }
        }
        if (!repeated) {
            out.collect(done);
        }
    }

    /** The server refused: that does not count for the rate limit. */
    private void forget(long decidedAtMicros) throws Exception {
        List<Long> kept = new ArrayList<>();
        actions.get().forEach(kept::add);
        kept.remove(Long.valueOf(decidedAtMicros));
        actions.update(kept);
    }

    @Override
    public void close() throws Exception {
        if (dispatch != null) {
            dispatch.close();
        }
    }
}
