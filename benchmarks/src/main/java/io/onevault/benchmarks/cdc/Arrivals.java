package io.onevault.benchmarks.cdc;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Counts the row changes that reach the end of a reader, and takes the time from the first to the
 * last expected one. Counted by one thread, awaited by another.
 */
final class Arrivals {

    private static final Duration LIMIT = Duration.ofMinutes(15);

    private final long expected;
    private final CompletableFuture<Passage> done = new CompletableFuture<>();
    private long count;
    private long firstNanos;
    private long firstCpuNanos;

    Arrivals(long expected) {
        this.expected = expected;
    }

    /**
     * How long changes took.
     *
     * @param changes how many
     * @param seconds from the first to the last
     * @param cpuSeconds what this process used of the processor meanwhile, the server not counted
     */
    record Passage(long changes, double seconds, double cpuSeconds) {

        double perSecond() {
            return changes / seconds;
        }

        double cpuMicros() {
            return cpuSeconds * 1e6 / changes;
        }
    }

    /** One row change arrived; those beyond the expected ones do not count. */
    void one() {
        if (count == 0) {
            firstNanos = System.nanoTime();
            firstCpuNanos = cpuNanos();
        }
        count++;
        if (count == expected) {
            done.complete(
                    new Passage(
                            expected,
                            (System.nanoTime() - firstNanos) / 1e9,
                            (cpuNanos() - firstCpuNanos) / 1e9));
        }
    }

    /** The reader ended before its time. */
    void failed(Throwable cause) {
        done.completeExceptionally(cause);
    }

    /** Waits for the last expected change. */
    Passage await() throws InterruptedException, ExecutionException, TimeoutException {
        return done.get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
                .getProcessCpuTime();
    }
}
