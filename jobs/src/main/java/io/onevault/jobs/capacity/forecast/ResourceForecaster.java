package io.onevault.jobs.capacity.forecast;

import static io.onevault.jobs.capacity.forecast.ResourceHistory.DAY;
import static io.onevault.jobs.capacity.forecast.ResourceHistory.HOUR;

import io.onevault.forecasting.ForecastOptions;
import io.onevault.forecasting.ForecastPoint;
import io.onevault.forecasting.ForecastResult;
import io.onevault.forecasting.Forecaster;
import io.onevault.forecasting.capacity.CapacityAdvice;
import io.onevault.forecasting.capacity.TimeToCapacity;
import io.onevault.forecasting.interval.AdaptiveWidth;
import io.onevault.forecasting.series.History;
import io.onevault.forecasting.series.TimeSeries;
import io.onevault.jobs.capacity.forecast.ConnectionScaling.Scaling;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/**
 * Brings a history before the forecasting library and its answer into the vault's terms.
 *
 * <p>From two weeks of days on the steps are days, the forecast is backtested for 90 days and
 * reaches a year; before that, from a day of hours on, the steps are hours, it is backtested for
 * seven days and reaches 30. A younger resource is not forecast. Numbers are the library's own, for
 * the same series and options.
 *
 * <p>Cost: one call of {@link Forecaster}, a few milliseconds. Deterministic.
 */
public final class ResourceForecaster {

    /** Days needed for a forecast in days. */
    static final int LEAST_DAYS = 14;

    /** Hours needed for a forecast in hours. */
    static final int LEAST_HOURS = 24;

    static final int HORIZON_DAYS = 90;
    static final int PATH_DAYS = 365;
    static final int HORIZON_HOURS = 7 * 24;
    static final int PATH_HOURS = 30 * 24;

    /** Nothing new for longer than this: no forecast. */
    private static final int STALE_DAYS = 30;

    /** A level that was not reported is still there; a day is how rarely it is reported. */
    private static final int LEVEL_HOLDS_HOURS = 25;

    /** The days ahead for which bounds are kept, to see early that all is different. */
    static final int NEAR_DAYS = 7;

    private static final List<Integer> HORIZONS = List.of(7, 30, 90, 365);

    private static final Forecaster LIBRARY = new Forecaster();

    private ResourceForecaster() {}

    /**
     * A forecast and what the next days should bring.
     *
     * @param forecast for the vault
     * @param nearLow lower 95 % bounds for the ends of the following days
     * @param nearHigh upper bounds
     */
    record Made(ResourceForecast forecast, double[] nearLow, double[] nearHigh) {}

    /** A grid of values and what a step is on it. */
    private record Grid(
            TimeSeries series, long length, ForecastOptions options, long lag, boolean daily) {

        int stepsPerDay() {
            return (int) (DAY / length);
        }

        /** Steps of the path that so many days from now are. */
        long stepsAhead(int days) {
            return lag + (long) days * stepsPerDay();
        }

        String stepName() {
            return daily ? "days" : "hours";
        }
    }

    /**
     * What is known of a server's connections besides their number.
     *
     * @param plan how applications reach the server
     * @param peak most connections of the last month
     * @param executing most that executed a statement, NaN when not measured
     */
    record Connections(ConnectionPlan plan, double peak, double executing) {}

