package io.onevault.forecasting;

import io.onevault.forecasting.interval.AdaptiveWidth;
import java.util.OptionalDouble;

/**
 * What to forecast.
 *
 * @param horizon steps ahead that are reported and backtested
 * @param season season length in steps; 0 or 1 if not known, then it is looked for
 * @param capacity where the resource is full, in the series' unit
 * @param width factor on the intervals learned from past forecasts, see {@link AdaptiveWidth}
 */
public record ForecastOptions(
        int horizon, int season, OptionalDouble capacity, AdaptiveWidth width) {

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
        if (season < 0) {
            throw new IllegalArgumentException(
                    "The season must not be negative, not " + season + ".");
        }
    }

    public static ForecastOptions ofHorizon(int horizon) {
        return new ForecastOptions(horizon, 0, OptionalDouble.empty(), AdaptiveWidth.start());
    }

    public ForecastOptions withSeason(int steps) {
        return new ForecastOptions(horizon, steps, capacity, width);
    }

    public ForecastOptions withCapacity(double value) {
        return new ForecastOptions(horizon, season, OptionalDouble.of(value), width);
    }

    public ForecastOptions withWidth(AdaptiveWidth learned) {
        return new ForecastOptions(horizon, season, capacity, learned);
    }

    /** Steps ahead within which a capacity is looked for. */
    public int reach() {
        return CAPACITY_HORIZONS * horizon;
    }
}
