package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.DOUBLE;
import static io.onevault.connectors.vault.VaultTable.ColumnType.INTEGER;
import static io.onevault.connectors.vault.VaultTable.ColumnType.JSON;
import static io.onevault.connectors.vault.VaultTable.ColumnType.LONG;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP;

import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.jobs.metrics.MetricWindow;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Metric windows in {@code monitoring.system_health_s}, roll-ups in {@code system_health_hourly_s}
 * and {@code system_health_daily_s}: the hub is the series, a row's load date the end of its
 * window.
 */
public final class MetricWindowRows {

    private static final List<Column> COLUMNS =
            List.of(
                    new Column("metric_name", TEXT),
                    new Column("metric_category", TEXT),
                    new Column("metric_value", DOUBLE),
                    new Column("metric_unit", TEXT),
                    new Column("threshold_warning", DOUBLE),
                    new Column("threshold_critical", DOUBLE),
                    new Column("status", TEXT),
                    new Column("measurement_timestamp", TIMESTAMP),
                    new Column("target_name", TEXT),
                    new Column("labels", JSON),
                    new Column("window_start", TIMESTAMP),
                    new Column("window_seconds", INTEGER),
                    new Column("sample_count", LONG),
                    new Column("revision", LONG),
                    new Column("value_min", DOUBLE),
                    new Column("value_max", DOUBLE),
                    new Column("value_mean", DOUBLE),
                    new Column("value_last", DOUBLE),
                    new Column("value_p50", DOUBLE),
                    new Column("value_p95", DOUBLE),
                    new Column("value_p99", DOUBLE),
                    new Column("rule_name", TEXT),
                    new Column("rule_version", LONG, 0L));

    /** Windows as they are cut, one minute by default. */
    public static final VaultTable WINDOWS = table("system_health_s");

    /** Roll-ups to the hour. */
    public static final VaultTable HOURS = table("system_health_hourly_s");

    /** Roll-ups to the day. */
    public static final VaultTable DAYS = table("system_health_daily_s");

    private MetricWindowRows() {}

    /** The row of a window, whichever its length. */
    public static VaultRow row(MetricWindow w) {
        return new VaultRow(
                w.series(),
                w.tenant(),
                w.windowEnd(),
                Arrays.<@Nullable Object>asList(
                        w.metric(),
                        w.category(),
                        number(w.mean()),
                        w.unit(),
                        number(w.warning()),
                        number(w.critical()),
                        w.status(),
                        w.measuredAt(),
                        w.target(),
                        Json.object(w.labels()),
                        w.windowStart(),
                        w.windowSeconds(),
                        w.sampleCount(),
                        w.revision(),
                        number(w.min()),
                        number(w.max()),
                        number(w.mean()),
                        number(w.last()),
                        number(w.p50()),
                        number(w.p95()),
                        number(w.p99()),
                        w.ruleName().isEmpty() ? null : w.ruleName(),
                        w.ruleVersion()));
    }

    private static @Nullable Double number(double value) {
        return Double.isNaN(value) ? null : value;
    }

    private static VaultTable table(String satellite) {
        return new VaultTable(
                "monitoring",
                "system_health_h",
                satellite,
                "health_metric",
                COLUMNS,
                List.of("sample_count", "revision", "rule_version"),
                "ONEVAULT_STREAMS_METRICS");
    }
}
