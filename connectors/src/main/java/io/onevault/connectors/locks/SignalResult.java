package io.onevault.connectors.locks;

/**
 * What the server found and did.
 *
 * @param outcome what came of it
 * @param rule that refused, e.g. {@code superuser}; empty when none did
 * @param detail one sentence
 * @param atMicros the server's clock, microseconds since the epoch; 0 when it was not reached
 */
public record SignalResult(Outcome outcome, String rule, String detail, long atMicros) {

    /** What came of a request. */
    public enum Outcome {
        /** The signal was sent. */
        SENT,
        /** All was allowed, but only checking was asked for. */
        ALLOWED,
        /** What was decided on is no more so: it has ended or changed, or it is too late. */
        GONE,
        /** The session is protected, or cannot be judged. */
        PROTECTED,
        /** The server could not be asked, or did not obey. */
        FAILED
    }
}
