package io.onevault.jobs.capacity.forecast;

import io.onevault.jobs.capacity.ResourceUtilization;
import java.util.Set;

/**
 * What is forecast.
 *
 * @param series the business key of the resource, its forecast and its pattern
 * @param target the configured name of the watched server
 * @param tenant the tenant's business key, empty for none
 * @param type as the vault names it, e.g. {@code STORAGE}
 * @param name for people
 * @param unit of its values
 */
public record Resource(
        String series, String target, String tenant, String type, String name, String unit) {

    /** The type of a server's client connections. */
    public static final String CONNECTIONS = "CONNECTIONS";

    /** Of these the highest use of a day counts, for that is when they run out. */
    private static final Set<String> PEAKS =
            Set.of(
                    CONNECTIONS,
                    "CPU",
                    "IO",
                    "MEMORY",
                    "WAL",
                    "REPLICATION",
                    "TRANSACTION_ID",
                    "MULTIXACT");

    /** The resource that a state is of. */
    public static Resource of(ResourceUtilization u) {
        return new Resource(
                u.series(), u.target(), u.tenant(), u.resourceType(), u.resourceName(), u.unit());
    }

    /** Whether a day's value is its highest; else it is its last. */
    public static boolean peaks(String type) {
        return PEAKS.contains(type);
    }

    boolean peaks() {
        return peaks(type);
    }
}
