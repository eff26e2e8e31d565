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
import io.onevault.jobs.capacity.ResourceUtilization;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * States of resources in {@code capacity_planning.resource_utilization_s}: the hub is the series, a
 * row's load date the end of its period. What is not measured stays null.
 */
public final class ResourceUtilizationRows {

    public static final VaultTable TABLE =
            new VaultTable(
                    "capacity_planning",
                    "resource_utilization_h",
                    "resource_utilization_s",
                    "resource_utilization",
                    List.of(
                            new Column("target_name", TEXT),
                            new Column("resource_type", TEXT),
                            new Column("resource_name", TEXT),
                            new Column("resource_unit", TEXT),
                            new Column("measurement_timestamp", TIMESTAMP),
                            new Column("period_start", TIMESTAMP),
                            new Column("period_seconds", INTEGER),
                            new Column("sample_count", LONG),
                            new Column("current_value", DOUBLE),
                            new Column("max_capacity", DOUBLE),
                            new Column("change_1d", DOUBLE),
                            new Column("change_7d", DOUBLE),
                            new Column("change_30d", DOUBLE),
                            new Column("growth_per_day", DOUBLE),
                            new Column("schema_name", TEXT),
                            new Column("object_name", TEXT),
                            new Column("row_count", LONG),
                            new Column("row_count_change_1d", LONG),
                            new Column("measurement_source", TEXT),
                            new Column("labels", JSON),
                            new Column("available_capacity", DOUBLE),
                            new Column("utilization_percentage", DOUBLE)),
                    List.of("sample_count"),
                    "ONEVAULT_STREAMS_CAPACITY");

    private ResourceUtilizationRows() {}

    /** The row of a resource's state. */
    public static VaultRow row(ResourceUtilization u) {
        return new VaultRow(
                u.series(),
                u.tenant(),
                u.periodEnd(),
                Arrays.<@Nullable Object>asList(
                        u.target(),
                        u.resourceType(),
                        u.resourceName(),
                        u.unit(),
                        u.periodEnd(),
                        u.periodStart(),
                        u.periodSeconds(),
                        u.sampleCount(),
                        u.currentValue(),
                        number(u.maxCapacity()),
                        number(u.change1d()),
                        number(u.change7d()),
                        number(u.change30d()),
                        number(u.growthPerDay()),
                        text(u.schemaName()),
                        text(u.objectName()),
                        u.rowCount(),
                        u.rowCountChange1d(),
                        u.source(),
                        Json.object(u.labels()),
                        number(u.maxCapacity() - u.currentValue()),
                        // A limit of nothing has no share.
                        u.maxCapacity() > 0 ? 100 * u.currentValue() / u.maxCapacity() : null));
    }

    private static @Nullable Double number(double value) {
        return Double.isNaN(value) ? null : value;
    }

    private static @Nullable String text(String value) {
        return value.isEmpty() ? null : value;
    }
}
