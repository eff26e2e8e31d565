package io.onevault.forecasting.fit;

/**
 * Median of pairwise slopes: Theil (1950) and Sen (1968, JASA 63), in the incomplete form of
 * Conover (1980) that pairs each point with the one half a window later. Breakdown point 29 %; cost
 * O(n log n) instead of O(n^2). Unit: value per step.
 */
public final class RobustSlope {

    private static final int MOST_PAIRS = 60;

    private RobustSlope() {}

    /** Slope on positions {@code [from, to)}; 0 when there are fewer than two points. */
    public static double of(double[] y, int from, int to) {
        int half = (to - from) / 2;
        if (half < 1) {
            return 0;
        }
        int pairs = to - from - half;
        int stride = Math.max(1, pairs / MOST_PAIRS);
        double[] slopes = new double[pairs / stride + 1];
        int count = 0;
        for (int i = to - 1 - half; i >= from; i -= stride) {
            slopes[count++] = (y[i + half] - y[i]) / half;
        }
        return Order.medianInPlace(slopes, count);
    }
}
