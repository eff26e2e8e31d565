package io.onevault.connectors.polling;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Hands what the lanes' threads bring to the thread of the Flink task. A lane that finds it full
 * waits: polls are then skipped, and memory stays bounded. Thread-safe.
 */
final class Handover {

    private final int capacity;
    private final Queue<PollOutcome> outcomes = new ArrayDeque<>();
    private CompletableFuture<Void> available = new CompletableFuture<>();
    private @Nullable Throwable failure;
    private boolean closed;

    Handover(int capacity) {
        this.capacity = capacity;
    }

    /** Waits for room. Returns false when the reader was closed meanwhile. */
    synchronized boolean put(PollOutcome outcome) throws InterruptedException {
        while (outcomes.size() >= capacity && !closed) {
            wait();
        }
        if (!closed) {
            outcomes.add(outcome);
            available.complete(null);
        }
        return !closed;
    }

    /** Reports what no lane can go on after; the task fails with it. */
    synchronized void fail(Throwable cause) {
        failure = cause;
        available.complete(null);
    }

    /** Wakes the task although nothing came, so that it looks whether all is done. */
    synchronized void wake() {
        available.complete(null);
    }

    /** The next outcome, or null. Never waits. */
    synchronized @Nullable PollOutcome poll() {
        if (failure != null) {
            throw new IllegalStateException("a polling thread died", failure);
        }
        PollOutcome outcome = outcomes.poll();
        if (outcome != null) {
            notifyAll();
        }
        if (outcomes.isEmpty() && available.isDone()) {
            available = new CompletableFuture<>();
        }
        return outcome;
    }

    synchronized boolean isEmpty() {
        return outcomes.isEmpty();
    }

    synchronized CompletableFuture<Void> available() {
        return available;
    }

    synchronized void close() {
        closed = true;
        notifyAll();
    }
}
