package io.onevault.connectors.model;

/**
 * A change that could not be decoded. Its neighbours are delivered.
 *
 * @param target the configured name of the watched server
 * @param relation schema and table as far as known, else empty
 * @param lsn where the change stands in the log, or where the snapshot was taken
 * @param transactionId the transaction, 0 in a snapshot
 * @param ordinal place within the transaction or snapshot
 * @param timestamp when the change was committed, or the snapshot was taken; server's clock,
 *     milliseconds since the epoch
 * @param reason why it could not be decoded
 * @param content what was received: each column as text, as hexadecimal digits where it is none; at
 *     most a mebibyte
 */
public record CdcDeadLetter(
        String target,
        String relation,
        long lsn,
        long transactionId,
        long ordinal,
        long timestamp,
        String reason,
        String content) {}
