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
    private final Queue<List<Handed>> batches = new ArrayDeque<>();
    private int records;
    private CompletableFuture<Void> available = new CompletableFuture<>();
    private @Nullable Throwable failure;
    private boolean closed;

    /**
     * @param capacity records that may wait; one batch more is taken when fewer do
     */
    Handover(int capacity) {
        this.capacity = capacity;
    }

    /**
     * Waits for room.
     *
     * @throws InterruptedException also when the reader was closed
     */
    synchronized void put(List<Handed> batch) throws InterruptedException {
        while (records >= capacity && !closed) {
            wait();
        }
        if (closed) {
            throw new InterruptedException("the reader was closed");
        }
        batches.add(batch);
        records += batch.size();
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
            notifyAll();
        }
        if (batches.isEmpty() && available.isDone()) {
            available = new CompletableFuture<>();
        }
        return batch;
    }

    synchronized int size() {
        return records;
    }

    synchronized CompletableFuture<Void> available() {
        return available;
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
