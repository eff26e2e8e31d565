package io.onevault.forecasting.model;

import io.onevault.forecasting.fit.WindowSums;

/**
 * Exponential growth {@code a e^(b t)}: least squares in the logarithm, over all history or
 * continued from the last value with the rate of a recent window. Only for positive series. The
 * exponent is bounded, so that a burst of growth cannot be extrapolated to infinity. Cost: O(1) a
 * forecast from prefix sums.
 */
public final class ExponentialModel {

    /** Growth beyond e^4 (55-fold) within a forecast is not believed. */
    private static final double MAX_EXPONENT = 4;

    private ExponentialModel() {}

    public static GrowthModel line(WindowSums logSums) {
        return GrowthModel.of(
                ModelFamily.EXPONENTIAL,
                "log-linear",
                origin -> {
                    double rate = logSums.slope(0, origin);
                    double end = logSums.mean(0, origin) + rate * (origin - 1) / 2.0;
                    return step -> Math.exp(end + bounded(rate * step));
                });
    }

    public static GrowthModel anchored(double[] y, WindowSums logSums, int window) {
        return GrowthModel.of(
                ModelFamily.EXPONENTIAL,
                window == Integer.MAX_VALUE ? "log-linear-anchored" : "log-linear-" + window,
                origin -> {
                    double rate = logSums.slope(Math.max(0, origin - window), origin);
                    double last = y[origin - 1];
                    return step -> last * Math.exp(bounded(rate * step));
                });
    }

    private static double bounded(double exponent) {
        return Math.max(-MAX_EXPONENT, Math.min(MAX_EXPONENT, exponent));
    }
}
