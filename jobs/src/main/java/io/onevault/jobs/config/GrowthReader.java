package io.onevault.jobs.config;

import io.onevault.jobs.capacity.TenantGrowthSettings;
import java.time.Duration;
import java.util.Map;

/** Reads how the growth of tenants is followed. */
final class GrowthReader {

    private static final Duration DAY = Duration.ofDays(1);

    private GrowthReader() {}

    static TenantGrowthSettings read(Section growth) {
        TenantGrowthSettings defaults = TenantGrowthSettings.DEFAULT;
        Section.Value written = growth.value("period");
        Duration period = growth.duration("period", defaults.period(), Duration.ofSeconds(1), DAY);
        if (period.toMillis() % 1_000 != 0 || DAY.toMillis() % period.toMillis() != 0) {
            if (written != null) {
                growth.problem(
                        written,
                        "does not divide a day into whole seconds",
                        "write for example 1m, 15m, 1h or 1d");
            }
            period = defaults.period();
        }
        String column = growth.text("tenant_column", defaults.tenantColumn());
        Map<String, String> owners = growth.texts("owner_columns");
        Duration expiry = growth.duration("expiry", defaults.expiry(), DAY, Duration.ofDays(3_650));
        growth.done();
        return new TenantGrowthSettings(period, column, owners, expiry);
    }
}
