package io.onevault.jobs.locks.resolution;

import io.onevault.jobs.locks.incident.Blocker;
import java.util.ArrayList;
import java.util.List;

/**
 * What was decided on the root of an incident so far. Times are the watched server's clock in
 * microseconds since the epoch.
 *
 * @param pid of the root
 * @param backendStartMicros of the root
 * @param xactStartMicros of the root
 * @param said decisions, outcomes and refusing rules of the last {@value #MOST_SAID} records that
 *     differ, so that none is repeated
 * @param recorded whether the incident has a record already, on this root or one before it
 * @param signal last decision to act, {@code CANCEL} or {@code TERMINATE}; empty for none
 * @param pending whether that is still to be carried out
 * @param signalledAtMicros when it was carried out or given up
 * @param outcome what came of it, as {@link LockResolution#outcome}
 * @param rule by which the server refused it, empty when it did not
 * @param sent the last signal that was sent, empty for none
 * @param attempts how many times something was to be sent and failed
 */
public record RootHistory(
        int pid,
        long backendStartMicros,
        long xactStartMicros,
        List<String> said,
        boolean recorded,
        String signal,
        boolean pending,
        long signalledAtMicros,
        String outcome,
        String rule,
        String sent,
        int attempts) {

    static final int MOST_SAID = 20;

    /** Of a root that nothing was decided on. */
    public static RootHistory of(Blocker root) {
        return new RootHistory(
                root.pid(),
                root.backendStartMicros(),
                root.xactStartMicros(),
                List.of(),
                false,
                "",
                false,
                0,
                "",
                "",
                "",
                0);
    }

    /**
     * Of the root there is now: this, when it is the same in the same transaction. What was said of
     * a session is not said again in its next transaction, or one that holds a lock beyond its
     * transactions would be told of at each.
     */
    RootHistory next(Blocker root) {
        if (isOf(root)) {
            return this;
        }
        RootHistory fresh = of(root);
        return new RootHistory(
                fresh.pid,
                fresh.backendStartMicros,
                fresh.xactStartMicros,
                isOfSession(root.pid(), root.backendStartMicros()) ? said : List.of(),
                recorded,
                "",
                false,
                0,
                "",
                "",
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
        List<String> all = new ArrayList<>(said);
        all.remove(signature);
        all.add(signature);
        return new RootHistory(
                pid,
                backendStartMicros,
                xactStartMicros,
                List.copyOf(all.subList(Math.max(0, all.size() - MOST_SAID), all.size())),
                true,
                signal,
                pending,
                signalledAtMicros,
                outcome,
                rule,
                sent,
                attempts);
    }

    RootHistory ordering(String decision) {
        return new RootHistory(
                pid,
                backendStartMicros,
                xactStartMicros,
                said,
                true,
                decision,
                true,
                0,
                "",
                "",
                sent,
                attempts);
    }

    RootHistory having(String result, String refusedBy, long atMicros) {
        return new RootHistory(
                pid,
                backendStartMicros,
                xactStartMicros,
                said,
                recorded,
                signal,
                false,
                atMicros,
                result,
                refusedBy,
                result.equals("SENT") ? signal : sent,
                result.equals("FAILED") ? attempts + 1 : attempts);
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
                        recorded,
                        other.signal,
                        false,
                        other.signalledAtMicros,
                        other.outcome,
                        other.rule,
                        other.sent,
                        other.attempts)
                : this;
    }
}
