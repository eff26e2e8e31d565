package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.model.CdcRecord;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.core.io.InputStatus;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Emits what the reading thread hands over, one record at a time, and lets the slot be confirmed up
 * to what completed checkpoints hold.
 */
public final class CdcReader implements SourceReader<CdcRecord, CdcSplit> {

    private static final Logger LOG = LoggerFactory.getLogger(CdcReader.class);
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(20);

    private final CdcOptions options;
    private final Clock clock;
    private final Handover handover;
    private final CdcMetrics metrics;
    private final CdcWatermarks watermarks;
    private final PositionStore.State positions = new PositionStore.State();
    private final NavigableMap<Long, Long> pending = new TreeMap<>();
    private final Deque<Long> completed = new ArrayDeque<>();
    private Iterator<Handed> batch = List.<Handed>of().iterator();
    private @Nullable CdcSplit split;
    private @Nullable ChangeReading reading;

    public CdcReader(CdcOptions options, SourceReaderContext context, Clock clock) {
        this.options = options;
        this.clock = clock;
        this.handover = new Handover(options.queueCapacity(), options.queueBytes() / 2);
        this.watermarks = new CdcWatermarks(options.outOfOrder(), clock);
        this.metrics = new CdcMetrics(context.metricGroup(), handover);
    }

    @Override
    public void start() {}

    @Override
    public void addSplits(List<CdcSplit> splits) {
        for (CdcSplit restored : splits) {
            CdcSplit added = options.resumed(restored);
            if (!added.splitId().equals(restored.splitId())) {
                LOG.warn(
                        "the restored stream {} is not that of slot {}: the tables are read again",
                        restored.splitId(),
                        options.slot());
            }
            if (reading != null) {
                throw new IllegalStateException(
                        "a change source has one stream, yet a second was assigned: "
                                + added.splitId());
            }
            split = added;
            reading = new ChangeReading(options, handover, positions, metrics, clock, added);
            reading.start();
        }
    }

    @Override
    public InputStatus pollNext(ReaderOutput<CdcRecord> output) {
        if (!batch.hasNext()) {
            List<Handed> next = handover.poll();
            if (next == null) {
                return InputStatus.NOTHING_AVAILABLE;
            }
            batch = next.iterator();
        }
        if (batch.hasNext()) {
            Handed handed = batch.next();
            watermarks.before(!handed.records().isEmpty(), handed.serverTime(), output);
            for (CdcRecord record : handed.records()) {
                emit(record, output);
            }
            split = handed.split();
            watermarks.after(handed.serverTime(), output);
        }
        return InputStatus.MORE_AVAILABLE;
    }

    private void emit(CdcRecord record, ReaderOutput<CdcRecord> output) {
        if (record.change() != null) {
            metrics.change();
            output.collect(record, record.change().commitTime());
        } else if (record.schemaVersion() != null) {
            output.collect(record, record.schemaVersion().timestamp());
        } else if (record.snapshotBoundary() != null) {
            output.collect(record, record.snapshotBoundary().timestamp());
        } else {
            if (record.deadLetter() != null) {
                metrics.deadLetter();
            }
            output.collect(record);
        }
    }

    @Override
    public List<CdcSplit> snapshotState(long checkpointId) {
        CdcSplit current = split;
        if (current == null) {
            return List.of();
        }
        pending.put(checkpointId, current.position().commitLsn());
        return List.of(current);
    }

    @Override
    public void notifyCheckpointComplete(long checkpointId) {
        NavigableMap<Long, Long> upTo = pending.headMap(checkpointId, true);
        Map.Entry<Long, Long> last = upTo.lastEntry();
        if (last != null && last.getKey() == checkpointId) {
            completed.addLast(last.getValue());
        }
        upTo.clear();
        while (completed.size() > options.confirmBehind() + 1) {
            completed.removeFirst();
        }
        if (completed.size() > options.confirmBehind()) {
            positions.confirm(completed.getFirst());
        }
    }

    @Override
    public CompletableFuture<Void> isAvailable() {
        return batch.hasNext() ? CompletableFuture.completedFuture(null) : handover.available();
    }

    /** The stream has no end; there is only ever one split. */
    @Override
    public void notifyNoMoreSplits() {}

    @Override
    public void close() throws InterruptedException {
        handover.close();
        ChangeReading thread = reading;
        if (thread != null && !thread.close(CLOSE_LIMIT)) {
            LOG.warn("the thread that reads {} still waits for its server", options.streamName());
        }
    }
}
