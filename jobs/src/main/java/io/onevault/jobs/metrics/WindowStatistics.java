package io.onevault.jobs.metrics;

import io.onevault.connectors.model.MetricKind;
import io.onevault.connectors.model.Sample;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Statistics over the values of one window: exact, by sorting, O(n log n).
 *
 * @param count number of values; 0 when the window gave none
 * @param min smallest value, NaN when there is none; likewise the others
 * @param max largest value
 * @param mean arithmetic mean
 * @param last value of the latest sample that has one
 * @param p50 median, by nearest rank
 * @param p95 95th percentile, by nearest rank
 * @param p99 99th percentile, by nearest rank
 * @param sorted the values in ascending order
 */
@SuppressWarnings("ArrayRecordComponent") // Never compared; the array spares a copy.
record WindowStatistics(
        int count,
        double min,
        double max,
        double mean,
        double last,
        double p50,
        double p95,
        double p99,
        double[] sorted) {

    /**
     * Computes them.
     *
     * @param previous the sample before the window's first, null when unknown
     * @param leastSpacing milliseconds that two samples of a counter must be apart to give a rate
     */
    static WindowStatistics of(
            MetricKind kind,
            String series,
            @Nullable Sample previous,
            SampleBuffer buffer,
            long leastSpacing) {
        double[] values = new double[buffer.size];
        int count = 0;
        double sum = 0;
        double last = Double.NaN;
        if (kind == MetricKind.GAUGE) {
            for (int i = 0; i < buffer.size; i++) {
                double value = buffer.values[i];
                if (Double.isFinite(value)) {
                    values[count++] = value;
                    sum += value;
                    last = value;
                }
            }
        } else {
            Sample before = previous;
            for (int i = 0; i < buffer.size; i++) {
                Sample sample = buffer.get(series, i);
                double value = CounterRate.value(kind, before, sample, leastSpacing);
                before = sample;
                if (Double.isFinite(value)) {
                    values[count++] = value;
                    sum += value;
                    last = value;
                }
            }
        }
        if (count == 0) {
            double none = Double.NaN;
            return new WindowStatistics(0, none, none, none, none, none, none, none, values);
        }
        double[] sorted = count == values.length ? values : Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return new WindowStatistics(
                count,
                sorted[0],
                sorted[count - 1],
                sum / count,
                last,
                percentile(sorted, 0.50),
                percentile(sorted, 0.95),
                percentile(sorted, 0.99),
                sorted);
    }

    private static double percentile(double[] sorted, double quantile) {
        int rank = (int) Math.ceil(quantile * sorted.length);
        return sorted[Math.max(rank, 1) - 1];
    }
}
