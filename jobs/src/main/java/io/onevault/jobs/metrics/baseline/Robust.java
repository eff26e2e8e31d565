package io.onevault.jobs.metrics.baseline;

import java.util.Arrays;

/** Statistics that a few wild values do not move (Rousseeuw and Croux, JASA 88, 1993). */
final class Robust {

    /** Makes a median absolute deviation the standard deviation of normal values. */
    static final double OF_MAD = 1.4826;

    /** The same for their 90th percentile. */
    private static final double OF_P90 = 1 / 1.6449;

    /** The variance of a median of n normal values is about this times that of their mean. */
    static final double OF_MEDIAN = Math.PI / 2;

    private Robust() {}

    /** Of the first {@code count} values, whose order it changes; NaN of none. */
    static double median(double[] values, int count) {
        if (count == 0) {
            return Double.NaN;
        }
        Arrays.sort(values, 0, count);
        return ofSorted(values, count);
    }

    static double ofSorted(double[] values, int count) {
        int middle = count / 2;
        return count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    /**
     * How far values are from their median, as a standard deviation: by the median distance or by
     * the 90th percentile of the distances, whichever is more, for bursts that come again and again
     * are usual too.
     */
    static double spread(double[] sorted) {
        double median = ofSorted(sorted, sorted.length);
        double[] distances = new double[sorted.length];
        for (int i = 0; i < sorted.length; i++) {
            distances[i] = Math.abs(sorted[i] - median);
        }
        Arrays.sort(distances);
        double far = distances[(int) Math.ceil(0.9 * distances.length) - 1];
        return Math.max(OF_MAD * ofSorted(distances, distances.length), OF_P90 * far);
    }
}
