package io.onevault.jobs.metrics;

import io.onevault.jobs.metrics.baseline.HourRating;
import java.util.Map;

/**
 * How a series was in an hour, or in the window in which it began to be unusual, beside its own
 * past at that hour of the week.
 *
 * @param series text of its id
 * @param target the configured name of the watched server
 * @param tenant the tenant's business key, empty for none
 * @param metric the metric's name in the catalogue
 * @param labels what tells this series from others of the metric
 * @param unit of value and expected value
 * @param rating EXCELLENT, GOOD, FAIR, POOR or CRITICAL
 * @param stretch what was found
 */
public record SeriesRating(
        String series,
        String target,
        String tenant,
        String metric,
        Map<String, String> labels,
        String unit,
        String rating,
        HourRating stretch) {

    private static final double FAIR = 3;
    private static final double POOR = 6;
    private static final double CRITICAL = 12;

    /**
     * Of a window's series.
     *
     * @param worse 1 where high is bad, -1 where low is, 0 where both are unusual alone
     */
    static SeriesRating of(MetricWindow window, HourRating stretch, int worse) {
        return new SeriesRating(
                window.series(),
                window.target(),
                window.tenant(),
                window.metric(),
                window.labels(),
                window.unit(),
                rating(stretch.score(), worse),
                stretch);
    }

    private static String rating(double score, int worse) {
        double bad = worse == 0 ? Math.abs(score) : worse * score;
        if (bad >= CRITICAL) {
            return "CRITICAL";
        }
        if (bad >= POOR) {
            return "POOR";
        }
        if (bad >= FAIR) {
            return "FAIR";
        }
        return bad > -FAIR ? "GOOD" : "EXCELLENT";
    }
}
