package io.onevault.connectors.cdc.reader;

import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Hands batches from the reading thread to the task's. When the task is slow the reading thread
 * waits here, the engine behind it stops taking from the server, and memory stays bounded.
 * Thread-safe.
 */
final class Handover {

    private final int capacity;
    private final long byteCapacity;
    private final Queue<List<Handed>> batches = new ArrayDeque<>();
    private int records;
    private long bytes;
    private CompletableFuture<Void> available = new CompletableFuture<>();
    private @Nullable Throwable failure;
    private boolean closed;

    /**
     * Takes one batch more while less waits than both bounds say.
     *
     * @param capacity records that may wait
     * @param byteCapacity bytes that may wait
     */
    Handover(int capacity, long byteCapacity) {
        this.capacity = capacity;
        this.byteCapacity = byteCapacity;
    }

    /**
     * Waits for room.
     *
     * @throws InterruptedException also when the reader was closed
     */
    synchronized void put(List<Handed> batch) throws InterruptedException {
        while ((records >= capacity || bytes >= byteCapacity) && !closed) {
            wait();
        }
        if (closed) {
            throw new InterruptedException("the reader was closed");
        }
        batches.add(batch);
        records += batch.size();
        bytes += bytes(batch);
        available.complete(null);
    }

    /** Reports a defect; the task fails with it. */
    synchronized void fail(Throwable cause) {
        failure = cause;
        available.complete(null);
    }

    /** The next batch, or null. Never waits. */
    synchronized @Nullable List<Handed> poll() {
        if (failure != null) {
            throw new IllegalStateException("the thread that reads changes died", failure);
        }
        List<Handed> batch = batches.poll();
        if (batch != null) {
            records -= batch.size();
            bytes -= bytes(batch);
            notifyAll();
        }
        if (batches.isEmpty() && available.isDone()) {
            available = new CompletableFuture<>();
        }
        return batch;
    }

    private static long bytes(List<Handed> batch) {
        long sum = 0;
        for (Handed handed : batch) {
            sum += handed.bytes();
        }
        return sum;
    }

    synchronized int size() {
        return records;
    }

    synchronized long bytes() {
        return bytes;
    }

    synchronized CompletableFuture<Void> available() {
        return available;
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
