package io.onevault.connectors.vault;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One version of one thing: what a satellite holds of a hub from {@code loadDate} on, and which
 * other things it belongs with.
 *
 * @param businessKey of the hub
 * @param tenant business key of the tenant the hub belongs to, or its hash key as {@code \x} and 64
 *     lower-case hexadecimal digits where only that is known; null or empty for none. When the rows
 *     of a hub differ, that of the newest one holds
 * @param loadDate event time, milliseconds since the epoch
 * @param payload values in the order of the table's columns, of the Java classes their types name
 * @param links to other hubs; written with the row
 */
public record VaultRow(
        String businessKey,
        @Nullable String tenant,
        long loadDate,
        List<@Nullable Object> payload,
        List<Link> links) {

    /** A row that links its hub to no other. */
    public VaultRow(
            String businessKey,
            @Nullable String tenant,
            long loadDate,
            List<@Nullable Object> payload) {
        this(businessKey, tenant, loadDate, payload, List.of());
    }

    /**
     * A link from the row's hub.
     *
     * @param table the {@link VaultLink#table}
     * @param businessKey of the other hub
     */
    public record Link(String table, String businessKey) {}
}
