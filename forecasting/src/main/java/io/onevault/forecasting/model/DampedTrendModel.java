package io.onevault.forecasting.model;

import io.onevault.forecasting.fit.Smoothing;

/**
 * Holt's linear trend, damped: growth that continues but slows down (Gardner &amp; McKenzie 1985,
 * Management Science 31). Cost: O(n) once, O(1) a forecast.
 */
public final class DampedTrendModel {

    private DampedTrendModel() {}

    public static GrowthModel of(double[] y, Smoothing.Weights weights) {
        Smoothing smoothing = new Smoothing(y, 1, 1, weights);
        return GrowthModel.of(
                ModelFamily.DAMPED_TREND,
                "holt-" + weights.level() + "-" + weights.trend() + "-" + weights.damping(),
                origin -> step -> smoothing.forecast(origin, step));
    }
}
