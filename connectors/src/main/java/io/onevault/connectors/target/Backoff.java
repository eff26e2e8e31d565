package io.onevault.connectors.target;

import java.time.Duration;
import java.util.Random;

/**
 * How long to wait before the next attempt to connect: waits double from a base to a cap; half of
 * each is random, so that many targets that went down together do not come back in step. Not
 * thread-safe.
 */
public final class Backoff {

    private static final int MAX_DOUBLINGS = 20;

    private final Random random;
    private final long baseMillis;
    private final long capMillis;
    private int failures;

    public Backoff(Random random, Duration base, Duration cap) {
        this.random = random;
        this.baseMillis = base.toMillis();
        this.capMillis = cap.toMillis();
    }

    /** Counts a failure; returns the milliseconds to wait. */
    public long failed() {
        long wait = Math.min(capMillis, baseMillis << Math.min(failures, MAX_DOUBLINGS));
        failures++;
        return wait / 2 + random.nextLong(wait / 2 + 1);
    }

    /** Begins again at the base. */
    public void succeeded() {
        failures = 0;
    }

    /** Whether the last attempt failed. */
    public boolean isFailing() {
        return failures > 0;
    }
}
