package io.onevault.jobs.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Waits for conditions, with a bound that a busy machine keeps as well. */
public final class Until {

    private static final Duration LIMIT = Duration.ofMinutes(2);
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(10);

    private Until() {}

    /** What is waited for. */
    @FunctionalInterface
    public interface Condition<E extends Exception> {
        boolean holds() throws E;
    }

    /** Waits until {@code condition} holds, two minutes at most. */
    public static <E extends Exception> void holds(String what, Condition<E> condition) throws E {
        holds(() -> what, condition);
    }

    /** The same; what is known is told only when what is waited for does not come. */
    public static <E extends Exception> void holds(Supplier<String> what, Condition<E> condition)
            throws E {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime())
                    .as(() -> "waiting for " + what.get())
                    .isLessThan(deadline);
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    public static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }
}
