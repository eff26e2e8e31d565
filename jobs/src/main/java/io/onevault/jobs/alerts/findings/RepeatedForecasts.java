package io.onevault.jobs.alerts.findings;

import io.onevault.jobs.metrics.LiveValue;
import java.time.Duration;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Says again what a forecast said, with its old time, until the next one comes; keyed by series. To
 * a rule that has judged it that is nothing new. A rule that comes into force later would otherwise
 * have nothing to judge until the next day.
 *
 * <p>State is the last value, cleared when no newer one came for three forecasts.
 */
final class RepeatedForecasts extends KeyedProcessFunction<String, LiveValue, LiveValue> {

    private static final long serialVersionUID = 1L;

    private static final long MOST_MILLIS = Duration.ofMinutes(1).toMillis();
    private static final int FORECASTS = 3;

    private final long everyMillis;
    private final long keptMillis;

    private transient ValueState<LiveValue> last;
    private transient ValueState<Long> until;

    /**
     * @param refit how often a resource is forecast
     */
    RepeatedForecasts(Duration refit) {
        this.everyMillis = Math.max(1, Math.min(MOST_MILLIS, refit.toMillis() / 2));
        this.keptMillis = FORECASTS * refit.toMillis();
    }

    @Override
    public void open(OpenContext context) {
        last =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "last-forecast", TypeInformation.of(LiveValue.class)));
        until = getRuntimeContext().getState(new ValueStateDescriptor<>("kept-until", Types.LONG));
    }

    @Override
    public void processElement(LiveValue value, Context context, Collector<LiveValue> out)
            throws Exception {
        out.collect(value);
        long now = context.timerService().currentProcessingTime();
        if (last.value() == null) {
            context.timerService().registerProcessingTimeTimer(now + everyMillis);
        }
        last.update(value);
        until.update(now + keptMillis);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<LiveValue> out)
            throws Exception {
        LiveValue value = last.value();
        Long end = until.value();
        if (value == null || end == null || end <= timestamp) {
            last.clear();
            until.clear();
            return;
        }
        out.collect(value);
        long now = context.timerService().currentProcessingTime();
        context.timerService().registerProcessingTimeTimer(Math.max(timestamp, now) + everyMillis);
    }
}
