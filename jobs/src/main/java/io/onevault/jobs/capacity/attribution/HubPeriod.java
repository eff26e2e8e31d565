package io.onevault.jobs.capacity.attribution;

import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What happened to an owner in a period that is not over.
 *
 * @param target the configured name of the watched server
 * @param changes by table
 * @param tenants the owner's tenant as tables say it since
 * @param names the tenant's business key as tables say it since
 */
public record HubPeriod(
        String target,
        Map<String, Amount> changes,
        Map<String, Said> tenants,
        Map<String, Said> names) {

    /** The period with one more change. */
    public static HubPeriod with(@Nullable HubPeriod period, OwnerDelta delta) {
        Map<String, Amount> changes = new HashMap<>();
        Map<String, Said> tenants = new HashMap<>();
        Map<String, Said> names = new HashMap<>();
        if (period != null) {
            changes.putAll(period.changes);
            tenants.putAll(period.tenants);
            names.putAll(period.names);
        }
        changes.merge(delta.relation(), delta.amount(), Amount::plus);
        say(tenants, delta.relation(), delta.tenant(), delta.sequence());
        say(names, delta.relation(), delta.name(), delta.sequence());
        return new HubPeriod(delta.target(), changes, tenants, names);
    }

    private static void say(
            Map<String, Said> said, String relation, @Nullable String text, long sequence) {
        if (text != null) {
            said.merge(relation, new Said(text, sequence), Said::later);
        }
    }
}
