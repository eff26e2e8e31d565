package io.onevault.jobs.capacity.attribution;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happened to a tenant in a period that is not over.
 *
 * @param changes by table
 * @param name the tenant's business key since, null when nothing is said of it
 */
public record TenantPeriod(Map<String, Amount> changes, @Nullable String name) {

    /** The period with one more change; a name that is known goes before one that is not. */
    public static TenantPeriod with(@Nullable TenantPeriod period, TenantDelta delta) {
        Map<String, Amount> changes = new HashMap<>();
        String name = delta.name();
        if (period != null) {
            changes.putAll(period.changes);
            name = name == null || (name.isEmpty() && period.name != null) ? period.name : name;
        }
        if (!delta.relation().isEmpty()) {
            changes.merge(delta.relation(), delta.amount(), Amount::plus);
        }
        return new TenantPeriod(changes, name);
    }
}
