package io.onevault.jobs.capacity;

import io.onevault.jobs.capacity.attribution.TenantColumns;
import java.io.Serializable;
import java.time.Duration;
import java.util.Map;

/**
 * How the growth of tenants is followed. All times are event time.
 *
 * @param period length of a period, whole seconds that divide a day; default one hour
 * @param tenantColumn the column by which hubs know their tenant; default {@code tenant_hk}
 * @param ownerColumns for tables ({@code schema.table}) whose columns' names do not tell, the
 *     column that holds their hub's key; default none
 * @param expiry a target that is silent for this long, at most twice as long, loses the counter of
 *     its events, which begins again from the next event's time; default 30 days
 */
public record TenantGrowthSettings(
        Duration period, String tenantColumn, Map<String, String> ownerColumns, Duration expiry)
        implements Serializable {

    public static final TenantGrowthSettings DEFAULT =
            new TenantGrowthSettings(
                    Duration.ofHours(1), "tenant_hk", Map.of(), Duration.ofDays(30));

    public TenantGrowthSettings {
        ownerColumns = Map.copyOf(ownerColumns);
        if (period.toSeconds() < 1
                || !period.equals(Duration.ofSeconds(period.toSeconds()))
                || Duration.ofDays(1).toSeconds() % period.toSeconds() != 0) {
            throw new IllegalArgumentException(
                    "a period of growth lasts whole seconds that divide a day");
        }
        if (tenantColumn.isBlank()) {
            throw new IllegalArgumentException("the tenant's column needs a name");
        }
        if (expiry.compareTo(Duration.ofDays(1)) < 0) {
            throw new IllegalArgumentException("a target is remembered for at least a day");
        }
    }

    /** The same with another length of periods. */
    public TenantGrowthSettings withPeriod(Duration length) {
        return new TenantGrowthSettings(length, tenantColumn, ownerColumns, expiry);
    }

    TenantColumns columns() {
        return new TenantColumns(tenantColumn, ownerColumns);
    }
}
