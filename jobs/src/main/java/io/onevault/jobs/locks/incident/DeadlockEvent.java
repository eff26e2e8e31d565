package io.onevault.jobs.locks.incident;

import java.util.List;

/**
 * One deadlock, however often and by whomever it was seen: in samples of the lock table, in the
 * server's log, in the server's counter. Times are the watched server's clock in microseconds since
 * the epoch.
 *
 * @param key the hub's business key; the same whichever source told first
 * @param target the configured name of the watched server
 * @param tenant business key of the one tenant it concerns, empty for none or several
 * @param tenants all it concerns, sorted
 * @param database where, empty when unknown
 * @param outcome {@code OPEN} while the cycle stands, {@code DEADLOCK} when the server ended it,
 *     {@code NEAR_MISS} when something else did
 * @param resolution of a near miss how it ended, as {@link LockWait#resolution}, which may be empty
 *     too; empty otherwise
 * @param source {@code LOCK_GRAPH}, {@code SERVER_LOG}, {@code LOCK_GRAPH+SERVER_LOG}, {@code
 *     LOCK_GRAPH+COUNTER} or {@code COUNTER}, which alone knows no members
 * @param deadlockAtMicros when the cycle closed, as far as is known
 * @param detectedAtMicros when a sample showed it, 0 when none did
 * @param reportedAtMicros when the server told, 0 until then
 * @param endedAtMicros when the cycle stood no more: what the log tells, else the earliest sign of
 *     it that the sessions show; 0 while {@code OPEN}
 * @param observedAtMicros when this was seen; the row's load date
 * @param count how many deadlocks this is: 1, and more only for what the counter alone tells
 * @param members in the order of the cycle
 * @param victimPid the process that the server ended, 0 when unknown
 */
public record DeadlockEvent(
        String key,
        String target,
        String tenant,
        List<String> tenants,
        String database,
        String outcome,
        String resolution,
        String source,
        long deadlockAtMicros,
        long detectedAtMicros,
        long reportedAtMicros,
        long endedAtMicros,
        long observedAtMicros,
        int count,
        List<DeadlockMember> members,
        int victimPid) {

    /** Whether a sample showed the cycle before the server ended it. */
    public boolean detectedBeforeServer() {
        return detectedAtMicros > 0
                && (reportedAtMicros == 0 || detectedAtMicros < reportedAtMicros);
    }
}
