package io.onevault.jobs.metrics;

import io.onevault.connectors.model.SeriesId;
import java.util.Map;

/**
 * What one series did in one window of event time.
 *
 * <p>A late sample makes a further row for the same series and window, and so does a changed rule.
 * Of all rows for one window the one with the largest {@code (sampleCount, revision, ruleVersion)}
 * stands, in whatever order they arrive.
 *
 * @param series text of the {@link SeriesId}; the hub's business key
 * @param target the configured name of the watched server
 * @param tenant the tenant's business key, empty for none
 * @param metric the metric's name in the catalogue
 * @param labels what tells this series from others of the metric
 * @param category PERFORMANCE, AVAILABILITY, SECURITY or CAPACITY
 * @param unit of every value here, e.g. {@code per_second}
 * @param windowStart inclusive, milliseconds since the epoch on the watched server's clock
 * @param windowSeconds length: 60 by default, 3600 and 86400 for roll-ups
 * @param sampleCount samples that fell into the window; 0 says that data is missing
 * @param revision timestamp of the sample before the window which its first rate was computed from;
 *     0 for gauges
 * @param min smallest value; NaN when there is none
 * @param max largest value
 * @param mean arithmetic mean of the values
 * @param last value of the latest sample
 * @param p50 median
 * @param p95 95th percentile
 * @param p99 99th percentile
 * @param status NORMAL, WARNING, CRITICAL or UNKNOWN
 * @param warning the warning threshold in force, NaN for none
 * @param critical the critical threshold in force, NaN for none
 * @param measuredAt timestamp of the latest sample, milliseconds since the epoch
 * @param ruleName the rule that gave status and thresholds; empty for the catalogue's own
 * @param ruleVersion up to which place in the log of the vault the changes of rules were known to
 *     whoever judged; 0 when none were
 */
public record MetricWindow(
        String series,
        String target,
        String tenant,
        String metric,
        Map<String, String> labels,
        String category,
        String unit,
        long windowStart,
        int windowSeconds,
        long sampleCount,
        long revision,
        double min,
        double max,
        double mean,
        double last,
        double p50,
        double p95,
        double p99,
        String status,
        double warning,
        double critical,
        long measuredAt,
        String ruleName,
        long ruleVersion) {

    /** Exclusive end of the window, milliseconds since the epoch. */
    public long windowEnd() {
        return windowStart + windowSeconds * 1000L;
    }

    /** The same window judged by a rule, or by the catalogue when {@code rule} is empty. */
    public MetricWindow judged(
            String newStatus, double newWarning, double newCritical, String rule, long version) {
        return new MetricWindow(
                series,
                target,
                tenant,
                metric,
                labels,
                category,
                unit,
                windowStart,
                windowSeconds,
                sampleCount,
                revision,
                min,
                max,
                mean,
                last,
                p50,
                p95,
                p99,
                newStatus,
                newWarning,
                newCritical,
                measuredAt,
                rule,
                version);
    }
}
