package io.onevault.jobs.alerts.findings;

import io.onevault.jobs.metrics.LiveValue;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Events as counts of the last while, see {@link RecentCounts}; keyed by series.
 *
 * <p>The clock of this machine wakes it, for some of its streams have no event time; what it says
 * then bears the time at which it was due. State is cleared with a series' last event.
 */
final class RecentFindings extends KeyedProcessFunction<String, FoundEvent, LiveValue> {

    private static final long serialVersionUID = 1L;

    private transient ValueState<RecentState> recent;

    @Override
    public void open(OpenContext context) {
        recent =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "recent-events", TypeInformation.of(RecentState.class)));
    }

    @Override
    public void processElement(FoundEvent event, Context context, Collector<LiveValue> out)
            throws Exception {
        RecentState known = recent.value();
        RecentState state = known == null ? new RecentState() : known;
        new RecentCounts(event.series(), state).observe(event, out::collect);
        keep(state, context.timerService());
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<LiveValue> out)
            throws Exception {
        RecentState state = recent.value();
        if (state == null || timestamp < state.timerAt) {
            return;
        }
        state.timerAt = 0;
        RecentCounts counts = new RecentCounts(context.getCurrentKey(), state);
        counts.pass(counts.due(), out::collect);
        keep(state, context.timerService());
    }

    /** The servers' clocks may differ from this one's: the distance of events is what counts. */
    private void keep(RecentState state, TimerService timers) throws Exception {
        if (state.events.isEmpty()) {
            if (state.timerAt != 0) {
                timers.deleteProcessingTimeTimer(state.timerAt);
            }
            recent.clear();
            return;
        }
        if (state.timerAt == 0) {
            FoundEvent oldest = state.events.get(0);
            long newest = Math.max(oldest.at(), state.lastMillis);
            long wait = Math.max(0, oldest.at() + oldest.keptMillis() - newest);
            state.timerAt = timers.currentProcessingTime() + wait;
            timers.registerProcessingTimeTimer(state.timerAt);
        }
        recent.update(state);
    }
}
