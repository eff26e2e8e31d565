package io.onevault.connectors.locks;

/**
 * What a probe saw.
 *
 * @param serverMicros server's clock, microseconds since the epoch
 * @param privileged whether waits of others are shown to this user
 * @param waiters processes that wait for a lock
 * @param lasting those of them who may have waited for half a probe interval or longer
 * @param idleHolders sessions that wrote something and have idled in their transaction for long
 * @param lockTable what the lock table holds that would block writers
 */
record LockProbe(
        long serverMicros,
        boolean privileged,
        int waiters,
        int lasting,
        int idleHolders,
        LockTable lockTable) {

    /** Whether locks are held that would block writers. */
    enum LockTable {
        NOT_ASKED,
        HARMLESS,
        DANGEROUS
    }
}
