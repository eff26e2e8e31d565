package io.onevault.jobs.locks.resolution;

import io.onevault.jobs.locks.incident.Blocker;

/**
 * What was decided on the root of an incident so far. Times are the watched server's clock in
 * microseconds since the epoch.
 *
 * @param pid of the root
 * @param backendStartMicros of the root
 * @param xactStartMicros of the root
 * @param said decision and refusing rules of the last record, so that it is not repeated
 * @param signal last decision to act, {@code CANCEL} or {@code TERMINATE}; empty for none
 * @param pending whether that is still to be carried out
 * @param signalledAtMicros when it was carried out or given up
 * @param outcome what came of it, as {@link LockResolution#outcome}
 * @param attempts how many times something was to be sent
 */
public record RootHistory(
        int pid,
        long backendStartMicros,
        long xactStartMicros,
        String said,
        String signal,
        boolean pending,
        long signalledAtMicros,
        String outcome,
        int attempts) {

    /** Of a root that nothing was decided on. */
    public static RootHistory of(Blocker root) {
        return new RootHistory(
                root.pid(),
                root.backendStartMicros(),
                root.xactStartMicros(),
                "",
                "",
                false,
                0,
                "",
                0);
    }

    /** Whether this is about that session and transaction. */
    boolean isOf(Blocker root) {
        return isOfSession(root.pid(), root.backendStartMicros())
                && xactStartMicros == root.xactStartMicros();
    }

    boolean isOfSession(int otherPid, long otherStart) {
        return pid == otherPid && backendStartMicros == otherStart;
    }

    RootHistory saying(String signature) {
        return new RootHistory(
                pid,
                backendStartMicros,
                xactStartMicros,
                signature,
                signal,
                pending,
                signalledAtMicros,
                outcome,
                attempts);
    }

    RootHistory ordering(String decision) {
        return new RootHistory(
                pid,
                backendStartMicros,
                xactStartMicros,
                said,
                decision,
                true,
                0,
                "",
                attempts + 1);
    }

    RootHistory having(String result, long atMicros) {
        return new RootHistory(
                pid,
                backendStartMicros,
                xactStartMicros,
                said,
                signal,
                false,
                atMicros,
                result,
                attempts);
    }

    /** With what was done to the same root for another incident; itself when that is another's. */
    RootHistory sharing(RootHistory other) {
        boolean same =
                isOfSession(other.pid, other.backendStartMicros)
                        && xactStartMicros == other.xactStartMicros;
        return same && !other.pending && !other.signal.isEmpty() && !pending
                ? new RootHistory(
                        pid,
                        backendStartMicros,
                        xactStartMicros,
                        said,
                        other.signal,
                        false,
                        other.signalledAtMicros,
                        other.outcome,
                        other.attempts)
                : this;
    }
}
