package io.onevault.connectors.model;

/**
 * A stretch of time for which nothing was collected. A poll that did not happen cannot be
 * recovered; it leaves this instead of silence.
 *
 * @param target the configured name of the watched server
 * @param poll the poll that did not happen, the change stream's name, {@code locks}, or {@code
 *     serverlog}
 * @param from start of the stretch, milliseconds since the epoch
 * @param to end of the stretch, milliseconds since the epoch
 * @param reason {@code UNREACHABLE, TIMEOUT, SKIPPED, PRIVILEGE, EXTENSION, VERSION, ERROR}; of a
 *     change stream also {@code SLOT_MISSING, SLOT_UNFINISHED, SLOT_LOST, SLOT_AHEAD, SLOT_FOREIGN,
 *     SERVER_BEHIND, OTHER_SERVER, PUBLICATION_MISSING, TABLE_MISSING, TABLE_ADDED,
 *     PARTITION_ATTACHED, PARTITION_DETACHED}; of a server's log also {@code LOG_DISABLED,
 *     LOG_LOST}
 * @param detail one sentence with the remedy, without secrets
 */
public record CollectionGap(
        String target, String poll, long from, long to, String reason, String detail) {}
