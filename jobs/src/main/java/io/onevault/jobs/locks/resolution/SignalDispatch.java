package io.onevault.jobs.locks.resolution;

import io.onevault.connectors.locks.SignalResult;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Holds orders back until a checkpoint holds them, then has threads carry them out. Knows only what
 * was ordered since the task began, so that an order from before a restart is not open here. Used
 * by the task's thread; only the results come from others, and others count.
 */
final class SignalDispatch {

    private static final int THREADS = 4;
    private static final long IDLE_SECONDS = 30;
    private static final long CLOSE_SECONDS = 5;
    private static final long NO_CHECKPOINT = Long.MAX_VALUE;

    private final SignalSender sender;
    private final Map<String, Waiting> waiting = new ConcurrentHashMap<>();
    private final Map<String, String> running = new ConcurrentHashMap<>();
    private final Map<String, SignalResult> results = new ConcurrentHashMap<>();
    private final ThreadPoolExecutor threads;

    private record Waiting(SignalOrder order, long checkpoint) {}

    SignalDispatch(SignalSender sender) {
        this.sender = sender;
        this.threads =
                new ThreadPoolExecutor(
                        THREADS,
                        THREADS,
                        IDLE_SECONDS,
                        TimeUnit.SECONDS,
                        new LinkedBlockingQueue<>(),
                        task -> {
                            Thread thread = new Thread(task, "onevault-resolution");
                            thread.setDaemon(true);
                            return thread;
                        });
        threads.allowCoreThreadTimeOut(true);
    }

    /** Orders that were added and not taken. */
    int size() {
        return waiting.size() + running.size();
    }

    void add(SignalOrder order) {
        waiting.put(order.draft().key(), new Waiting(order, NO_CHECKPOINT));
    }

    /** The checkpoint will hold every order there is. */
    void snapshot(long checkpoint) {
        waiting.replaceAll(
                (key, order) ->
                        order.checkpoint() == NO_CHECKPOINT
                                ? new Waiting(order.order(), checkpoint)
                                : order);
    }

    /** Carries out what this checkpoint, or one before, holds. */
    void completed(long checkpoint) {
        waiting.values()
                .removeIf(
                        order -> {
                            boolean held = order.checkpoint() <= checkpoint;
                            if (held) {
                                start(order.order());
                            }
                            return held;
                        });
    }

    private void start(SignalOrder order) {
        String key = order.draft().key();
        running.put(key, key);
        threads.execute(() -> results.put(key, send(order)));
    }

    /** Whatever happens there is a result, or the order would be open for ever. */
    private SignalResult send(SignalOrder order) {
        try {
            return sender.send(order.draft().target(), order.request());
        } catch (RuntimeException e) {
            return new SignalResult(
                    SignalResult.Outcome.FAILED, "", "The request failed: " + e + '.', 0);
        }
    }

    /** Whether the order waits or is being carried out. */
    boolean isOpen(String key) {
        return waiting.containsKey(key) || running.containsKey(key) && !results.containsKey(key);
    }

    /** What came of an order that is not open; null when it was given before a restart. */
    @Nullable SignalResult take(String key) {
        running.remove(key);
        return results.remove(key);
    }

    /** What has not begun will not; what has is bounded by its own limits. */
    void close() throws InterruptedException {
        threads.shutdownNow();
        threads.awaitTermination(CLOSE_SECONDS, TimeUnit.SECONDS);
    }
}
