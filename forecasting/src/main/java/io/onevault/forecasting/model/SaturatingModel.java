package io.onevault.forecasting.model;

import io.onevault.forecasting.fit.LogisticFit;

/**
 * Logistic growth into a limit (Verhulst 1838), continued from the last value: the curve's own error at the
 * origin is carried along. NaN where the series does not bend. Cost: bounded search an origin.
 */
public final class SaturatingModel {

    private SaturatingModel() {}

    public static GrowthModel of(double[] y) {
        return GrowthModel.of(
                ModelFamily.SATURATING,
                "logistic",
                origin -> {
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
