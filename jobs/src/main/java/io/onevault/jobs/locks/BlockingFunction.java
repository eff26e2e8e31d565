package io.onevault.jobs.locks;

import io.onevault.connectors.model.LogEvent;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.CounterLedger;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.EpisodeSettings;
import io.onevault.jobs.locks.incident.EpisodeState;
import io.onevault.jobs.locks.incident.Episodes;
import io.onevault.jobs.locks.incident.LockEpisodes;
import io.onevault.jobs.locks.incident.LockWait;
import io.onevault.jobs.locks.incident.LogEnding;
import io.onevault.jobs.locks.incident.OpenDeadlock;
import io.onevault.jobs.locks.incident.OpenIncident;
import io.onevault.jobs.locks.incident.OpenWait;
import io.onevault.jobs.locks.incident.Store;
import io.onevault.jobs.locks.incident.TargetTime;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/**
 * Keeps the episodes of each target; keyed by target.
 *
 * <p>State is held in memory as well, and only what changed is written: a look at ten per second
 * shows the same thousands of waits, of which few are new, and a state backend on disk would
 * otherwise read them all each time. What a target has open and what of it was closed is kept until
 * nobody has looked for {@link EpisodeSettings#expiry}; then nothing is left.
 */
final class BlockingFunction extends KeyedProcessFunction<String, LockSign, LockWait> {

    private static final long serialVersionUID = 1L;

    static final OutputTag<BlockingIncident> INCIDENTS =
            new OutputTag<>("incidents", TypeInformation.of(BlockingIncident.class));
    static final OutputTag<DeadlockEvent> DEADLOCKS =
            new OutputTag<>("deadlocks", TypeInformation.of(DeadlockEvent.class));

    private static final long SECOND = TimeUnit.SECONDS.toMillis(1);

    private final EpisodeSettings settings;

    private transient MapState<String, OpenWait> waits;
    private transient MapState<String, OpenIncident> incidents;
    private transient MapState<String, OpenDeadlock> deadlocks;
    private transient MapState<Integer, LogEnding> endings;
    private transient MapState<String, LogEvent> reports;
    private transient MapState<String, CounterLedger> counters;
    private transient ValueState<TargetTime> time;
    private transient Map<String, Held> held;

    BlockingFunction(EpisodeSettings settings) {
        this.settings = settings;
    }

    /** A target's state in memory. */
    private record Held(EpisodeState state, LockEpisodes episodes) {}

    @Override
    public void open(OpenContext context) {
        waits = map("waits", String.class, OpenWait.class);
        incidents = map("incidents", String.class, OpenIncident.class);
        deadlocks = map("deadlocks", String.class, OpenDeadlock.class);
        endings = map("log-endings", Integer.class, LogEnding.class);
        reports = map("deadlock-reports", String.class, LogEvent.class);
        counters = map("deadlock-counters", String.class, CounterLedger.class);
        time = getRuntimeContext().getState(new ValueStateDescriptor<>("time", TargetTime.class));
        held = new HashMap<>();
    }

    private <K, V> MapState<K, V> map(String name, Class<K> key, Class<V> value) {
        return getRuntimeContext()
                .getMapState(
                        new MapStateDescriptor<>(
                                name, TypeInformation.of(key), TypeInformation.of(value)));
    }

    @Override
    public void processElement(LockSign sign, Context context, Collector<LockWait> out)
            throws Exception {
        Held target = held(context.getCurrentKey());
        Episodes to = outputs(context, out);
        if (sign.look() != null) {
            target.episodes.observe(sign.look(), to);
        }
        if (sign.line() != null) {
            target.episodes.observe(sign.line(), to);
        }
        long newest = TimeUnit.MICROSECONDS.toMillis(target.state.time().newestMicros());
        if (target.episodes.isUnsettled()) {
            // One a second, for both streams may fall silent.
            long due = newest + settings.settle().toMillis() + SECOND;
            context.timerService().registerEventTimeTimer(due - due % SECOND);
        }
        if (target.state.time().timerMillis() == 0) {
            expireAt(newest + settings.expiry().toMillis(), target, context);
        }
        write(target);
    }

    private static void expireAt(long millis, Held target, Context context) {
        target.state.time(target.state.time().timer(millis));
        context.timerService().registerEventTimeTimer(millis);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<LockWait> out)
            throws Exception {
        // A drained job ends all time at once; nothing ended because of that.
        if (context.timerService().currentWatermark() == Long.MAX_VALUE || time.value() == null) {
            return;
        }
        Held target = held(context.getCurrentKey());
        Episodes to = outputs(context, out);
        target.episodes.advance(TimeUnit.MILLISECONDS.toMicros(timestamp), to);
        TargetTime now = target.state.time();
        if (now.timerMillis() <= timestamp) {
            long expiry = now.heardMillis() + settings.expiry().toMillis();
            if (expiry <= timestamp) {
                target.episodes.forget(to);
                held.remove(context.getCurrentKey());
                clear();
                return;
            }
            expireAt(expiry, target, context);
        }
        write(target);
    }

    private Held held(String target) throws Exception {
        Held known = held.get(target);
        if (known == null) {
            EpisodeState state = new EpisodeState();
            restore(waits, state.waits);
            restore(incidents, state.incidents);
            restore(deadlocks, state.deadlocks);
            restore(endings, state.endings);
            restore(reports, state.reports);
            restore(counters, state.counters);
            TargetTime before = time.value();
            state.time(before == null ? TargetTime.NEVER : before);
            known = new Held(state, new LockEpisodes(target, settings, state));
            held.put(target, known);
        }
        return known;
    }

    private static <K extends Comparable<K>, V> void restore(MapState<K, V> from, Store<K, V> to)
            throws Exception {
        for (Map.Entry<K, V> entry : from.entries()) {
            to.restore(entry.getKey(), entry.getValue());
        }
    }

    private void write(Held target) throws Exception {
        EpisodeState state = target.state;
        write(state.waits, waits);
        write(state.incidents, incidents);
        write(state.deadlocks, deadlocks);
        write(state.endings, endings);
        write(state.reports, reports);
        write(state.counters, counters);
        time.update(state.time());
    }

    private static <K extends Comparable<K>, V> void write(Store<K, V> from, MapState<K, V> to)
            throws Exception {
        from.drain(
                (key, value) -> {
                    if (value == null) {
                        to.remove(key);
                    } else {
                        to.put(key, value);
                    }
                });
    }

    private void clear() {
        waits.clear();
        incidents.clear();
        deadlocks.clear();
        endings.clear();
        reports.clear();
        counters.clear();
        time.clear();
    }

    private static Episodes outputs(Context context, Collector<LockWait> out) {
        return new Episodes() {
            @Override
            public void wait(LockWait row) {
                out.collect(row);
            }

            @Override
            public void incident(BlockingIncident row) {
                context.output(INCIDENTS, row);
            }

            @Override
            public void deadlock(DeadlockEvent row) {
                context.output(DEADLOCKS, row);
            }
        };
    }
}
