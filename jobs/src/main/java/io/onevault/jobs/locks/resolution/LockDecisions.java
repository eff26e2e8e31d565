package io.onevault.jobs.locks.resolution;

import io.onevault.connectors.locks.SignalRequest;
import io.onevault.connectors.locks.SignalRequest.Signal;
import io.onevault.connectors.locks.SignalRequest.Waiter;
import io.onevault.connectors.locks.SignalResult;
import io.onevault.jobs.locks.incident.Blocker;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.Victim;
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
 * <p>Threads of its own send signals; checkpoints do not wait for them. State is a record per open
 * incident and the times of the signals within the rate limit's window. It is cleared when the
 * incident closes, at the latest when a target has had none for {@link #EXPIRY}.
 */
final class LockDecisions extends KeyedProcessFunction<String, BlockingIncident, LockResolution>
        implements CheckpointedFunction, CheckpointListener {

    private static final long serialVersionUID = 1L;

    /** At least as long as the rate limit's window may be. */
    static final Duration EXPIRY = Duration.ofDays(1);

    private static final Duration LOOK = Duration.ofMillis(250);
    private static final Duration ROUNDED = Duration.ofMinutes(1);
    private static final int MOST_VICTIMS = 20;

    private final ResolutionSettings settings;
    private final ResolutionPolicy policy;
    private final SignalSender sender;

    private transient MapState<String, RootHistory> roots;
    private transient MapState<String, SignalOrder> orders;
    private transient ListState<Long> actions;
    private transient ValueState<Long> lastSeen;
    private transient SignalDispatch dispatch;

    LockDecisions(ResolutionSettings settings, SignalSender sender) {
        this.settings = settings;
        this.policy = new ResolutionPolicy(settings);
        this.sender = sender;
    }

    @Override
    public void open(OpenContext context) {
        dispatch = new SignalDispatch(sender);
        roots =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "roots",
                                        Types.STRING,
                                        TypeInformation.of(RootHistory.class)));
        orders =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "orders",
                                        Types.STRING,
                                        TypeInformation.of(SignalOrder.class)));
        actions =
                getRuntimeContext().getListState(new ListStateDescriptor<>("actions", Types.LONG));
        lastSeen = getRuntimeContext().getState(new ValueStateDescriptor<>("seen", Types.LONG));
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
        lastSeen.update(now);
        long expiry = now + EXPIRY.toMillis() + ROUNDED.toMillis();
        context.timerService().registerProcessingTimeTimer(expiry - expiry % ROUNDED.toMillis());
        if (!incident.open()) {
            roots.remove(incident.key());
            return;
        }
        RootHistory history = history(incident);
        if (isPendingElsewhere(incident.root())) {
            return;
        }
        long recent = recentActions(incident.observedAtMicros());
        Optional<Verdict> verdict = policy.decide(incident, history, (int) recent);
        if (verdict.isEmpty()) {
            return;
        }
        Verdict decided = verdict.get();
        LockResolution resolution = record(incident, decided);
        if (decided.acts()) {
            roots.put(
                    incident.key(),
                    history.saying(decided.signature()).ordering(decided.decision()));
            SignalOrder order = new SignalOrder(resolution, request(incident, decided));
            orders.put(resolution.key(), order);
            actions.add(incident.observedAtMicros());
            dispatch.add(order);
            context.timerService().registerProcessingTimeTimer(now + LOOK.toMillis());
        } else if (!history.said().equals(decided.signature())) {
            roots.put(incident.key(), history.saying(decided.signature()));
            out.collect(resolution);
        }
    }

    private RootHistory history(BlockingIncident incident) throws Exception {
        RootHistory known = roots.get(incident.key());
        return known != null && known.isOf(incident.root())
                ? known
                : RootHistory.of(incident.root());
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

    private long recentActions(long nowMicros) throws Exception {
        long from = nowMicros - TimeUnit.MILLISECONDS.toMicros(settings.actionsWindow().toMillis());
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
        return kept.size();
    }

    private LockResolution record(BlockingIncident incident, Verdict verdict) {
        Blocker root = incident.root();
        return new LockResolution(
                "%s/%d/%d/%d"
                        .formatted(
                                incident.target(),
                                root.pid(),
                                root.backendStartMicros(),
                                incident.observedAtMicros()),
                incident.key(),
                incident.target(),
                incident.tenant(),
                root.pid(),
                root.backendStartMicros(),
                incident.observedAtMicros(),
                verdict.decision(),
                verdict.reason(),
                verdict.rules(),
                settings.dryRun(),
                0,
                "");
    }

    private SignalRequest request(BlockingIncident incident, Verdict verdict) {
        Blocker root = incident.root();
        Signal signal = settings.dryRun() ? Signal.NONE : Signal.valueOf(verdict.decision());
        List<Waiter> victims =
                incident.victims().stream()
                        .filter(victim -> victim.blockedBy() == root.pid())
                        .sorted(Comparator.comparingLong(Victim::waitStartMicros))
                        .limit(MOST_VICTIMS)
                        .map(victim -> new Waiter(victim.pid(), victim.backendStartMicros()))
                        .toList();
        return new SignalRequest(
                signal,
                root.pid(),
                root.backendStartMicros(),
                root.xactStartMicros(),
                root.idleInTransaction(),
                victims,
                TimeUnit.MILLISECONDS.toMicros(settings.minimumWait().toMillis()),
                policy.notAfterMicros(incident.observedAtMicros()));
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<LockResolution> out)
            throws Exception {
        boolean open = false;
        Map<String, SignalOrder> waiting = new HashMap<>();
        for (Map.Entry<String, SignalOrder> order : orders.entries()) {
            waiting.put(order.getKey(), order.getValue());
        }
        for (Map.Entry<String, SignalOrder> order : waiting.entrySet()) {
            if (dispatch.isOpen(order.getKey())) {
                open = true;
            } else {
                orders.remove(order.getKey());
                SignalResult result = dispatch.take(order.getKey());
                finish(order.getValue(), result, out);
            }
        }
        if (open) {
            context.timerService()
                    .registerProcessingTimeTimer(
                            context.timerService().currentProcessingTime() + LOOK.toMillis());
        }
        Long last = lastSeen.value();
        if (waiting.isEmpty() && last != null && last + EXPIRY.toMillis() <= timestamp) {
            roots.clear();
            actions.clear();
            lastSeen.clear();
        }
    }

    private void finish(
            SignalOrder order, @Nullable SignalResult result, Collector<LockResolution> out)
            throws Exception {
        LockResolution done = Outcomes.record(order.draft(), result);
        long at = result == null ? 0 : result.atMicros();
        RootHistory history = roots.get(order.draft().incident());
        if (history != null
                && history.pending()
                && history.isOfSession(
                        order.request().pid(), order.request().backendStartMicros())) {
            // In a dry run the outcome stays empty, which ends the matter.
            roots.put(
                    order.draft().incident(),
                    history.having(done.outcome(), at == 0 ? order.draft().decidedAtMicros() : at));
        }
        out.collect(done);
    }

    @Override
    public void close() throws Exception {
        if (dispatch != null) {
            dispatch.close();
        }
    }
}
