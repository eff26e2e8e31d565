package io.onevault.jobs.metrics;

import io.onevault.connectors.model.SeriesId;
import java.util.Map;

/** Windows of 2026 for tests of what judges them. */
final class Windows {

    static final long T0 = 1_767_225_600_000L;

    private Windows() {}

    /** A minute of a series without labels, by the catalogue NORMAL. */
    static MetricWindow minute(String metric, String tenant, int minute, double value) {
        return of(metric, tenant, T0 + minute * 60_000L, 60, value, value, value);
    }

    static MetricWindow of(
            String metric,
            String tenant,
            long start,
            int seconds,
            double min,
            double mean,
            double max) {
        return new MetricWindow(
                new SeriesId("prod", tenant, metric, Map.of()).text(),
                "prod",
                tenant,
                metric,
                Map.of(),
                "PERFORMANCE",
                "count",
                start,
                seconds,
                6,
                0,
                min,
                max,
                mean,
                mean,
                mean,
                mean,
                mean,
                "NORMAL",
                Double.NaN,
                Double.NaN,
                start + 50_000,
                "",
                0);
    }
}
