package io.onevault.connectors.history;

import io.onevault.connectors.target.Handover;
import io.onevault.connectors.vault.VaultOptions;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.java.typeutils.ResultTypeQueryable;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.jspecify.annotations.Nullable;

/**
 * The alerts of some targets that the vault has as open, read each time the job begins, after every
 * failure too. Run it with parallelism 1.
 *
 * <p>It never ends: Flink does not start a source again that had ended before the checkpoint from
 * which a job goes on. It has no splits and no state.
 */
public final class OpenAlertsSource
        implements Source<RememberedAlert, OpenAlertsSource.NoSplit, Integer>,
                ResultTypeQueryable<RememberedAlert> {

    private static final long serialVersionUID = 1L;
    private static final int HANDED_OVER = 1_000;

    private final VaultOptions vault;
    private final List<String> targets;

    /**
     * @param vault how it is reached, by a role that reads every row
     * @param targets configured names
     */
    public OpenAlertsSource(VaultOptions vault, List<String> targets) {
        this.vault = vault;
        this.targets = List.copyOf(targets);
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SourceReader<RememberedAlert, NoSplit> createReader(SourceReaderContext context) {
        return new Reader(vault, targets);
    }

    @Override
    public SplitEnumerator<NoSplit, Integer> createEnumerator(
            SplitEnumeratorContext<NoSplit> context) {
        return new NoEnumerator();
    }

    @Override
    public SplitEnumerator<NoSplit, Integer> restoreEnumerator(
            SplitEnumeratorContext<NoSplit> context, Integer state) {
        return new NoEnumerator();
    }

    @Override
    public SimpleVersionedSerializer<NoSplit> getSplitSerializer() {
        return new Empty<>(new NoSplit());
    }

    @Override
    public SimpleVersionedSerializer<Integer> getEnumeratorCheckpointSerializer() {
        return new Empty<>(0);
    }

    @Override
    public TypeInformation<RememberedAlert> getProducedType() {
        return TypeInformation.of(RememberedAlert.class);
    }

    /** There is none. */
    public record NoSplit() implements SourceSplit {
        @Override
        public String splitId() {
            return "none";
        }
    }

    private static final class Reader implements SourceReader<RememberedAlert, NoSplit> {

        private final Handover<RememberedAlert> read = new Handover<>(HANDED_OVER);
        private final Thread thread;

        Reader(VaultOptions vault, List<String> targets) {
            thread = new Thread(new OpenAlerts(vault, targets, read), "open-alerts");
            thread.setDaemon(true);
        }

        @Override
        public void start() {
            thread.start();
        }

        @Override
        public InputStatus pollNext(ReaderOutput<RememberedAlert> output) {
            RememberedAlert alert = read.poll();
            if (alert == null) {
                return InputStatus.NOTHING_AVAILABLE;
            }
            output.collect(alert);
            return InputStatus.MORE_AVAILABLE;
        }

        @Override
        public List<NoSplit> snapshotState(long checkpointId) {
            return List.of();
        }

        @Override
        public CompletableFuture<Void> isAvailable() {
            return read.available();
        }

        @Override
        public void addSplits(List<NoSplit> splits) {}

        @Override
        public void notifyNoMoreSplits() {}

        @Override
        public void close() {
            read.close();
            thread.interrupt();
        }
    }

    private static final class NoEnumerator implements SplitEnumerator<NoSplit, Integer> {

        @Override
        public void start() {}

        @Override
        public void handleSplitRequest(int subtask, @Nullable String host) {}

        @Override
        public void addSplitsBack(List<NoSplit> splits, int subtask) {}

        @Override
        public void addReader(int subtask) {}

        @Override
        public Integer snapshotState(long checkpointId) {
            return 0;
        }

        @Override
        public void close() {}
    }

    /** For what says nothing. */
    private record Empty<T>(T only) implements SimpleVersionedSerializer<T> {

        @Override
        public int getVersion() {
            return 1;
        }

        @Override
        public byte[] serialize(T value) {
            return new byte[0];
        }

        @Override
        public T deserialize(int version, byte[] serialized) throws IOException {
            if (serialized.length > 0) {
                throw new IOException("a source without state was given some");
            }
            return only;
        }
    }
}
