package io.onevault.jobs.metrics;

import io.onevault.connectors.model.MetricKind;
import io.onevault.connectors.model.Sample;
import org.jspecify.annotations.Nullable;

/**
 * Values from samples: a gauge's own value, a counter's increase per second, a ratio's increase of
 * one counter over the increase of another.
 *
 * <p>A counter that was reset between two samples, which its epoch or a smaller count tells, gives
 * no value for that interval: what was counted before the reset is lost, and any figure would be
 * invented. The next interval is right again.
 */
final class CounterRate {

    private static final double MILLIS_PER_SECOND = 1000;

    private CounterRate() {}

    /**
     * The value that {@code sample} stands for, or NaN when it has none.
     *
     * @param previous the sample before it, null when unknown; its timestamp is smaller
     * @param leastSpacing milliseconds that the two must be apart
     */
    static double value(
            MetricKind kind, @Nullable Sample previous, Sample sample, long leastSpacing) {
        if (kind == MetricKind.GAUGE) {
            return sample.value();
        }
        if (previous == null
                || wasReset(previous, sample)
                || sample.timestamp() - previous.timestamp() < leastSpacing) {
            return Double.NaN;
        }
        double increase = sample.value() - previous.value();
        if (kind == MetricKind.COUNTER) {
            return increase * MILLIS_PER_SECOND / (sample.timestamp() - previous.timestamp());
        }
        double base = sample.per() - previous.per();
        return base > 0 ? increase / base : Double.NaN;
    }

    private static boolean wasReset(Sample previous, Sample sample) {
        return sample.counterEpoch() != previous.counterEpoch()
                || sample.value() < previous.value()
                || sample.per() < previous.per();
    }
}
