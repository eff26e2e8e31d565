package io.onevault.connectors.target;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;

/**
 * A reader with its splits and without a Flink cluster; the test is the task's thread.
 *
 * @param <T> a record
 * @param <S> a split
 */
public final class SourceRun<T, S extends SourceSplit> implements AutoCloseable {

    private final SourceReader<T, S> reader;
    private final List<T> seen = new ArrayList<>();
    private final Output output = new Output();
    private int checked;

    public SourceRun(SourceReader<T, S> reader, List<S> splits) {
        this.reader = reader;
        reader.start();
        reader.addSplits(splits);
    }

    /** Reads until a record that was not looked at before satisfies {@code condition}. */
    public T await(String what, Predicate<T> condition) {
        List<T> found = new ArrayList<>();
        Until.holds(
                what,
                () -> {
                    do {
                        while (checked < seen.size() && found.isEmpty()) {
                            T next = seen.get(checked++);
                            if (condition.test(next)) {
                                found.add(next);
                            }
                        }
                    } while (found.isEmpty() && read());
                    return !found.isEmpty();
                });
        return found.get(0);
    }

    private boolean read() {
        try {
            return reader.pollNext(output) == InputStatus.MORE_AVAILABLE;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Everything read so far. */
    public List<T> seen() {
        return List.copyOf(seen);
    }

    public List<S> snapshot() {
        return reader.snapshotState(1);
    }

    @Override
    public void close() throws Exception {
        reader.close();
    }

    /** What a reader sees of a task. */
    public static SourceReaderContext context() {
        return new Context();
    }

    private final class Output implements ReaderOutput<T> {
        @Override
        public void collect(T result) {
            seen.add(result);
        }

        @Override
        public void collect(T result, long timestamp) {
            seen.add(result);
        }

        @Override
        public void emitWatermark(Watermark watermark) {}

        @Override
        public void markIdle() {}

        @Override
        public void markActive() {}

        @Override
        public SourceOutput<T> createOutputForSplit(String splitId) {
            return this;
        }

        @Override
        public void releaseOutputForSplit(String splitId) {}
    }

    private static final class Context implements SourceReaderContext {
        @Override
        public SourceReaderMetricGroup metricGroup() {
            return UnregisteredMetricsGroup.createSourceReaderMetricGroup();
        }

        @Override
        public Configuration getConfiguration() {
            return new Configuration();
        }

        @Override
        public String getLocalHostName() {
            return "localhost";
        }

        @Override
        public int getIndexOfSubtask() {
            return 0;
        }

        @Override
        public void sendSplitRequest() {}

        @Override
        public void sendSourceEventToCoordinator(SourceEvent event) {}

        @Override
        public UserCodeClassLoader getUserCodeClassLoader() {
            return SimpleUserCodeClassLoader.create(SourceRun.class.getClassLoader());
        }
    }
}
