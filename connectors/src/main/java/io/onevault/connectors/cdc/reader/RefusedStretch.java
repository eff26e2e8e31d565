package io.onevault.connectors.cdc.reader;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Since when a slot is refused for one reason, and when to say so: at once, and again every ten
 * minutes while it lasts. What is said again has the same start, so that it is one gap.
 */
final class RefusedStretch {

    static final long AGAIN_MILLIS = Duration.ofMinutes(10).toMillis();

    /** Not refused for that long, it is another stretch; longer than any wait between tries. */
    private static final long ANEW_MILLIS = Duration.ofMinutes(30).toMillis();

    private @Nullable String reason;
    private long from;
    private long saidAt;
    private long seenAt;

    /**
     * Takes in that it is refused. Only the reason makes it the same: its detail may name positions
     * that move.
     *
     * @param now milliseconds since the epoch
     * @return whether that is to be said
     */
    boolean seen(SlotCheck.Refusal why, long now) {
        boolean same = why.reason().equals(reason) && now - seenAt < ANEW_MILLIS && now >= saidAt;
        seenAt = now;
        if (same && now - saidAt < AGAIN_MILLIS) {
            return false;
        }
        if (!same) {
            reason = why.reason();
            from = now;
        }
        saidAt = now;
        return true;
    }

    /** When it began, milliseconds since the epoch. */
    long from() {
        return from;
    }

    /** Changes were read. */
    void over() {
        reason = null;
    }
}
