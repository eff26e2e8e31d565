package io.onevault.forecasting.model;

import io.onevault.forecasting.fit.Smoothing;
import io.onevault.forecasting.fit.WindowSums;
import java.util.Objects;

/**
 * The classic Theta method: simple exponential smoothing plus half the slope of the regression line
 * (Assimakopoulos &amp; Nikolopoulos 2000; the drift form is Hyndman &amp; Billah 2003). The
 * smoothing weight is the one with the least one-step error. Cost: O(n) for each of a few weights
 * once, O(1) a forecast.
 */
public final class ThetaModel {

    private static final double[] WEIGHTS = {0.1, 0.25, 0.45, 0.7, 0.97};

    private ThetaModel() {}

    public static GrowthModel of(double[] y, WindowSums sums) {
        Smoothing best = null;
        double weight = 0;
        for (double candidate : WEIGHTS) {
            Smoothing smoothing =
                    new Smoothing(y, 1, 1, new Smoothing.Weights(candidate, 0, 0, 0, 0, 0));
            if (best == null || smoothing.meanAbsoluteError() < best.meanAbsoluteError()) {
                best = smoothing;
                weight = candidate;
            }
        }
        Smoothing chosen = Objects.requireNonNull(best);
        double alpha = weight;
        return GrowthModel.of(
                ModelFamily.THETA,
                "theta",
                origin -> {
                    double level = chosen.level(origin - 1);
                    double drift = sums.slope(0, origin) / 2;
                    double warm = (1 - Math.pow(1 - alpha, origin)) / alpha;
                    return step -> level + drift * (step - 1 + warm);
                });
    }
}
