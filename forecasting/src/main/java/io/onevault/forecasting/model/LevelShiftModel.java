package io.onevault.forecasting.model;

import io.onevault.forecasting.fit.WindowSums;

/**
 * Growth without the jumps: the last value plus the mean of the ordinary changes, jumps left out;
 * and the slope since the last change of regime. An onboarding or an archive run happens once and
 * is not a trend.
 *
 * <p>Jumps are changes far above the usual (see {@code ChangePoints}); the idea of removing level
 * shifts before fitting is Tsay (1988), Journal of Forecasting 7. Cost: O(n) once, O(1) a forecast.
 */
public final class LevelShiftModel {

    private LevelShiftModel() {}

    /** Mean ordinary change over all history. */
    public static GrowthModel withoutJumps(double[] y, int[] jumps) {
        double[] ordinary = new double[y.length];
        int next = 0;
        for (int i = 1; i < y.length; i++) {
            boolean jump = next < jumps.length && jumps[next] == i;
            next += jump ? 1 : 0;
            ordinary[i] = ordinary[i - 1] + (jump ? 0 : y[i] - y[i - 1]);
        }
        return GrowthModel.of(
                ModelFamily.LEVEL_SHIFT,
                "without-jumps",
                origin -> {
                    double last = y[origin - 1];
                    double slope = origin < 2 ? 0 : ordinary[origin - 1] / (origin - 1);
                    return step -> last + slope * step;
                });
    }

    /**
     * Least squares line since the last change known at the origin.
     *
     * @param starts first positions of regimes, ascending
     * @param confirm points that must have passed before a change is known
     */
    public static GrowthModel sinceChange(
            double[] y, WindowSums sums, int[] starts, int confirm, boolean flat) {
        return GrowthModel.of(
                ModelFamily.LEVEL_SHIFT,
                flat ? "level-since-change" : "trend-since-change",
                origin -> {
                    int from = 0;
                    for (int start : starts) {
                        from = start + confirm <= origin ? start : from;
                    }
                    if (flat) {
                        double level = sums.mean(from, origin);
                        return step -> level;
                    }
                    double slope = sums.slope(from, origin);
                    double last = y[origin - 1];
                    return step -> last + slope * step;
                });
    }
}
