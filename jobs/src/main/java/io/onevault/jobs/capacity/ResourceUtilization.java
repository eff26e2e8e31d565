package io.onevault.jobs.capacity;

import io.onevault.connectors.model.SeriesId;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How full a resource is at the end of a period of event time.
 *
 * @param series text of the {@link SeriesId}; the hub's business key
 * @param target the configured name of the watched server
 * @param tenant the tenant's business key, {@code \x} and hexadecimal digits where only its hash is
 *     known, empty for none
 * @param resourceType as the vault names it, e.g. {@code STORAGE}
 * @param resourceName for people
 * @param unit of every value here, e.g. {@code bytes}
 * @param schemaName of the object, empty for none
 * @param objectName the table, empty for none
 * @param labels what tells this series from others of its metric
 * @param periodStart inclusive, milliseconds since the epoch on the watched server's clock
 * @param periodSeconds the period's length
 * @param sampleCount measurements in the period; from changes, rows read, inserted or updated
 * @param currentValue at the period's end
 * @param maxCapacity NaN when no limit is known
 * @param change1d since a day ago, NaN when the series is younger
 * @param change7d since seven days ago
 * @param change30d since thirty days ago
 * @param growthPerDay mean of the last seven days, NaN when the series is younger
 * @param rowCount rows at the period's end, null when the resource has none
 * @param rowCountChange1d since a day ago, null when not known
 * @param executing most connections that executed a statement in the period, NaN for other
 *     resources or when not measured
 * @param source what measured it, e.g. {@code CDC}
 */
public record ResourceUtilization(
        String series,
        String target,
        String tenant,
        String resourceType,
        String resourceName,
        String unit,
        String schemaName,
        String objectName,
        Map<String, String> labels,
        long periodStart,
        int periodSeconds,
        long sampleCount,
        double currentValue,
        double maxCapacity,
        double change1d,
        double change7d,
        double change30d,
        double growthPerDay,
        @Nullable Long rowCount,
        @Nullable Long rowCountChange1d,
        double executing,
        String source) {

    /** Exclusive end of the period, milliseconds since the epoch. */
    public long periodEnd() {
        return periodStart + periodSeconds * 1000L;
    }
}
