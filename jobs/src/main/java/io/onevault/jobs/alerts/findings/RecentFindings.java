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
 * <p>The clock of this machine wakes it, for some of its streams have no event time. State and its
 * one timer are cleared with a series' last event.
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
        TimerService timers = context.timerService();
        RecentCounts counts =
                new RecentCounts(event.series(), state, timers.currentProcessingTime());
        counts.observe(event, out::collect);
        keep(state, counts.nextWake(), timers);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<LiveValue> out)
            throws Exception {
        RecentState state = recent.value();
        if (state == null || timestamp < state.timerAt) {
            return;
        }
        state.timerAt = 0;
        TimerService timers = context.timerService();
        long now = Math.max(timestamp, timers.currentProcessingTime());
        RecentCounts counts = new RecentCounts(context.getCurrentKey(), state, now);
        counts.wake(out::collect);
        keep(state, counts.nextWake(), timers);
    }

    /** One timer, for what is next by now: the oldest event may have been taken back. */
    private void keep(RecentState state, long wake, TimerService timers) throws Exception {
        if (wake != state.timerAt) {
            if (state.timerAt != 0) {
                timers.deleteProcessingTimeTimer(state.timerAt);
            }
            if (wake != 0) {
                timers.registerProcessingTimeTimer(wake);
            }
            state.timerAt = wake;
        }
        if (state.events.isEmpty()) {
            recent.clear();
        } else {
            recent.update(state);
        }
    }
}
