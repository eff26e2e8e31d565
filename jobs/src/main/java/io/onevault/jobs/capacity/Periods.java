package io.onevault.jobs.capacity;

import java.io.Serializable;
import java.time.Duration;

/**
 * Periods of event time, each from a multiple of its length.
 *
 * @param millis the length
 */
record Periods(long millis) implements Serializable {

    Periods(Duration length) {
        this(length.toMillis());
    }

    /**
     * End of the period that counts what happened at {@code time}: its own, or when that is over
     * the one that is open.
     */
    long end(long time, long watermark) {
        long counted = watermark == Long.MAX_VALUE ? time : Math.max(time, watermark + 1);
        return Math.floorDiv(counted, millis) * millis + millis;
    }
}
