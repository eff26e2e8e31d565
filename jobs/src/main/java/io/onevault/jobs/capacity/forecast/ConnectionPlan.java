package io.onevault.jobs.capacity.forecast;

import java.io.Serializable;
import org.jspecify.annotations.Nullable;

/**
 * How applications reach a server, as nobody but its operators knows: from the configuration.
 *
 * @param pods application instances
 * @param poolSize connections each instance may open
 * @param users served at the busiest time
 * @param roleLimit connection limit of the role, null for none
 * @param reserved of {@code max_connections}, those that ordinary roles may not open
 * @param pooler PgBouncer in between, null for none
 */
public record ConnectionPlan(
        int pods,
        int poolSize,
        int users,
        @Nullable Integer roleLimit,
        int reserved,
        @Nullable Pooler pooler)
        implements Serializable {

    private static final long serialVersionUID = 1L;

    /** What PostgreSQL reserves for superusers unless told otherwise. */
    public static final int USUALLY_RESERVED = 3;

    /**
     * PgBouncer in transaction mode.
     *
     * @param poolSize server connections it may open
     * @param maxClients client connections it accepts
     */
    public record Pooler(int poolSize, int maxClients) implements Serializable {
        private static final long serialVersionUID = 1L;
    }
}
