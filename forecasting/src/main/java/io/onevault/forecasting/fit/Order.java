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

    /** Mean with weights that need not sum to 1; NaN when they are all 0 or a value is. */
    public static double weightedMean(double[] values, double[] weights) {
        double sum = 0;
        double total = 0;
        for (int i = 0; i < values.length; i++) {
            sum += weights[i] * values[i];
            total += weights[i];
        }
        return sum / total;
    }

    /** Lower weighted median of a few values; sorts both arrays. NaN when a value is. */
    public static double weightedMedian(double[] values, double[] weights) {
        double total = 0;
        for (int i = 0; i < values.length; i++) {
            double value = values[i];
            double weight = weights[i];
            if (Double.isNaN(value)) {
                return Double.NaN;
            }
            int at = i;
            while (at > 0 && values[at - 1] > value) {
                values[at] = values[at - 1];
                weights[at] = weights[at - 1];
                at--;
            }
            values[at] = value;
            weights[at] = weight;
            total += weight;
        }
        double below = 0;
        for (int i = 0; i < values.length; i++) {
            below += weights[i];
            if (below >= total / 2) {
                return values[i];
            }
        }
        return Double.NaN;
    }
}
