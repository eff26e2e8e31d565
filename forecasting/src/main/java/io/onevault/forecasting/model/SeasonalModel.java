package io.onevault.forecasting.model;

import io.onevault.forecasting.fit.Smoothing;
import io.onevault.forecasting.series.Seasons;

/**
 * Seasonal growth: Holt-Winters with damped trend (Winters 1960) and, where a week shows over the
 * day, Taylor's second season (2003, JORS 54), additive or on logarithms; and any other model run
 * on the series without its season. The season is estimated forward in time, so a past origin never
 * sees later cycles. Cost: O(n) once, O(1) a forecast.
 */
public final class SeasonalModel {

    private static final double MAX_LOG = 300;

    private SeasonalModel() {}

    public static GrowthModel additive(Smoothing smoothing, String name) {
        return GrowthModel.of(
                ModelFamily.SEASONAL, name, origin -> step -> smoothing.forecast(origin, step));
    }

    /** The smoothing ran on logarithms. */
    public static GrowthModel multiplicative(Smoothing logSmoothing, String name) {
        return GrowthModel.of(
                ModelFamily.SEASONAL,
                name,
                origin -> step -> Math.exp(Math.min(MAX_LOG, logSmoothing.forecast(origin, step))));
    }

    /** {@code inner} ran on the series without season; the season is added again. */
    public static GrowthModel around(GrowthModel inner, Smoothing season) {
        return GrowthModel.of(
                ModelFamily.SEASONAL,
                inner.name() + "+season",
                origin -> {
                    Path path = inner.from(origin);
                    return step -> path.at(step) + season.seasonal(origin, step);
                });
    }

    /** As {@link #around}, everything on logarithms. */
    public static GrowthModel aroundLog(GrowthModel inner, Smoothing season) {
        return GrowthModel.of(
                ModelFamily.SEASONAL,
                inner.name() + "*season",
                origin -> {
                    Path path = inner.from(origin);
                    return step ->
                            Math.exp(
                                    Math.min(
                                            MAX_LOG,
                                            path.at(step) + season.seasonal(origin, step)));
                });
    }

    /** Mean of the same phase over the last {@code cycles} cycles, moved to the recent level. */
    public static GrowthModel phaseMean(double[] y, int season, int cycles) {
        return GrowthModel.of(
                ModelFamily.SEASONAL,
                "phase-mean-" + season + "x" + cycles,
                origin ->
                        step -> {
                            double sum = 0;
                            int count = 0;
                            int back = (step + season - 1) / season * season;
                            for (int c = 0; c < cycles; c++) {
                                int at = origin - 1 + step - back - c * season;
                                if (at >= 0) {
                                    sum += y[at];
                                    count++;
                                }
                            }
                            return count == 0 ? y[origin - 1] : sum / count;
                        });
    }

    /** The seasons a smoothing is built with. */
    public static Smoothing smoothing(double[] y, Seasons seasons, Smoothing.Weights weights) {
        return new Smoothing(y, seasons.primary(), seasons.secondary(), weights);
    }
}
