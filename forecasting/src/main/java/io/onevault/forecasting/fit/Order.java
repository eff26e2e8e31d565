package io.onevault.forecasting.fit;

import java.util.Arrays;

/** Order statistics on small arrays. Cost: O(n log n). */
public final class Order {

    private Order() {}

    /** Median; NaN when there is none. The array is sorted in place. */
    public static double medianInPlace(double[] values, int count) {
        if (count == 0) {
            return Double.NaN;
        }
        Arrays.sort(values, 0, count);
        int middle = count / 2;
        return count % 2 == 1
                ? values[middle]
                : values[middle - 1] + (values[middle] - values[middle - 1]) / 2;
    }

    /** Quantile of sorted values, linear between order statistics. */
    public static double quantileOfSorted(double[] sorted, int count, double share) {
        if (count == 0) {
            return Double.NaN;
        }
        double at = Math.max(0, Math.min(count - 1, share * (count - 1)));
        int below = (int) at;
        int above = Math.min(count - 1, below + 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
