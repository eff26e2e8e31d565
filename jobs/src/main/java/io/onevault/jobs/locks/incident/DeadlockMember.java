package io.onevault.jobs.locks.incident;

/**
 * One process in a deadlock: it waits for {@code blockedBy}.
 *
 * @param pid the process
 * @param backendStartMicros when it started; 0 when only the server's log told
 * @param user its role, empty when unknown
 * @param application as the client names itself, empty when unknown
 * @param lockType what it waits for, e.g. {@code transactionid}; empty when unknown
 * @param lockMode awaited
 * @param resource what it waits for, in words as the server's log has them
 * @param relation schema and name of the table concerned, empty when unknown
 * @param blockedBy the member that it waits for
 * @param statement what it ran, without literals; empty when unknown
 * @param fingerprint of the statement
 * @param waitKey key of its {@link LockWait}, empty when only the server's log told
 */
public record DeadlockMember(
        int pid,
        long backendStartMicros,
        String user,
        String application,
        String lockType,
        String lockMode,
        String resource,
        String relation,
        int blockedBy,
        String statement,
        String fingerprint,
        String waitKey) {}
