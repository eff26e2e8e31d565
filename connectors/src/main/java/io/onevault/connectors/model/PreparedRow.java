package io.onevault.connectors.model;

/**
 * One transaction that is prepared for two-phase commit and keeps its locks without a process: a
 * row of {@code pg_prepared_xacts}.
 *
 * @param transactionId 32 bits; the transaction holds the lock on it
 * @param gid the name the client gave it, without control characters
 * @param preparedMicros when it was prepared, server's clock, microseconds since the epoch
 * @param owner the role that prepared it
 * @param database where
 */
public record PreparedRow(
        long transactionId, String gid, long preparedMicros, String owner, String database) {}
