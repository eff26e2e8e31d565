package io.onevault.connectors.target;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.Counter;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs a thread for each split and emits what it brings through the split's own output, so that
 * each target has a watermark of its own. A target that hangs holds up its own thread only.
 *
 * <p>A fault of a target is data. Only a defect of this program fails the task.
 *
 * @param <T> a record of the stream
 * @param <S> a target's split
 */
public final class TargetReader<T, S extends SourceSplit> implements SourceReader<T, S> {

    private static final Logger LOG = LoggerFactory.getLogger(TargetReader.class);

    private final String threadName;
    private final Outbox<Delivery<T, S>> outbox;
    private final Function<S, Watcher> watch;
    private final ToLongFunction<T> timestamp;
    private final Duration closeTimeout;
    private final Counter recordsIn;
    private final Map<String, S> splits = new LinkedHashMap<>();
    private final Map<Thread, Watcher> watchers = new LinkedHashMap<>();

    /**
     * @param threadName begins the name of each thread
     * @param watch makes what watches a split and puts its deliveries into {@code outbox}
     * @param timestamp event time of a record, milliseconds since the epoch
     * @param closeTimeout how long closing waits for the threads
     */
    public TargetReader(
            String threadName,
            SourceReaderContext context,
            Outbox<Delivery<T, S>> outbox,
            Function<S, Watcher> watch,
            ToLongFunction<T> timestamp,
            Duration closeTimeout) {
        this.threadName = threadName;
        this.outbox = outbox;
        this.watch = watch;
        this.timestamp = timestamp;
        this.closeTimeout = closeTimeout;
        this.recordsIn = context.metricGroup().getIOMetricGroup().getNumRecordsInCounter();
    }

    @Override
    public void start() {}

    @Override
    public void addSplits(List<S> added) {
        for (S split : added) {
            splits.put(split.splitId(), split);
            Watcher watcher = watch.apply(split);
            Thread thread = new Thread(() -> work(watcher), threadName + "-" + split.splitId());
            thread.setDaemon(true);
            watchers.put(thread, watcher);
            thread.start();
        }
    }

    private void work(Watcher watcher) {
        try {
            watcher.run();
        } catch (InterruptedException e) {
            // Only closing interrupts a thread, and then it ends.
            Thread.currentThread().interrupt();
        } catch (Throwable e) {
            outbox.fail(e);
        }
    }

    @Override
    public InputStatus pollNext(ReaderOutput<T> output) {
        Delivery<T, S> delivery = outbox.poll();
        if (delivery == null) {
            return InputStatus.NOTHING_AVAILABLE;
        }
        SourceOutput<T> own = output.createOutputForSplit(delivery.split().splitId());
        for (T record : delivery.records()) {
            recordsIn.inc();
            own.collect(record, timestamp.applyAsLong(record));
        }
        splits.put(delivery.split().splitId(), delivery.split());
        return InputStatus.MORE_AVAILABLE;
    }

    @Override
    public List<S> snapshotState(long checkpointId) {
        return List.copyOf(splits.values());
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return outbox.available();
    }

    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() throws InterruptedException {
        outbox.close();
        watchers.forEach(
                (thread, watcher) -> {
                    watcher.abort();
                    thread.interrupt();
                });
        long deadline = System.nanoTime() + closeTimeout.toNanos();
        for (Thread thread : watchers.keySet()) {
            thread.join(Math.max(1, (deadline - System.nanoTime()) / 1_000_000));
            if (thread.isAlive()) {
                LOG.warn("the thread {} still waits for its target", thread.getName());
            }
        }
    }
}
