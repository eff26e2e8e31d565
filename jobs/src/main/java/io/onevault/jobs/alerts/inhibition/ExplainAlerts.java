package io.onevault.jobs.alerts.inhibition;

import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.BusinessHours;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.rules.PatternCache;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Suppresses alerts that another one of their target explains, see {@link TargetAlerts}; keyed by
 * the target that stands for those that belong together, {@link LifecycleSettings#systemOf}.
 *
 * <p>State of a target is its open alerts, what may explain others, and which rules' alerts ended
 * without being told within their suppression window; each is cleared with its end, the last by an
 * event-time timer. Alerts wait by processing time.
 */
public final class ExplainAlerts
        extends KeyedProcessFunction<String, AlertInstance, AlertInstance> {

    private static final long serialVersionUID = 1L;

    /** How long an alert that fires waits for what explains it. */
    public static final long WAIT_MILLIS = 250;

    /** Wakings are put together on this grid. */
    private static final long GRID_MILLIS = 25;

    private final BusinessHours hours;

    private transient MapState<String, HeldSeries> alerts;
    private transient ValueState<TargetCauses> causes;

    /** When, by that moment and the series: of ten thousand at once none is written twice. */
    private transient MapState<String, Long> wakings;

    private transient MapState<String, Long> untold;
    private transient @Nullable PatternCache patterns;

    /**
     * @param hours of rules that keep to them
     */
    public ExplainAlerts(BusinessHours hours) {
        this.hours = hours;
    }

    @Override
    public void open(OpenContext context) {
        alerts =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "alerts",
                                        Types.STRING,
                                        TypeInformation.of(HeldSeries.class)));
        causes =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "causes", TypeInformation.of(TargetCauses.class)));
        wakings =
                getRuntimeContext()
                        .getMapState(new MapStateDescriptor<>("wakings", Types.STRING, Types.LONG));
        untold =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>("ended-untold", Types.STRING, Types.LONG));
        patterns = new PatternCache();
    }

    @Override
    public void processElement(AlertInstance alert, Context context, Collector<AlertInstance> out)
            throws Exception {
        TimerService timers = context.timerService();
        TargetCauses state = state();
        target(state, context, out).change(alert, timers.currentProcessingTime());
        keep(state);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<AlertInstance> out)
            throws Exception {
        if (context.timeDomain() == TimeDomain.EVENT_TIME) {
            forgetUntold(timestamp);
            return;
        }
        // After a restart the timer may be from long ago, and what it waited for over again.
        long now = Math.max(timestamp, context.timerService().currentProcessingTime());
        List<String> series = due(now);
        if (!series.isEmpty()) {
            TargetCauses state = state();
            target(state, context, out).decide(series, now);
            keep(state);
        }
    }

    /** The series that are due, in the order of their names; they are so no longer. */
    private List<String> due(long now) throws Exception {
        List<String> keys = new ArrayList<>();
        for (Map.Entry<String, Long> waking : wakings.entries()) {
            if (waking.getValue() <= now) {
                keys.add(waking.getKey());
            }
        }
        Set<String> series = new TreeSet<>();
        for (String key : keys) {
            wakings.remove(key);
            series.add(key.substring(key.indexOf('|') + 1));
        }
        return new ArrayList<>(series);
    }

    private void forgetUntold(long timestamp) throws Exception {
        List<String> over = new ArrayList<>();
        for (Map.Entry<String, Long> entry : untold.entries()) {
            if (entry.getValue() <= timestamp) {
                over.add(entry.getKey());
            }
        }
        for (String key : over) {
            untold.remove(key);
        }
    }

    private TargetCauses state() throws Exception {
        TargetCauses known = causes.value();
        return known == null ? new TargetCauses() : known;
    }

    private void keep(TargetCauses state) throws Exception {
        if (state.causes.isEmpty() && state.wanted.isEmpty()) {
            causes.clear();
        } else {
            causes.update(state);
        }
    }

    private TargetAlerts target(TargetCauses state, Context context, Collector<AlertInstance> out) {
        PatternCache known = patterns == null ? new PatternCache() : patterns;
        return new TargetAlerts(
                state,
                new InState(context.timerService()),
                known,
                context.getCurrentKey(),
                hours,
                WAIT_MILLIS,
                out::collect);
    }

    private final class InState implements HeldAlerts {

        private final TimerService timers;

        private InState(TimerService timers) {
            this.timers = timers;
        }

        @Override
        public HeldSeries get(String series) throws Exception {
            HeldSeries known = alerts.get(series);
            return known == null ? HeldSeries.NONE : known;
        }

        @Override
        public void put(String series, HeldSeries held) throws Exception {
            if (held.alerts().isEmpty()) {
                alerts.remove(series);
            } else {
                alerts.put(series, held);
            }
        }

        @Override
        public Iterable<HeldSeries> all() throws Exception {
            return alerts.values();
        }

        @Override
        public long eventTime() {
            long watermark = timers.currentWatermark();
            return watermark == Long.MIN_VALUE || watermark == Long.MAX_VALUE ? 0 : watermark;
        }

        @Override
        public void wake(long at, String series) throws Exception {
            long moment = Math.floorDiv(at + GRID_MILLIS - 1, GRID_MILLIS) * GRID_MILLIS;
            wakings.put(moment + "|" + series, moment);
            timers.registerProcessingTimeTimer(moment);
        }

        @Override
        public boolean endedUntold(String ruleAndSeries) throws Exception {
            return untold.contains(ruleAndSeries);
        }

        @Override
        public void keepEndedUntold(String ruleAndSeries, long until) throws Exception {
            if (until == 0) {
                untold.remove(ruleAndSeries);
            } else {
                untold.put(ruleAndSeries, until);
                timers.registerEventTimeTimer(until);
            }
        }
    }
}
