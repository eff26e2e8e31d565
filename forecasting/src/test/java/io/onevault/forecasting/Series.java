package io.onevault.forecasting;

import io.onevault.forecasting.series.TimeSeries;
import java.util.Random;
import java.util.function.IntToDoubleFunction;

/** Series with a known truth. */
final class Series {

    private Series() {}

    static double[] of(int n, IntToDoubleFunction curve) {
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = curve.applyAsDouble(i);
        }
        return values;
    }

    static double[] noisy(int n, double noise, long seed, IntToDoubleFunction curve) {
        Random random = new Random(seed);
        return of(n, i -> curve.applyAsDouble(i) + noise * random.nextGaussian());
    }

    static double[] walk(int n, double drift, long seed) {
        Random random = new Random(seed);
        double[] values = new double[n];
        for (int i = 1; i < n; i++) {
            values[i] = values[i - 1] + drift + random.nextGaussian();
        }
        return values;
    }

    static ForecastResult forecast(double[] values, int horizon) {
        return new Forecaster()
                .forecast(TimeSeries.ofValues(values), ForecastOptions.ofHorizon(horizon));
    }

    static ForecastResult forecast(double[] values, int horizon, double capacity) {
        return new Forecaster()
                .forecast(
                        TimeSeries.ofValues(values),
                        ForecastOptions.ofHorizon(horizon).withCapacity(capacity));
    }
}
