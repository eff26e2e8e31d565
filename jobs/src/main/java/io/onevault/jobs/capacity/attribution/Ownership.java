package io.onevault.jobs.capacity.attribution;

import org.jspecify.annotations.Nullable;

/**
 * Whose a row is.
 *
 * @param owner the hub or tenant that the row belongs to; null when the server did not say because
 *     the update left the column as it was
 * @param tenant the owner's tenant, where the row says it: text of the tenant column, empty for
 *     none; null when the row says nothing of it
 * @param name the tenant's business key, where the row says it
 */
record Ownership(@Nullable Digest owner, @Nullable String tenant, @Nullable String name) {}