    /** The forecast, null while there is too little to make one of. */
    static @Nullable Made forecast(
            Resource resource,
            ResourceHistory history,
            TrackRecord track,
            Levels levels,
            @Nullable Connections connections) {
        Grid grid = grid(resource, history, track);
        if (grid == null) {
            return null;
        }
        ForecastResult result = LIBRARY.forecast(grid.series, grid.options);
        if (result.path().isEmpty()) {
            return null;
        }
        double capacity = history.capacity;
        boolean limited = capacity > 0;
        List<Projection> projections = new ArrayList<>();
        for (int days : HORIZONS) {
            long step = grid.stepsAhead(days);
            if (step <= result.path().size() && (grid.daily || days * DAY <= PATH_HOURS * HOUR)) {
                ForecastPoint p = result.at((int) step);
                projections.add(
                        new Projection(days, p.mean(), p.lo80(), p.hi80(), p.lo95(), p.hi95()));
            }
        }
        CapacityAdvice advice =
                limited
                        ? CapacityAdvice.of(
                                result,
                                capacity,
                                levels.warning() / 100,
                                levels.critical() / 100,
                                grid.stepName(),
                                Remedies.of(
                                        resource.type(),
                                        connections != null && connections.plan.pooler() != null))
                        : null;
        double now = history.current;
        Scaling scaling =
                connections == null || !limited || projections.isEmpty()
                        ? null
                        : ConnectionScaling.of(
                                connections.plan,
                                capacity,
                                connections.peak,
                                connections.executing,
                                far(projections).hi80());
        double[] rate = growth(result, grid);
        ResourceForecast forecast =
                new ResourceForecast(
                        resource,
                        history.currentEnd,
                        now,
                        limited ? capacity : Double.NaN,
                        projections,
                        rate[0],
                        advice == null
                                ? null
                                : Boolean.valueOf(now >= capacity || !advice.toCapacity().never()),
                        advice == null
                                ? Double.NaN
                                : days(advice.toCapacity().median(), capacity, now, grid),
                        advice == null
                                ? Double.NaN
                                : days(advice.toCapacity().earliest(), capacity, now, grid),
                        advice == null
                                ? Double.NaN
                                : days(advice.toCapacity().latest(), capacity, now, grid),
                        levels.warning(),
                        levels.critical(),
                        advice == null
                                ? Double.NaN
                                : days(
                                        advice.toWarning().median(),
                                        advice.toWarning().level(),
                                        now,
                                        grid),
                        advice == null
                                ? Double.NaN
                                : days(
                                        advice.toCritical().median(),
                                        advice.toCritical().level(),
                                        now,
                                        grid),
                        likelyDays(result, advice == null ? null : advice.toCapacity(), now, grid),
                        likelyDays(result, advice == null ? null : advice.toWarning(), now, grid),
                        likelyDays(result, advice == null ? null : advice.toCritical(), now, grid),
                        grid.daily ? 100 * result.confidenceLevel() : Double.NaN,
                        result.model().name(),
                        result.modelName(),
                        result.runnerUp().map(score -> score.family().name()).orElse(""),
                        result.accuracy().smape(),
                        result.accuracy().mase(),
                        result.accuracy().skillVersusNaive(),
                        runnerUpMase(result),
                        track,
                        100 * result.dataQuality().score(),
                        (double) grid.series.length() / grid.stepsPerDay(),
                        (int) (grid.length / 1000),
                        result.dataQuality().observations(),
                        advice == null
                                ? CapacityAdvice.Urgency.NONE.name()
                                : advice.urgency().name(),
                        words(resource, advice, scaling, now, projections),
                        pattern(result, grid, rate),
                        scaling == null ? List.of() : scaling.options());
        return new Made(
                forecast,
                near(result, grid, ForecastPoint::lo95),
                near(result, grid, ForecastPoint::hi95));
    }

    private static @Nullable Grid grid(
            Resource resource, ResourceHistory history, TrackRecord track) {
        AdaptiveWidth width = new AdaptiveWidth(track.width());
        long end = history.currentEnd;
        long today = Points.step(end, DAY);
        int days = history.days.size();
        boolean todayEnded = end == (today + 1) * DAY;
        if (resource.peaks() && !todayEnded && Points.step(history.days.lastEnd(), DAY) == today) {
            // The highest of a day that goes on is not yet known.
            days--;
        }
        if (days >= LEAST_DAYS) {
            TimeSeries series =
                    series(
                            Arrays.copyOf(history.days.ends, days),
                            Arrays.copyOf(history.days.values, days),
                            DAY);
            long lag = today - series.lastStep();
            return lag > STALE_DAYS
                    ? null
                    : new Grid(
                            series,
                            DAY,
                            options(HORIZON_DAYS, PATH_DAYS + (int) lag, history, width),
                            lag,
                            true);
        }
        Points hours = resource.peaks() ? history.hours : held(history.hours);
        if (hours.size() < LEAST_HOURS) {
            return null;
        }
        TimeSeries series = series(hours.ends, hours.values, HOUR);
        long lag = Points.step(end, HOUR) - series.lastStep();
        return lag > LEVEL_HOLDS_HOURS
                ? null
                : new Grid(
                        series,
                        HOUR,
                        options(HORIZON_HOURS, PATH_HOURS + (int) lag, history, width),
                        lag,
                        false);
    }

    private static ForecastOptions options(
            int horizon, int path, ResourceHistory history, AdaptiveWidth width) {
        ForecastOptions options =
                ForecastOptions.ofHorizon(horizon).withPath(path).withWidth(width);
        return history.capacity > 0 ? options.withCapacity(history.capacity) : options;
    }

