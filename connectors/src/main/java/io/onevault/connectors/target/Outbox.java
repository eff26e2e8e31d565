package io.onevault.connectors.target;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The bounded way from the threads of a reader to the thread of its Flink task. Thread-safe.
 *
 * @param <O> what is handed over
 */
public interface Outbox<O> {

    /** Takes {@code outcome}, waiting where it must. Returns false once the outbox is closed. */
    boolean put(O outcome) throws InterruptedException;

    /** Reports what a thread cannot go on after; the task fails with it. */
    void fail(Throwable cause);

    /** The next outcome, or null. Never waits. */
    @Nullable O poll();

    /** Completes when {@link #poll} may have something. */
    CompletableFuture<Void> available();

    /** Lets every thread that waits go. */
    void close();
}
