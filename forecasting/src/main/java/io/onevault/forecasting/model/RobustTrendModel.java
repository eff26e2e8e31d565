package io.onevault.forecasting.model;

import io.onevault.forecasting.fit.RobustSlope;

/**
 * Theil-Sen slope of a window continued from the last value; single jumps and outliers do not bend
 * it. Source: Sen (1968, JASA 63). Cost: O(w log w) an origin.
 */
public final class RobustTrendModel {

    private RobustTrendModel() {}

    public static GrowthModel of(double[] y, int window) {
        return GrowthModel.of(
                ModelFamily.ROBUST_TREND,
                window == Integer.MAX_VALUE ? "theil-sen" : "theil-sen-" + window,
                origin -> {
                    double slope = RobustSlope.of(y, Math.max(0, origin - window), origin);
                    double last = y[origin - 1];
                    return step -> last + slope * step;
                });
    }
}
