package io.onevault.connectors.cdc.reader;

/** Bounds how many bytes are under way between two threads. Thread-safe. */
final class ByteBudget {

    private final long limit;
    private long used;
    private boolean closed;

    /**
     * @param limit what may be under way; one more is let through while less is
     */
    ByteBudget(long limit) {
        this.limit = limit;
    }

    /**
     * Waits for room.
     *
     * @throws InterruptedException also when it was closed
     */
    synchronized void acquire(long bytes) throws InterruptedException {
        while (used >= limit && !closed) {
            wait();
        }
        if (closed) {
            throw new InterruptedException("the run was closed");
        }
        used += bytes;
    }

    /** Nobody waits from now on. */
    synchronized void close() {
        closed = true;
        notifyAll();
    }

    synchronized void release(long bytes) {
        used -= bytes;
        notifyAll();
    }
}
