package io.onevault.forecasting.fit;

import java.util.Arrays;

/**
 * Order statistics. Selection is Hoare's (1961) with the median of three as pivot; when it does not
 * get there in a bounded number of rounds it sorts. Cost: O(n) expected, O(n log n) at worst.
 */
public final class Order {

    private Order() {}

    /** Median; NaN when there is none. Reorders the array. */
    public static double medianInPlace(double[] values, int count) {
        return quantileInPlace(values, count, 0.5);
    }

    /** Quantile, linear between order statistics; NaN when there is none. Reorders the array. */
    public static double quantileInPlace(double[] values, int count, double share) {
        if (count == 0) {
            return Double.NaN;
        }
        double at = Math.max(0, Math.min(count - 1, share * (count - 1)));
        int below = (int) at;
        double low = select(values, count, below);
        if (at == below) {
            return low;
        }
        double high = Double.POSITIVE_INFINITY;
        for (int i = below + 1; i < count; i++) {
            high = Math.min(high, values[i]);
        }
        return low + (at - below) * (high - low);
    }

    /** The value that sorting would put at {@code rank}; smaller ones end up before it. */
    public static double select(double[] values, int count, int rank) {
        int left = 0;
        int right = count - 1;
        int rounds = 4 * (32 - Integer.numberOfLeadingZeros(count));
        while (left < right) {
            if (rounds-- == 0) {
                Arrays.sort(values, left, right + 1);
                break;
            }
            double pivot = middle(values[left], values[(left + right) >>> 1], values[right]);
            int i = left;
            int j = right;
            while (i <= j) {
                while (values[i] < pivot) {
                    i++;
                }
                while (values[j] > pivot) {
                    j--;
                }
                if (i <= j) {
                    double swap = values[i];
                    values[i++] = values[j];
                    values[j--] = swap;
                }
            }
            if (rank <= j) {
                right = j;
            } else if (rank >= i) {
                left = i;
            } else {
                break;
            }
        }
        return values[rank];
    }

    private static double middle(double a, double b, double c) {
        return Math.max(Math.min(a, b), Math.min(Math.max(a, b), c));
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
