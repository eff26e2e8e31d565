package io.onevault.connectors.history;

/**
 * What the vault remembers of a resource in an hour or a day.
 *
 * @param series the resource's business key
 * @param target the configured name of the watched server
 * @param tenant the tenant's business key, empty for none
 * @param resourceType as the vault names it, e.g. {@code STORAGE}
 * @param resourceName for people
 * @param unit of the values
 * @param end of the latest state in it, milliseconds since the epoch
 * @param periodSeconds 3600 or 86400
 * @param states how many there were
 * @param last the latest value
 * @param highest the highest value
 * @param capacity of the latest state, NaN for none
 */
public record RememberedUse(
        String series,
        String target,
        String tenant,
        String resourceType,
        String resourceName,
        String unit,
        long end,
        int periodSeconds,
        long states,
        double last,
        double highest,
        double capacity) {}
