package io.onevault.forecasting.capacity;

import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * How an application reaches its database, and what it needed so far.
 *
 * @param pods application instances
 * @param poolSizePerPod connections each instance may open
 * @param roleLimit connection limit of the role, empty for none
 * @param clusterLimit {@code max_connections}
 * @param reserved connections of the cluster kept for superusers and other roles
 * @param pgBouncer pooler in between, null for none
 * @param users users served at the busiest time
 * @param peakConnections connections open at that time
 * @param peakActive connections that were executing at that time, 0 when that is not known
 */
public record ConnectionSetup(
        int pods,
        int poolSizePerPod,
        OptionalInt roleLimit,
        int clusterLimit,
        int reserved,
        @Nullable PgBouncer pgBouncer,
        int users,
        int peakConnections,
        int peakActive) {

    /**
     * A pooler in transaction mode.
     *
     * @param poolSize server connections it may open
     * @param maxClients client connections it accepts
     */
    public record PgBouncer(int poolSize, int maxClients) {}

    public ConnectionSetup {
        if (pods < 1 || poolSizePerPod < 1 || clusterLimit < 1) {
            throw new IllegalArgumentException(
                    "Pods, pool size and cluster limit must be at least 1.");
        }
    }
}
