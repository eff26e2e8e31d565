package io.onevault.forecasting;

import io.onevault.forecasting.interval.AdaptiveWidth;
import java.util.OptionalDouble;

/**
 * What to forecast.
 *
 * @param horizon steps ahead that are reported and backtested
 * @param season season length in steps; 0 or 1 if not known, then it is looked for
 * @param capacity where the resource is full, in the series' unit
 * @param pathSteps steps the path must reach at least, if more than four horizons; beyond the
 *     horizon it is extrapolated, not backtested
 * @param width factor on the intervals learned from past forecasts, see {@link AdaptiveWidth}
 */
public record ForecastOptions(
        int horizon, int season, OptionalDouble capacity, int pathSteps, AdaptiveWidth width) {

    /** Times to capacity are looked for within this many horizons. */
    public static final int CAPACITY_HORIZONS = 4;

    private static final int MAX_HORIZON = 10_000;

    public ForecastOptions {
        if (horizon < 1 || horizon > MAX_HORIZON) {
            throw new IllegalArgumentException(
                    "The horizon must be between 1 and "
                            + MAX_HORIZON
                            + " steps, not "
                            + horizon
                            + ".");
        }
        if (pathSteps < 0 || pathSteps > CAPACITY_HORIZONS * MAX_HORIZON) {
            throw new IllegalArgumentException(
                    "The path must be between 0 and "
                            + CAPACITY_HORIZONS * MAX_HORIZON
                            + " steps long, not "
                            + pathSteps
                            + ".");
        }
        if (season < 0) {
            throw new IllegalArgumentException(
                    "The season must not be negative, not " + season + ".");
        }
    }

    public static ForecastOptions ofHorizon(int horizon) {
        return new ForecastOptions(horizon, 0, OptionalDouble.empty(), 0, AdaptiveWidth.start());
    }

    public ForecastOptions withSeason(int steps) {
        return new ForecastOptions(horizon, steps, capacity, pathSteps, width);
    }

    public ForecastOptions withCapacity(double value) {
        return new ForecastOptions(horizon, season, OptionalDouble.of(value), pathSteps, width);
    }

    /** For example 365, to report a year ahead beside a horizon of 90 days. */
    public ForecastOptions withPath(int steps) {
        return new ForecastOptions(horizon, season, capacity, steps, width);
    }

    public ForecastOptions withWidth(AdaptiveWidth learned) {
        return new ForecastOptions(horizon, season, capacity, pathSteps, learned);
    }

    /** Steps ahead within which a capacity is looked for. */
    public int reach() {
        return CAPACITY_HORIZONS * horizon;
    }
}
