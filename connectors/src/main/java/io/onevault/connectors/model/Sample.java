package io.onevault.connectors.model;

/**
 * One observation of one series, as the watched server gave it: counters are not yet rates.
 *
 * @param series the text of a {@link SeriesId}
 * @param timestamp the watched server's clock, milliseconds since the epoch
 * @param value the gauge's or cumulative counter's value, in the metric's unit
 * @param per the cumulative denominator of a {@link MetricKind#RATIO}; otherwise 1
 * @param counterEpoch when the counter began to count (statistics reset or server start),
 *     milliseconds since the epoch; 0 when unknown or a gauge. A later epoch is a reset.
 */
public record Sample(String series, long timestamp, double value, double per, long counterEpoch) {

    /** A gauge's observation. */
    public static Sample gauge(String series, long timestamp, double value) {
        return new Sample(series, timestamp, value, 1, 0);
    }
}
