package io.onevault.jobs.locks.incident;

/**
 * Who waits in a {@link BlockingIncident}.
 *
 * @param pid the process
 * @param backendStartMicros when it started, server's clock, microseconds since the epoch
 * @param blockedBy the process it waits for on the shortest way to the root; 0 for a prepared
 *     transaction
 * @param hard whether that one holds what it wants, or is only served first
 * @param depth how many locks lie between it and the root, 1 or more
 * @param user its role
 * @param application as the client names itself
 * @param database where
 * @param lockType what it waits for, e.g. {@code relation}
 * @param lockMode awaited
 * @param relation schema and name of the table concerned, empty when unknown
 * @param waitStartMicros when its wait began
 * @param query its statement without literals
 */
public record Victim(
        int pid,
        long backendStartMicros,
        int blockedBy,
        boolean hard,
        int depth,
        String user,
        String application,
        String database,
        String lockType,
        String lockMode,
        String relation,
        long waitStartMicros,
        String query) {}
