package io.onevault.forecasting.model;

import io.onevault.forecasting.fit.Smoothing;
import io.onevault.forecasting.fit.WindowSums;

/**
 * No growth: a level that follows the data slowly (simple exponential smoothing, Brown 1956) or the
 * mean of everything, which is best for noise around a constant. Cost: O(n) once, O(1) a forecast.
 */
public final class FlatModel {

    private FlatModel() {}

    public static GrowthModel mean(WindowSums sums) {
        return GrowthModel.of(
                ModelFamily.FLAT,
                "mean",
                origin -> {
                    double mean = sums.mean(0, origin);
                    return step -> mean;
                });
    }

    public static GrowthModel smoothed(double[] y, double weight) {
        Smoothing smoothing = new Smoothing(y, 1, 1, new Smoothing.Weights(weight, 0, 0, 0, 0, 0));
        return GrowthModel.of(
                ModelFamily.FLAT,
                "level-" + weight,
                origin -> {
                    double level = smoothing.level(origin - 1);
                    return step -> level;
                });
    }
}
