package io.onevault.jobs.capacity;

import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.capacity.forecast.ForecastState;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Keeps each resource's history and forecasts it when its turn comes; keyed by the resource's
 * series.
 *
 * <p>Turns are points of event time, one every {@code refit}, spread over it by the series' name so
 * that at no moment many are due. Where many are all the same, after a start or a jump of event
 * time, each is put off once by up to {@code spread}. A resource that thrice in a row is outside
 * the bounds foretold gets its turn at once. A turn without anything new makes no forecast.
 *
 * <p>What the vault remembers comes as states from {@value VAULT}; event time stands still until
 * all of it has come, so that no forecast is made without it.
 *
 * <p>State: one {@link ForecastState} and one timer for each resource, cleared when it was silent
 * for {@code expiry}.
 */
final class ForecastFunction
        extends KeyedProcessFunction<String, ResourceUtilization, ResourceForecast> {

    private static final long serialVersionUID = 1L;

    /** Source of states that were read back. */
    static final String VAULT = "VAULT";

    private static final long NO_TIME = Long.MIN_VALUE;
    private static final long DAY = 86_400_000L;

    private final ForecastSettings settings;

    private transient ValueState<ForecastState> state;
    private transient Counter forecasts;
    private transient Counter fromTheFuture;

    ForecastFunction(ForecastSettings settings) {
        this.settings = settings;
    }

    @Override
    public void open(OpenContext context) {
        state =
                getRuntimeContext()
                        .getState(new ValueStateDescriptor<>("resource", ForecastState.class));
        forecasts = getRuntimeContext().getMetricGroup().counter("forecastsMade");
        fromTheFuture = getRuntimeContext().getMetricGroup().counter("statesFromTheFuture");
    }

    @Override
    public void processElement(
            ResourceUtilization utilization, Context context, Collector<ResourceForecast> out)
            throws Exception {
        long end = utilization.periodEnd();
        long watermark = context.timerService().currentWatermark();
        if (watermark != NO_TIME && watermark < Long.MAX_VALUE - DAY && end > watermark + DAY) {
            // A clock that went astray must not push the whole history out of reach.
            fromTheFuture.inc();
            return;
        }
        ForecastState known = state.value();
        ForecastState resource = known == null ? new ForecastState() : known;
        boolean live = !utilization.source().equals(VAULT);
        boolean surprised = resource.add(utilization, live, settings.historyDays());
        if (resource.isNew()) {
            resource.timer = end + offset(utilization.series(), settings.spread().toMillis());
        } else if (surprised && resource.timer > end + settings.spread().toMillis()) {
            context.timerService().deleteEventTimeTimer(resource.timer);
            resource.timer = end;
        }
        state.update(resource);
        // The same timer again is no other; after a drain there is none.
        context.timerService().registerEventTimeTimer(resource.timer);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<ResourceForecast> out)
            throws Exception {
        ForecastState resource = state.value();
        long watermark = context.timerService().currentWatermark();
        // A drained job ends all time at once; nobody's turn has come because of that.
        if (resource == null || timestamp != resource.timer || watermark == Long.MAX_VALUE) {
            return;
        }
        long spread = settings.spread().toMillis();
        if (watermark - timestamp > spread && !resource.putOff) {
            resource.putOff = true;
            next(resource, watermark + 1 + offset(context.getCurrentKey(), spread), context);
            return;
        }
        if (resource.history.currentEnd + settings.expiry().toMillis() <= watermark) {
            state.clear();
            return;
        }
        ResourceForecast forecast = resource.look(settings);
        if (forecast != null) {
            forecasts.inc();
            out.collect(forecast);
        }
        resource.putOff = false;
        next(resource, turnAfter(watermark, context.getCurrentKey()), context);
    }

    private void next(ForecastState resource, long time, OnTimerContext context) throws Exception {
        resource.timer = time;
        state.update(resource);
        context.timerService().registerEventTimeTimer(time);
    }

    private long turnAfter(long time, String series) {
        long refit = settings.refit().toMillis();
        long offset = offset(series, refit);
        return (Math.floorDiv(time - offset, refit) + 1) * refit + offset;
    }

    /** Evenly spread over {@code length} and the same for a series at all times. */
    private static long offset(String series, long length) {
        long mixed = series.hashCode() * 0x9E3779B97F4A7C15L;
        return Math.floorMod(mixed >>> 16, length);
    }
}
