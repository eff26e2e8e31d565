package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.BOOLEAN;
import static io.onevault.connectors.vault.VaultTable.ColumnType.DOUBLE;
import static io.onevault.connectors.vault.VaultTable.ColumnType.JSON;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP;

import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.jobs.metrics.SeriesRating;
import io.onevault.jobs.metrics.baseline.HourRating;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ratings of series beside their own past in {@code monitoring.performance_metric_s}: the hub is
 * the series, a row's load date the end of what is rated. Of an hour and its last window that
 * window stands.
 */
public final class PerformanceMetricRows {

    public static final VaultTable TABLE =
            new VaultTable(
                    "monitoring",
                    "performance_metric_h",
                    "performance_metric_s",
                    "performance_metric",
                    List.of(
                            new Column("target_name", TEXT),
                            new Column("metric_name", TEXT),
                            new Column("metric_unit", TEXT),
                            new Column("metric_value", DOUBLE),
                            new Column("baseline_value", DOUBLE),
                            new Column("deviation_score", DOUBLE),
                            new Column("is_anomaly", BOOLEAN),
                            new Column("performance_rating", TEXT),
                            new Column("measurement_period_start", TIMESTAMP),
                            new Column("measurement_period_end", TIMESTAMP),
                            new Column("labels", JSON)),
                    List.of("measurement_period_start"),
                    "ONEVAULT_STREAMS_METRICS");

    private PerformanceMetricRows() {}

    /** The row of a rating. */
    public static VaultRow row(SeriesRating rating) {
        HourRating stretch = rating.stretch();
        return new VaultRow(
                rating.series(),
                rating.tenant(),
                stretch.until(),
                Arrays.<@Nullable Object>asList(
                        rating.target(),
                        rating.metric(),
                        rating.unit(),
                        stretch.value(),
                        stretch.expected(),
                        stretch.score(),
                        stretch.unusual(),
                        rating.rating(),
                        stretch.from(),
                        stretch.until(),
                        Json.object(rating.labels())));
    }
}
