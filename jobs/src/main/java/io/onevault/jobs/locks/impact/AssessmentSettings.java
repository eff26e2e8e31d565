package io.onevault.jobs.locks.impact;

import java.io.Serializable;
import java.util.List;
import java.util.Map;

/**
 * What impact and tenants are judged by.
 *
 * @param weights of the terms of the score
 * @param criticalTables tables the business depends on, {@code table} or {@code schema.table},
 *     quoted where SQL would need it
 * @param adminUsers roles of administrators
 * @param businessHours when people work
 * @param tenants target to the patterns that tell its tenants; targets without any may be missing
 */
public record AssessmentSettings(
        ImpactWeights weights,
        List<String> criticalTables,
        List<String> adminUsers,
        HourRange businessHours,
        Map<String, TenantPatterns> tenants)
        implements Serializable {

    /** Terms, tables and hours of the platform this was made for. */
    public static final AssessmentSettings DEFAULT =
            new AssessmentSettings(
                    ImpactWeights.DEFAULT,
                    List.of("user_profile_s", "transaction_details_s", "asset_details_s"),
                    List.of("postgres"),
                    new HourRange(8, 18, "UTC"),
                    Map.of());

    public AssessmentSettings {
        criticalTables = List.copyOf(criticalTables);
        adminUsers = List.copyOf(adminUsers);
        tenants = Map.copyOf(tenants);
    }

    /** The same with patterns for tenants. */
    public AssessmentSettings withTenants(Map<String, TenantPatterns> patterns) {
        return new AssessmentSettings(weights, criticalTables, adminUsers, businessHours, patterns);
    }
}
