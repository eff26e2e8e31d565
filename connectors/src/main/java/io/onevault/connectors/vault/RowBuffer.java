package io.onevault.connectors.vault;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Rows between the task's thread and the flusher's. A row stays in it until it is written, so that
 * a checkpoint at any time holds every row the vault may not have.
 */
final class RowBuffer {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition arrived = lock.newCondition();
    private final Deque<VaultRow> waiting = new ArrayDeque<>();
    private final int capacity;
    private List<VaultRow> inFlight = List.of();

    /**
     * @param capacity rows; recovered rows may exceed it until they are written
     */
    RowBuffer(int capacity, Collection<VaultRow> recovered) {
        this.capacity = capacity;
        waiting.addAll(recovered);
    }

    /** Adds a row unless the buffer is full. */
    boolean offer(VaultRow row) {
        lock.lock();
        try {
            if (waiting.size() + inFlight.size() >= capacity) {
                return false;
            }
            waiting.add(row);
            if (waiting.size() == 1) {
                arrived.signal();
            }
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Takes up to {@code most} rows in flight, waiting for a first one. */
    List<VaultRow> take(int most) throws InterruptedException {
        lock.lock();
        try {
            while (waiting.isEmpty()) {
                arrived.await();
            }
            return takeNow(most);
        } finally {
            lock.unlock();
        }
    }

    /** Waits until {@code most} rows are there or {@code nanos} have passed. */
    void linger(int most, long nanos) throws InterruptedException {
        long deadline = System.nanoTime() + nanos;
        lock.lock();
        try {
            while (waiting.isEmpty()) {
                arrived.await();
                deadline = System.nanoTime() + nanos;
            }
            long left = deadline - System.nanoTime();
            while (left > 0 && waiting.size() < most) {
                arrived.await(
                        Math.min(left, TimeUnit.MILLISECONDS.toNanos(10)), TimeUnit.NANOSECONDS);
                left = deadline - System.nanoTime();
            }
        } finally {
            lock.unlock();
        }
    }

    /** The rows taken are written. */
    void written() {
        lock.lock();
        try {
            inFlight = List.of();
        } finally {
            lock.unlock();
        }
    }

    boolean isEmpty() {
        return size() == 0;
    }

    int size() {
        lock.lock();
        try {
            return waiting.size() + inFlight.size();
        } finally {
            lock.unlock();
        }
    }

    /** Every row not known to be written, oldest first. */
    List<VaultRow> pending() {
        lock.lock();
        try {
            List<VaultRow> all = new ArrayList<>(inFlight);
            all.addAll(waiting);
            return all;
        } finally {
            lock.unlock();
        }
    }

    private List<VaultRow> takeNow(int most) {
        List<VaultRow> taken = new ArrayList<>(Math.min(most, waiting.size()));
        while (taken.size() < most && !waiting.isEmpty()) {
            taken.add(waiting.remove());
        }
        inFlight = taken;
        return taken;
    }
}
