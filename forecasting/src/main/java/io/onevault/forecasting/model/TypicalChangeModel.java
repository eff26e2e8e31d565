package io.onevault.forecasting.model;

import io.onevault.forecasting.fit.Order;

/**
 * The last value plus a quantile of the changes seen over as many steps in the past: the median is
 * the best forecast of a series that grows in rare jumps, where the mean is dominated by one of
 * them.
 *
 * <p>Historical simulation with overlapping windows; horizons in between are interpolated, longer
 * ones continue at the last one's pace. Cost: O(k log k) an origin and knot, k at most 36 windows.
 */
public final class TypicalChangeModel {

    private static final int MOST_WINDOWS = 36;

    private TypicalChangeModel() {}

    /**
     * @param knots ascending numbers of steps at which the change is measured
     * @param share quantile of the changes, 0.5 for the median
     * @param memory how many past steps count
     */
    public static GrowthModel of(double[] y, int[] knots, double share, int memory, String name) {
        return GrowthModel.of(
                ModelFamily.TYPICAL_CHANGE, name, origin -> path(y, knots, share, memory, origin));
    }

    private static Path path(double[] y, int[] knots, double share, int memory, int origin) {
        double last = y[origin - 1];
        double[] change = new double[knots.length];
        double[] sample = new double[MOST_WINDOWS + 1];
        for (int k = 0; k < knots.length; k++) {
            int oldest = Math.max(0, origin - memory);
            int windows = origin - oldest - knots[k];
            if (windows < 2) {
                change[k] = k == 0 ? 0 : change[k - 1] * knots[k] / knots[k - 1];
                continue;
            }
            int stride = Math.max(1, (windows + MOST_WINDOWS - 1) / MOST_WINDOWS);
            int count = 0;
            for (int end = origin - 1; end - knots[k] >= oldest; end -= stride) {
                sample[count++] = y[end] - y[end - knots[k]];
            }
            change[k] = Order.quantileInPlace(sample, count, share);
        }
        return step -> last + interpolate(knots, change, step);
    }

    private static double interpolate(int[] knots, double[] change, int step) {
        int before = 0;
        double beforeChange = 0;
        for (int k = 0; k < knots.length; k++) {
            if (step <= knots[k]) {
                double share = (double) (step - before) / (knots[k] - before);
                return beforeChange + share * (change[k] - beforeChange);
            }
            before = knots[k];
            beforeChange = change[k];
        }
        return beforeChange * step / before;
    }
}
