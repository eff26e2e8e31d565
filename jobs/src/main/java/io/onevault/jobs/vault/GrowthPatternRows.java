package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.DOUBLE;
import static io.onevault.connectors.vault.VaultTable.ColumnType.INTEGER;
import static io.onevault.connectors.vault.VaultTable.ColumnType.LONG;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP;

import io.onevault.connectors.vault.VaultLink;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.jobs.capacity.forecast.GrowthPatternFinding;
import io.onevault.jobs.capacity.forecast.Resource;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Patterns of growth in {@code capacity_planning.growth_pattern_s}: the hub is the resource's
 * series, a row's load date that of the forecast made with it.
 */
public final class GrowthPatternRows {

    private static final String OF_FORECAST = "pattern_forecast_l";

    public static final VaultTable TABLE =
            new VaultTable(
                            "capacity_planning",
                            "growth_pattern_h",
                            "growth_pattern_s",
                            "growth_pattern",
                            List.of(
                                    new Column("target_name", TEXT),
                                    new Column("resource_type", TEXT),
                                    new Column("resource_name", TEXT),
                                    new Column("pattern_type", TEXT),
                                    new Column("pattern_confidence", DOUBLE),
                                    new Column("growth_rate_percentage", DOUBLE),
                                    new Column("growth_per_day", DOUBLE),
                                    new Column("season_length_seconds", LONG),
                                    new Column("outlier_count", INTEGER),
                                    new Column("gap_count", INTEGER),
                                    new Column("analysis_start", TIMESTAMP),
                                    new Column("analysis_end", TIMESTAMP),
                                    new Column("observation_count", INTEGER),
                                    new Column("data_quality_score", DOUBLE)),
                            List.of("observation_count"),
                            "ONEVAULT_STREAMS_CAPACITY")
                    .withLinks(
                            new VaultLink(
                                    OF_FORECAST,
                                    "pattern_forecast",
                                    "capacity_forecast_h",
                                    "capacity_forecast",
                                    false));

    private GrowthPatternRows() {}

    /** The row of the pattern that a forecast was made with. */
    public static VaultRow row(ResourceForecast f) {
        Resource resource = f.resource();
        GrowthPatternFinding pattern = f.pattern();
        return new VaultRow(
                resource.series(),
                resource.tenant(),
                f.asOf(),
                Arrays.<@Nullable Object>asList(
                        resource.target(),
                        resource.type(),
                        resource.name(),
                        pattern.type(),
                        number(pattern.confidence()),
                        number(pattern.growthRatePercentage()),
                        number(pattern.growthPerDay()),
                        pattern.seasonSeconds() > 0 ? pattern.seasonSeconds() : null,
                        pattern.outliers(),
                        pattern.gaps(),
                        pattern.start(),
                        pattern.end(),
                        pattern.observations(),
                        number(f.dataQuality())),
                List.of(new VaultRow.Link(OF_FORECAST, resource.series())));
    }

    private static @Nullable Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
