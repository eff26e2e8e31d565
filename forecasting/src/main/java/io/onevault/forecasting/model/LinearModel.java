package io.onevault.forecasting.model;

import io.onevault.forecasting.fit.WindowSums;

/**
 * Straight lines by ordinary least squares (Gauss 1809): over all history, or the slope of a recent
 * window continued from the last value. Unit of the slope: value per step. Cost: O(1) a forecast
 * from prefix sums.
 */
public final class LinearModel {

    private LinearModel() {}

    /** The regression line itself. */
    public static GrowthModel line(WindowSums sums, ModelFamily family, String name, int window) {
        return GrowthModel.of(
                family,
                name,
                origin -> {
                    int from = Math.max(0, origin - window);
                    double slope = sums.slope(from, origin);
                    double end = sums.mean(from, origin) + slope * (origin - 1 - from) / 2.0;
                    return step -> end + slope * step;
                });
    }

    /** The slope of the last {@code window} steps, starting at the last value. */
    public static GrowthModel anchored(
            double[] y, WindowSums sums, ModelFamily family, String name, int window) {
        return GrowthModel.of(
                family,
                name,
                origin -> {
                    double slope = sums.slope(Math.max(0, origin - window), origin);
                    double last = y[origin - 1];
                    return step -> last + slope * step;
                });
    }
}
