package io.onevault.benchmarks.cdc;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.lang.management.MemoryUsage;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The most heap that was in use after a collection since it was started. Collects several times a
 * second itself: what a lazy collector leaves lying says nothing about what a program needs.
 */
public final class HeapWatch implements AutoCloseable {

    private static final Duration INTERVAL = Duration.ofMillis(200);

    private final Thread thread = new Thread(this::watch, "heap-watch");
    private volatile boolean ended;
    private volatile long peak;

    private HeapWatch() {}

    /** Begins to watch. */
    public static HeapWatch start() {
        HeapWatch watch = new HeapWatch();
        watch.thread.setDaemon(true);
        watch.thread.start();
        return watch;
    }

    private void watch() {
        while (!ended) {
            peak = Math.max(peak, usedAfterCollection());
            LockSupport.parkNanos(INTERVAL.toNanos());
        }
    }

    /** Collects, and returns the bytes in use afterwards. */
    public static long usedAfterCollection() {
        System.gc();
        long used = 0;
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            MemoryUsage usage = pool.getCollectionUsage();
            if (pool.getType() == MemoryType.HEAP && usage != null) {
                used += usage.getUsed();
            }
        }
        return used;
    }

    /** Bytes. */
    public long peak() {
        return peak;
    }

    @Override
    public void close() throws InterruptedException {
        ended = true;
        thread.join();
    }
}
