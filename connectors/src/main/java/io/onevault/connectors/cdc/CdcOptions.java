package io.onevault.connectors.cdc;

import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.secret.Secret;
import java.io.Serializable;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a change source reads and within which bounds; {@link PostgresCdcSource.Builder} says what
 * each means and its default.
 *
 * @param tables {@code schema.table} each
 */
public record CdcOptions(
        String target,
        String url,
        String user,
        Secret password,
        String slot,
        String publication,
        List<String> tables,
        Duration heartbeat,
        Duration networkTimeout,
        Duration retryDelay,
        int queueCapacity,
        long queueBytes,
        int fetchSize,
        int confirmBehind,
        Duration outOfOrder,
        Duration idleAfter)
        implements Serializable {

    private static final long serialVersionUID = 1L;

    private static final Pattern SLOT_NAME = Pattern.compile("[a-z0-9_]{1,63}");

    public CdcOptions {
        if (target.isBlank()) {
            throw new IllegalArgumentException("a change source needs the name of its target");
        }
        if (!url.startsWith("jdbc:postgresql:")) {
            throw new IllegalArgumentException(
                    "target %s: the url must start with jdbc:postgresql:".formatted(target));
        }
        if (url.toLowerCase(Locale.ROOT).contains("password=")) {
            throw new IllegalArgumentException(
                    "target %s: take the password out of the url and set it as password"
                            .formatted(target));
        }
        if (!SLOT_NAME.matcher(slot).matches()) {
            throw new IllegalArgumentException(
                    "target %s: slot name \"%s\": use up to 63 lower-case letters, digits and underscores"
                            .formatted(target, slot));
        }
        if (publication.isBlank()) {
            throw new IllegalArgumentException(
                    "target %s: the change source needs a publication".formatted(target));
        }
        tables = List.copyOf(tables);
        if (tables.isEmpty()) {
            throw new IllegalArgumentException(
                    "target %s: name the tables whose changes are read".formatted(target));
        }
        for (String table : tables) {
            int dot = table.indexOf('.');
            if (dot < 1 || dot == table.length() - 1) {
                throw new IllegalArgumentException(
                        "target %s: table \"%s\": write schema.table".formatted(target, table));
            }
        }
        if (heartbeat.toMillis() < 100 || retryDelay.toMillis() < 10) {
            throw new IllegalArgumentException(
                    "target %s: heartbeat at least 100 ms, retry delay at least 10 ms"
                            .formatted(target));
        }
        if (networkTimeout.toSeconds() < 1) {
            throw new IllegalArgumentException(
                    "target %s: network timeout at least 1 s".formatted(target));
        }
        if (outOfOrder.isNegative() || idleAfter.isNegative()) {
            throw new IllegalArgumentException(
                    "target %s: neither watermark bound nor idle time may be negative"
                            .formatted(target));
        }
        if (queueCapacity < 1 || queueBytes < 1 || fetchSize < 1 || confirmBehind < 0) {
            throw new IllegalArgumentException(
                    "target %s: queue capacity, queue bytes and fetch size at least 1, confirmBehind at least 0"
                            .formatted(target));
        }
    }

    /** The stream's name in gaps, and the split's id. */
    public String streamName() {
        return "cdc/" + slot;
    }

    /**
     * The stream to go on with when a job is restored: the restored one, or, when it was read from
     * another slot, a new one.
     */
    public CdcSplit resumed(CdcSplit restored) {
        return restored.splitId().equals(streamName()) ? restored : CdcSplit.fresh(streamName());
    }

    /** A table's schema as configured. */
    public static String schemaOf(String table) {
        return table.substring(0, table.indexOf('.'));
    }

    /** A table's name as configured, without its schema. */
    public static String nameOf(String table) {
        return table.substring(table.indexOf('.') + 1);
    }
}
