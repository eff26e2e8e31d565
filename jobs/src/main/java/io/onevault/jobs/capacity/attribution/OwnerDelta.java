package io.onevault.jobs.capacity.attribution;

import org.jspecify.annotations.Nullable;

/**
 * A change of what an owner has in one table.
 *
 * @param target the configured name of the watched server
 * @param owner a hub, a tenant, or nobody
 * @param relation {@code schema.table}
 * @param amount what came or went
 * @param tenant the owner's tenant from now on, empty for none; null when nothing is said of it
 * @param name the tenant's business key from now on; null when nothing is said of it
 * @param sequence number of the event it comes from
 * @param time milliseconds since the epoch
 */
public record OwnerDelta(
        String target,
        Digest owner,
        String relation,
        Amount amount,
        @Nullable String tenant,
        @Nullable String name,
        long sequence,
        long time) {}
