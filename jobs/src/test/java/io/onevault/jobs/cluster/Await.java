package io.onevault.jobs.cluster;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Bounded waits for something that another process does. */
final class Await {

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private Await() {}

    /**
     * Waits until {@code condition} holds.
     *
     * @return how long that took
     * @throws AssertionError when it does not within {@code limit}
     */
    static Duration until(String what, Duration limit, Condition condition) throws Exception {
        long begin = System.nanoTime();
        while (!condition.holds()) {
            if (System.nanoTime() - begin > limit.toNanos()) {
                throw new AssertionError("waited " + limit + " in vain for " + what);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    /** Lets {@code time} pass while {@code condition} has to go on holding. */
    static void whileHolding(String what, Duration time, Condition condition) throws Exception {
        long begin = System.nanoTime();
        while (System.nanoTime() - begin < time.toNanos()) {
            if (!condition.holds()) {
                throw new AssertionError("no longer: " + what);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    /** Something that holds or does not yet. */
    @FunctionalInterface
    interface Condition {
        boolean holds() throws Exception;
    }
}
