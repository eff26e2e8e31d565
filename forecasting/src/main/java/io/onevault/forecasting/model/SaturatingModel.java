package io.onevault.forecasting.model;

import io.onevault.forecasting.fit.LogisticFit;
import io.onevault.forecasting.fit.WindowSums;

/**
 * Logistic growth into a limit (Verhulst 1838), continued from the last value: the curve's own
 * error at the origin is carried along. NaN where the series does not bend. Cost: bounded search an
 * origin.
 */
public final class SaturatingModel {

    private static final double SLOWER = 0.8;

    private SaturatingModel() {}

    public static GrowthModel of(double[] y, WindowSums sums) {
        return GrowthModel.of(
                ModelFamily.SATURATING,
                "logistic",
                origin -> {
                    // Without a clearly slower last third there is nothing to search for.
                    double recent = sums.slope(origin - origin / 3, origin);
                    double overall = sums.slope(0, origin);
                    if (overall <= 0 || recent > SLOWER * overall) {
                        return step -> Double.NaN;
                    }
                    LogisticFit fit = LogisticFit.of(y, origin);
                    if (!fit.usable()) {
                        return step -> Double.NaN;
                    }
                    double gap = y[origin - 1] - fit.at(origin - 1);
                    double halfLife = Math.max(1, origin / 10.0);
                    int last = origin - 1;
                    return step -> fit.at(last + step) + gap * Math.exp(-step / halfLife);
                });
    }
}
