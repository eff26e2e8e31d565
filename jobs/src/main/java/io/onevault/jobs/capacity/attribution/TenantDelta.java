package io.onevault.jobs.capacity.attribution;

import org.jspecify.annotations.Nullable;

/**
 * A change of what a tenant has in one table in one period.
 *
 * @param target the configured name of the watched server
 * @param tenant text of the tenant column, empty for rows of nobody
 * @param relation {@code schema.table}; empty when only the name changes
 * @param amount what came or went
 * @param name the tenant's business key from now on, empty when it is not known any longer; null
 *     when nothing is said of it
 * @param time milliseconds since the epoch
 */
public record TenantDelta(
        String target,
        String tenant,
        String relation,
        Amount amount,
        @Nullable String name,
        long time) {}
