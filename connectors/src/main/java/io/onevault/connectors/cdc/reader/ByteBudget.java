package io.onevault.connectors.cdc.reader;

/** Bounds how many bytes are under way between two threads. Thread-safe. */
final class ByteBudget {

    private final long limit;
    private long used;

    /**
     * @param limit what may be under way; one more is let through while less is
     */
    ByteBudget(long limit) {
        this.limit = limit;
    }

    /** Waits for room. */
    synchronized void acquire(long bytes) throws InterruptedException {
        while (used >= limit) {
            wait();
        }
        used += bytes;
    }

    synchronized void release(long bytes) {
        used -= bytes;
        notifyAll();
    }
}
