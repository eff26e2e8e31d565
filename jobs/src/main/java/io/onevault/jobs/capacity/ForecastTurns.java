package io.onevault.jobs.capacity;

import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.capacity.forecast.ForecastState;
import io.onevault.jobs.capacity.forecast.Levels;
import io.onevault.jobs.capacity.forecast.Resource;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import java.util.function.Function;
import org.apache.flink.api.common.functions.RuntimeContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.metrics.Counter;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.util.Collector;

/**
 * Keeps the history of the resource whose key is set, and forecasts it when its turn comes.
 *
 * <p>Turns are points of event time, one every {@code refit}, spread over it by the series' name so
 * that at no moment many are due. Where many are all the same, after a start or a jump of event
 * time, each is put off once by up to {@code spread}. A resource that thrice in a row is outside
 * the bounds foretold gets its turn at once, and one whose levels people changed within {@code
 * spread} of its next state. A turn without anything new makes no forecast.
 *
 * <p>Timers that are due fire one after another before anything else is let through, a checkpoint's
 * barrier too. So when turns are behind, those that would keep everything else waiting are
 * continued in processing time, at a {@link Pace} that leaves room in between; such a timer is kept
 * with the state as any other is.
 *
 * <p>What the vault remembers comes as states from {@value VAULT}; event time stands still until
 * all of it has come, so that no forecast is made without it.
 *
 * <p>State: one {@link ForecastState} and one timer for each resource, of event time or, while its
 * turn waits, of processing time; cleared when it was silent for {@code expiry}.
 */
final class ForecastTurns {

    /** Source of states that were read back. */
    static final String VAULT = "VAULT";

    private static final long NO_TIME = Long.MIN_VALUE;
    private static final long DAY = 86_400_000L;

    private final ForecastSettings settings;
    private final ValueState<ForecastState> state;
    private final Counter forecasts;
    private final Counter fromTheFuture;
    private final Pace pace = new Pace();

    ForecastTurns(ForecastSettings settings, RuntimeContext context) {
        this.settings = settings;
        state = context.getState(new ValueStateDescriptor<>("resource", ForecastState.class));
        forecasts = context.getMetricGroup().counter("forecastsMade");
        fromTheFuture = context.getMetricGroup().counter("statesFromTheFuture");
    }

    /**
     * Takes over a state of the resource.
     *
     * @param levels the shares that are too much for a resource
     */
    void add(
            ResourceUtilization utilization, TimerService timers, Function<Resource, Levels> levels)
            throws Exception {
        long end = utilization.periodEnd();
        long watermark = timers.currentWatermark();
        if (watermark != NO_TIME && watermark < Long.MAX_VALUE - DAY && end > watermark + DAY) {
            // A clock that went astray must not push the whole history out of reach.
            fromTheFuture.inc();
            return;
        }
        ForecastState known = state.value();
        ForecastState resource = known == null ? new ForecastState() : known;
        boolean live = !utilization.source().equals(VAULT);
        boolean surprised = resource.add(utilization, live, settings.historyDays());
        long before = resource.timer;
        if (resource.isNew()) {
            resource.timer = end + offset(utilization.series(), spread());
        } else if (live && resource.timer > end + spread()) {
            long early =
                    surprised
                            ? end
                            : resource.madeForOther(levels.apply(resource.resource))
                                    ? end + offset(utilization.series(), spread())
                                    : resource.timer;
            if (early != resource.timer) {
                timers.deleteEventTimeTimer(resource.timer);
                resource.timer = early;
            }
        }
        state.update(resource);
        if (resource.timer != before || resource.timer > watermark) {
            // The same timer again is no other; after a drain there is none.
            timers.registerEventTimeTimer(resource.timer);
        }
    }

    /**
     * Does what is due.
     *
     * @param domain of the timer
     * @param levels the shares that are too much for a resource
     */
    void turn(
            long timestamp,
            TimeDomain domain,
            String series,
            TimerService timers,
            Function<Resource, Levels> levels,
            Collector<ResourceForecast> out)
            throws Exception {
        long watermark = timers.currentWatermark();
        boolean continued = domain == TimeDomain.PROCESSING_TIME;
        // A drained job ends all time at once; nobody's turn has come because of that.
        if (watermark == Long.MAX_VALUE && !continued) {
            return;
        }
        long now = timers.currentProcessingTime();
        if (!pace.free(now)) {
            timers.registerProcessingTimeTimer(pace.later(now));
            return;
        }
        ForecastState resource = state.value();
        if (resource == null || !continued && timestamp != resource.timer) {
            return;
        }
        if (resource.timer > watermark || watermark == Long.MAX_VALUE) {
            // It had its turn already, or event time begins anew after a restart.
            timers.registerEventTimeTimer(resource.timer);
            return;
        }
        take(resource, series, timers, levels, out);
        pace.worked(now, timers.currentProcessingTime());
    }

    private void take(
            ForecastState resource,
            String series,
            TimerService timers,
            Function<Resource, Levels> levels,
            Collector<ResourceForecast> out)
            throws Exception {
        long spread = spread();
        long watermark = timers.currentWatermark();
        if (watermark - resource.timer > spread && !resource.putOff) {
            resource.putOff = true;
            next(resource, watermark + 1 + offset(series, spread), timers);
            return;
        }
        if (resource.history.currentEnd + settings.expiry().toMillis() <= watermark) {
            state.clear();
            return;
        }
        ResourceForecast forecast =
                resource.look(
                        levels.apply(resource.resource),
                        settings.connections().get(resource.resource.target()));
        if (forecast != null) {
            forecasts.inc();
            out.collect(forecast);
        }
        resource.putOff = false;
        next(resource, turnAfter(watermark, series), timers);
    }

    private long spread() {
        return settings.spread().toMillis();
    }

    private void next(ForecastState resource, long time, TimerService timers) throws Exception {
        resource.timer = time;
        state.update(resource);
        timers.registerEventTimeTimer(time);
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
