package io.onevault.connectors.locks;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.target.Delivery;
import io.onevault.connectors.target.Outbox;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Hands observations to the thread of the Flink task, and lets nobody wait: when the job is slower
 * than the looks, it gets the newest one of each target, for a stale picture of locks is worth
 * nothing. Gaps are kept, and merged when there are many. Thread-safe.
 */
final class LatestOutbox implements Outbox<Delivery<LockObservation, LockSplit>> {

    private static final int MAX_GAPS = 16;

    private final IntConsumer conflated;
    private final Map<String, Delivery<LockObservation, LockSplit>> pending = new LinkedHashMap<>();
    private CompletableFuture<Void> available = new CompletableFuture<>();
    private @Nullable Throwable failure;
    private boolean closed;

    /**
     * @param conflated is told of snapshots that newer ones replaced
     */
    LatestOutbox(IntConsumer conflated) {
        this.conflated = conflated;
    }

    @Override
    public synchronized boolean put(Delivery<LockObservation, LockSplit> delivery) {
        if (closed) {
            return false;
        }
        Delivery<LockObservation, LockSplit> waiting = pending.get(delivery.split().splitId());
        List<LockObservation> kept =
                waiting == null ? new ArrayList<>() : new ArrayList<>(waiting.records());
        delivery.records().forEach(next -> add(next, kept));
        pending.put(
                delivery.split().splitId(), new Delivery<>(delivery.split(), List.copyOf(kept)));
        available.complete(null);
        return true;
    }

    private void add(LockObservation next, List<LockObservation> kept) {
        if (next.gap() != null) {
            int gaps = (int) kept.stream().filter(one -> one.gap() != null).count();
            LockObservation last = kept.isEmpty() ? null : kept.get(kept.size() - 1);
            if (gaps >= MAX_GAPS && last != null && last.gap() != null) {
                kept.set(kept.size() - 1, merged(last, next));
                return;
            }
        } else if (next.snapshot() != null) {
            conflated.accept((int) kept.stream().filter(one -> one.snapshot() != null).count());
            kept.add(withCounters(next, removed(kept, one -> one.gap() == null)));
            return;
        } else {
            // That somebody waited, and that nobody does any more, are both worth telling.
            kept.add(
                    withCounters(
                            next,
                            removed(kept, one -> one.snapshot() == null && one.gap() == null)));
            return;
        }
        kept.add(next);
    }

    private static List<LockObservation> removed(
            List<LockObservation> kept, Predicate<LockObservation> which) {
        List<LockObservation> removed = kept.stream().filter(which).toList();
        kept.removeIf(which);
        return removed;
    }

    /** Counters are read rarely, so they go on with the look that replaces theirs. */
    private static LockObservation withCounters(
            LockObservation next, List<LockObservation> replaced) {
        if (!next.deadlocks().isEmpty()) {
            return next;
        }
        for (int i = replaced.size() - 1; i >= 0; i--) {
            if (!replaced.get(i).deadlocks().isEmpty()) {
                return next.withDeadlocks(replaced.get(i).deadlocks());
            }
        }
        return next;
    }

    private static LockObservation merged(LockObservation last, LockObservation next) {
        CollectionGap from = last.gap();
        CollectionGap to = next.gap();
        if (from == null || to == null) {
            return next;
        }
        return new LockObservation(
                next.target(),
                next.timestamp(),
                0,
                null,
                new CollectionGap(
                        to.target(),
                        to.poll(),
                        Math.min(from.from(), to.from()),
                        Math.max(from.to(), to.to()),
                        to.reason(),
                        to.detail()));
    }

    @Override
    public synchronized void fail(Throwable cause) {
        failure = cause;
        available.complete(null);
    }

    @Override
    public synchronized @Nullable Delivery<LockObservation, LockSplit> poll() {
        if (failure != null) {
            throw new IllegalStateException("a lock sampling thread died", failure);
        }
        Delivery<LockObservation, LockSplit> next = null;
        if (!pending.isEmpty()) {
            String oldest = pending.keySet().iterator().next();
            next = pending.remove(oldest);
        }
        if (pending.isEmpty() && available.isDone()) {
            available = new CompletableFuture<>();
        }
        return next;
    }

    @Override
    public synchronized CompletableFuture<Void> available() {
        return available;
    }

    @Override
    public synchronized void close() {
        closed = true;
    }
}
