package io.onevault.jobs.capacity.attribution;

import java.util.Map;

/**
 * What an owner has at the end of a period.
 *
 * @param target the configured name of the watched server
 * @param totals rows and bytes by table
 * @param tenants the owner's tenant as each table says it; one table, the hub's, unless several
 *     have a key of one name
 * @param names the tenant's business key as each table says it
 */
public record HubState(
        String target,
        Map<String, Amount> totals,
        Map<String, Said> tenants,
        Map<String, Said> names) {

    /** The owner's tenant, empty for none. */
    String tenant() {
        return first(tenants);
    }

    /** The tenant's business key, empty when no row says it. */
    String name() {
        return first(names);
    }

    private static String first(Map<String, Said> byTable) {
        return byTable.entrySet().stream()
                .min(Map.Entry.comparingByKey())
                .map(said -> said.getValue().text())
                .orElse("");
    }
}
