package io.onevault.connectors.locks;

import java.util.List;

/**
 * Whom to signal, and what must still be true of it on the server. Times are the server's clock in
 * microseconds since the epoch.
 *
 * @param signal what to send
 * @param pid of the session that blocks
 * @param backendStartMicros when it started, which tells it from a later one with its pid
 * @param xactStartMicros when its transaction began, which tells it from a later one of the session
 * @param idle whether it must be idle in that transaction; otherwise it must run a statement, or
 *     idle when it is to be terminated
 * @param victims who wait for it directly; one of them must still do so
 * @param blockingSinceMicros since when it is known to block somebody in this transaction
 * @param minimumWaitMicros how long that one must have waited, the session have blocked, and one
 *     that idles have idled
 * @param notAfterMicros nothing is sent after this moment
 */
public record SignalRequest(
        Signal signal,
        int pid,
        long backendStartMicros,
        long xactStartMicros,
        boolean idle,
        List<Waiter> victims,
        long blockingSinceMicros,
        long minimumWaitMicros,
        long notAfterMicros) {

    public SignalRequest {
        victims = List.copyOf(victims);
    }

    /** What is sent. */
    public enum Signal {
        /** Nothing: all is checked, and only that. */
        NONE,
        /** {@code pg_cancel_backend}. */
        CANCEL,
        /** {@code pg_terminate_backend}. */
        TERMINATE
    }

    /** A session that waits. */
    public record Waiter(int pid, long backendStartMicros) {}
}
