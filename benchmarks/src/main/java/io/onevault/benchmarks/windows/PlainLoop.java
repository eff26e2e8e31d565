package io.onevault.benchmarks.windows;

import io.onevault.connectors.model.Sample;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * The limit: the same rates, statistics and thresholds in one loop over the samples, a hash map for
 * the series and no state to be restored, no lateness, no roll-ups, no rows.
 */
final class PlainLoop {

    private static final double WARNING = 300;

    /** A series in its current window. */
    private static final class Series {
        private final double[] values = new double[SampleStream.SAMPLES_PER_WINDOW];
        private int count;
        private double lastCount = Double.NaN;
        private long lastTimestamp;
    }

    private PlainLoop() {}

    /** Runs; returns something computed from every window, so that nothing can be left out. */
    static double run(SampleStream stream) {
        String[] ids = stream.ids();
        Map<String, Series> open = new HashMap<>();
        double digest = 0;
        long window = Long.MIN_VALUE;
        for (long i = 0; i < stream.size(); i++) {
            Sample sample = stream.at(i, ids);
            long own = Math.floorDiv(sample.timestamp(), SampleStream.WINDOW_MILLIS);
            if (own != window) {
                digest += close(open);
                window = own;
            }
            Series series = open.computeIfAbsent(sample.series(), id -> new Series());
            if (sample.counterEpoch() == 0) {
                series.values[series.count++] = sample.value();
            } else {
                if (sample.value() >= series.lastCount) {
                    series.values[series.count++] =
                            (sample.value() - series.lastCount)
                                    * 1000
                                    / (sample.timestamp() - series.lastTimestamp);
                }
                series.lastCount = sample.value();
                series.lastTimestamp = sample.timestamp();
            }
        }
        return digest + close(open);
    }

    private static double close(Map<String, Series> open) {
        double digest = 0;
        for (Series series : open.values()) {
            int count = series.count;
            if (count == 0) {
                continue;
            }
            double last = series.values[count - 1];
            double sum = 0;
            for (int i = 0; i < count; i++) {
                sum += series.values[i];
            }
            Arrays.sort(series.values, 0, count);
            double mean = sum / count;
            digest +=
                    series.values[0]
                            + series.values[count - 1]
                            + mean
                            + last
                            + percentile(series, 0.50)
                            + percentile(series, 0.95)
                            + percentile(series, 0.99)
                            + (mean >= WARNING ? 1 : 0);
            series.count = 0;
        }
        return digest;
    }

    private static double percentile(Series series, double quantile) {
        int rank = (int) Math.ceil(quantile * series.count);
        return series.values[Math.max(rank, 1) - 1];
    }
}
