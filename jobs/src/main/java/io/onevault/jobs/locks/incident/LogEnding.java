package io.onevault.jobs.locks.incident;

/**
 * How a statement or session ended, as the server's log says.
 *
 * @param pid whose; 0 when the whole server ended
 * @param sessionStartMillis when that process started, in whole seconds; 0 when unknown
 * @param atMicros when, with the log's precision of a millisecond
 * @param resolution as {@link LockWait#resolution}
 */
public record LogEnding(int pid, long sessionStartMillis, long atMicros, String resolution) {

    private static final long MILLI = 1000;
    private static final long SECOND = 1_000_000;

    /** Whether it may be how a wait ended that began and was last possible at these times. */
    boolean ends(long backendStart, long waitStart, long lastPossible) {
        return atMicros + MILLI > waitStart && atMicros <= lastPossible && isOf(backendStart);
    }

    boolean isOf(long backendStart) {
        return pid == 0
                || backendStart == 0
                || sessionStartMillis == 0
                || Math.abs(sessionStartMillis * MILLI - backendStart) <= SECOND;
    }
}
