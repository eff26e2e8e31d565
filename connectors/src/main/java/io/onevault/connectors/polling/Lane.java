package io.onevault.connectors.polling;

import io.onevault.connectors.target.Handover;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * A thread that runs some polls of a target one after the other over one connection.
 *
 * <p>That a target has two lanes and a lane one connection bounds the target's connections by
 * construction. A target that hangs holds up its own lanes only.
 */
final class Lane {

    private final PriorityQueue<PollTask> queue =
            new PriorityQueue<>(
                    Comparator.comparingLong(PollTask::due).thenComparing(PollTask::splitId));
    private final List<PollTask> arrivals = new ArrayList<>();
    private final PollExecutor executor;
    private final Handover<PollOutcome> handover;
    private final Clock clock;
    private final long maxRuns;
    private final Thread thread;
    private int unfinished;
    private boolean closed;

    /**
     * @param maxRuns after how many runs a task is done; 0 for never
     */
    Lane(
            String name,
            PollExecutor executor,
            Handover<PollOutcome> handover,
            Clock clock,
            long maxRuns) {
        this.executor = executor;
        this.handover = handover;
        this.clock = clock;
        this.maxRuns = maxRuns;
        this.thread = new Thread(this::work, name);
        thread.setDaemon(true);
    }

    PollExecutor executor() {
        return executor;
    }

    synchronized void add(PollTask task) {
        arrivals.add(task);
        unfinished++;
        if (!thread.isAlive() && !closed) {
            thread.start();
        }
        notifyAll();
    }

    private void work() {
        try {
            PollTask task = next();
            while (task != null) {
                PollOutcome outcome = task.run();
                if (outcome != null && !handover.put(outcome)) {
                    break;
                }
                if (maxRuns == 0 || task.runs() < maxRuns) {
                    queue.add(task);
                } else {
                    finished();
                }
                task = next();
            }
        } catch (InterruptedException e) {
            // Only closing interrupts a lane, and then it ends.
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            handover.fail(e);
        } finally {
            executor.disconnect();
        }
    }

    /** Whether every task had all its runs. */
    synchronized boolean isDone() {
        return unfinished == 0;
    }

    private void finished() {
        synchronized (this) {
            unfinished--;
        }
        handover.wake();
    }

    /** Waits until a task is due; null when the lane is closed. */
    private synchronized @Nullable PollTask next() throws InterruptedException {
        while (!closed) {
            queue.addAll(arrivals);
            arrivals.clear();
            PollTask head = queue.peek();
            if (head == null) {
                wait();
                continue;
            }
            long wait = head.due() - clock.millis();
            if (wait <= 0) {
                return queue.poll();
            }
            wait(wait);
        }
        return null;
    }

    /** Ends the lane, also in the middle of a statement. */
    void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        executor.abort();
        thread.interrupt();
    }

    /** Waits for the thread's end. Returns whether it came. */
    boolean awaitEnd(Duration limit) throws InterruptedException {
        thread.join(limit.toMillis());
        return !thread.isAlive();
    }
}
