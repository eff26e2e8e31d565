package io.onevault.connectors.target;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Hands what a reader's threads bring to the thread of the Flink task, in order. A thread that
 * finds it full waits, and memory stays bounded. Thread-safe.
 *
 * @param <O> what is handed over
 */
public final class Handover<O> implements Outbox<O> {

    private final int capacity;
    private final Queue<O> outcomes = new ArrayDeque<>();
    private CompletableFuture<Void> available = new CompletableFuture<>();
    private @Nullable Throwable failure;
    private boolean closed;

    public Handover(int capacity) {
        this.capacity = capacity;
    }

    @Override
    public synchronized boolean put(O outcome) throws InterruptedException {
        while (outcomes.size() >= capacity && !closed) {
            wait();
        }
        if (!closed) {
            outcomes.add(outcome);
            available.complete(null);
        }
        return !closed;
    }

    @Override
    public synchronized void fail(Throwable cause) {
        failure = cause;
        available.complete(null);
    }

    /** Wakes the task although nothing came, so that it looks whether all is done. */
    public synchronized void wake() {
        available.complete(null);
    }

    @Override
    public synchronized @Nullable O poll() {
        if (failure != null) {
            throw new IllegalStateException("a collecting thread died", failure);
        }
        O outcome = outcomes.poll();
        if (outcome != null) {
            notifyAll();
        }
        if (outcomes.isEmpty() && available.isDone()) {
            available = new CompletableFuture<>();
        }
        return outcome;
    }

    public synchronized boolean isEmpty() {
        return outcomes.isEmpty();
    }

    @Override
    public synchronized CompletableFuture<Void> available() {
        return available;
    }

    @Override
    public synchronized void close() {
        closed = true;
        notifyAll();
    }
}
