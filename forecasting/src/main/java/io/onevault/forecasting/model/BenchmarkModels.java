package io.onevault.forecasting.model;

/**
 * The forecasts every other has to beat: the last value (naive), the last value of the same season,
 * and the straight line through first and last value (drift). Source: Hyndman &amp; Athanasopoulos,
 * Forecasting: Principles and Practice, 5.2. Cost: O(1) a forecast.
 */
public final class BenchmarkModels {

    public static final String NAIVE = "naive";
    public static final String DRIFT = "drift";

    private BenchmarkModels() {}

    public static GrowthModel naive(double[] y) {
        return GrowthModel.of(
                ModelFamily.NAIVE,
                NAIVE,
                origin -> {
                    double last = y[origin - 1];
                    return step -> last;
                });
    }

    public static GrowthModel seasonalNaive(double[] y, int season) {
        return GrowthModel.of(
                ModelFamily.SEASONAL_NAIVE,
                "seasonal-naive-" + season,
                origin ->
                        step -> {
                            int back = (step + season - 1) / season * season;
                            int at = origin - 1 + step - back;
                            return at >= 0 ? y[at] : y[origin - 1];
                        });
    }

    public static GrowthModel drift(double[] y) {
        return drift(y, ModelFamily.DRIFT, DRIFT, Integer.MAX_VALUE);
    }

    /** Line through the last value and the one {@code window} steps before. */
    public static GrowthModel drift(double[] y, ModelFamily family, String name, int window) {
        return GrowthModel.of(
                family,
                name,
                origin -> {
                    double last = y[origin - 1];
                    int first = Math.max(0, origin - 1 - window);
                    int span = origin - 1 - first;
                    double slope = span == 0 ? 0 : (last - y[first]) / span;
                    return step -> last + slope * step;
                });
    }
}
