package io.onevault.connectors.cdc.reader;

import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Since when a slot is refused for one reason, and when to say so: at once, and again every ten
 * minutes while it lasts. What is said again has the same start, so that it is one gap.
 */
final class RefusedStretch {

    static final long AGAIN_MILLIS = Duration.ofMinutes(10).toMillis();

    /** Not refused for that long, it is another stretch; longer than any wait between tries. */
    private static final long ANEW_MILLIS = Duration.ofMinutes(30).toMillis();

    /** As the server writes positions in its write-ahead log. */
    private static final Pattern POSITION = Pattern.compile("[0-9A-F]{1,8}/[0-9A-F]{1,8}");

    private @Nullable String cause;
    private long from;
    private long saidAt;
    private long seenAt;

    /**
     * Takes in that it is refused. Positions in the log, which move, do not make it another cause.
     *
     * @param now milliseconds since the epoch
     * @return whether that is to be said
     */
    boolean seen(SlotCheck.Refusal why, long now) {
        String fixed = why.reason() + " " + POSITION.matcher(why.detail()).replaceAll("");
        boolean same = fixed.equals(cause) && now - seenAt < ANEW_MILLIS && now >= saidAt;
        seenAt = now;
        if (same && now - saidAt < AGAIN_MILLIS) {
            return false;
        }
        if (!same) {
            cause = fixed;
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
        cause = null;
    }
}
