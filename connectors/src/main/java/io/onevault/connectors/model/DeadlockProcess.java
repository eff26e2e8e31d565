package io.onevault.connectors.model;

/**
 * One of the processes in a deadlock, as the server's report tells.
 *
 * @param pid the process
 * @param lockMode what it waits for, e.g. {@code ShareLock}
 * @param lockTag on what, in the server's words, e.g. {@code transaction 756} or {@code tuple (0,1)
 *     of relation 16384 of database 5}
 * @param blockedBy the process that it waits for, another one of the report
 * @param statement what it ran, without literals; empty when the report does not tell
 * @param fingerprint of the statement, see {@link SessionRow#queryFingerprint()}
 */
public record DeadlockProcess(
        int pid,
        String lockMode,
        String lockTag,
        int blockedBy,
        String statement,
        String fingerprint) {}
