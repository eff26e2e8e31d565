package io.onevault.benchmarks.cdc;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Counts the row changes that reach the end of a reader, and takes the time of the last nineteen
 * twentieths: connecting, and filling the first batch, happen once. Counted by one thread, awaited
 * by another.
 */
final class Arrivals {

    private static final Duration LIMIT = Duration.ofMinutes(15);

    private final long skipped;
    private final long expected;
    private final CompletableFuture<Passage> done = new CompletableFuture<>();
    private long count;
    private long startNanos;
    private long startCpuNanos;

    Arrivals(long expected) {
        this.expected = expected;
        this.skipped = expected / 20;
    }

    /**
     * How long changes took.
     *
     * @param changes how many
     * @param seconds from before the first to the last
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
        if (count == skipped) {
            startNanos = System.nanoTime();
            startCpuNanos = cpuNanos();
        }
        count++;
        if (count == expected) {
            done.complete(
                    new Passage(
                            expected - skipped,
                            (System.nanoTime() - startNanos) / 1e9,
                            (cpuNanos() - startCpuNanos) / 1e9));
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
