package io.onevault.connectors.vault;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One version of one thing: what a satellite holds of a hub from {@code loadDate} on.
 *
 * @param businessKey of the hub
 * @param tenant business key of the tenant the hub belongs to, or its hash key as {@code \x} and 64
 *     lower-case hexadecimal digits where only that is known; null for none
 * @param loadDate event time, milliseconds since the epoch
 * @param payload values in the order of the table's columns, of the Java classes their types name
 */
public record VaultRow(
        String businessKey,
        @Nullable String tenant,
        long loadDate,
        List<@Nullable Object> payload) {}