    private static TimeSeries series(long[] ends, double[] values, long length) {
        long[] steps = new long[ends.length];
        Arrays.setAll(steps, i -> Points.step(ends[i], length));
        return TimeSeries.ofSteps(steps, values);
    }

    /** Hours without a report between two reports have the earlier one's value. */
    private static Points held(Points hours) {
        Points held = new Points();
        for (int i = 0; i < hours.size(); i++) {
            if (i > 0) {
                long missing =
                        Points.step(hours.ends[i], HOUR) - Points.step(hours.ends[i - 1], HOUR) - 1;
                for (long h = 1; h <= missing && missing <= LEVEL_HOLDS_HOURS; h++) {
                    held.put(hours.ends[i - 1] + h * HOUR, hours.values[i - 1], HOUR, false);
                }
            }
            held.put(hours.ends[i], hours.values[i], HOUR, true);
        }
        return held;
    }

    /** Days until a level, NaN for never. */
    private static double days(OptionalInt steps, double level, double now, Grid grid) {
        if (now >= level) {
            return 0;
        }
        return steps.isEmpty()
                ? Double.NaN
                : Math.max(0.0, (double) (steps.getAsInt() - grid.lag) / grid.stepsPerDay());
    }

    /** Days until a level is more likely than not to have been reached, NaN for never. */
    private static double likelyDays(
            ForecastResult result, @Nullable TimeToCapacity time, double now, Grid grid) {
        return time == null
                ? Double.NaN
                : days(result.expectedBy(time.level()), time.level(), now, grid);
    }

    /** Over 30 days: percent of the present level, and a day in the resource's unit. */
    private static double[] growth(ForecastResult result, Grid grid) {
        int steps = 30 * grid.stepsPerDay();
        double change = result.at(steps).mean() - result.lastValue();
        double level = Math.abs(result.lastValue());
        double percentage =
                grid.daily
                        ? result.growthRatePercentage()
                        : level > 0 ? 100 * change / level : change == 0 ? 0 : Double.NaN;
        return new double[] {percentage, change / 30};
    }

    private static double runnerUpMase(ForecastResult result) {
        double error = result.accuracy().meanAbsoluteError();
        return result.runnerUp().isEmpty() || !(error > 0)
                ? Double.NaN
                : result.accuracy().mase() * result.runnerUp().get().meanAbsoluteError() / error;
    }

    private static double[] near(
            ForecastResult result, Grid grid, ToDoubleFunction<ForecastPoint> bound) {
        double[] near = new double[NEAR_DAYS];
        Arrays.setAll(near, i -> bound.applyAsDouble(result.at((int) grid.stepsAhead(i + 1))));
        return near;
    }

    private static GrowthPatternFinding pattern(ForecastResult result, Grid grid, double[] rate) {
        int season = History.of(grid.series, 0).seasons().primary();
        long last = grid.series.lastStep();
        return new GrowthPatternFinding(
                result.pattern().name(),
                100 * result.patternConfidence(),
                rate[0],
                rate[1],
                season > 1 ? season * grid.length / 1000 : 0,
                result.dataQuality().outliers(),
                result.dataQuality().missing(),
                (last - grid.series.length() + 1) * grid.length,
                (last + 1) * grid.length,
                result.dataQuality().observations());
    }

    /** The farthest that was backtested. */
    private static Projection far(List<Projection> projections) {
        Projection far = projections.get(0);
        for (Projection projection : projections) {
            far = projection.days() <= HORIZON_DAYS ? projection : far;
        }
        return far;
    }

    /** What acts comes first, and what does not only says how things are. */
    static String together(CapacityAdvice advice, @Nullable Scaling scaling) {
        if (scaling == null) {
            return advice.action();
        }
        if (!scaling.acts()) {
            return advice.action() + " " + scaling.state();
        }
        return advice.acts()
                ? advice.action() + " " + scaling.action()
                : scaling.action() + " " + advice.state();
    }

    private static String words(
            Resource resource,
            @Nullable CapacityAdvice advice,
            @Nullable Scaling scaling,
            double now,
            List<Projection> projections) {
        String figures = " Figures in " + resource.unit() + ".";
        if (advice != null) {
            return together(advice, scaling) + figures;
        }
        Projection far = far(projections);
        return String.format(
                        Locale.ROOT,
                        "No limit is known: %,.0f now, %,.0f in %d days (%,.0f to %,.0f in four"
                                + " cases of five).",
                        now,
                        far.mean(),
                        far.days(),
                        far.lo80(),
                        far.hi80())
                + figures;
    }
}
