package io.onevault.connectors.cdc.reader;

import io.debezium.embedded.Connect;
import io.debezium.embedded.async.ConvertingAsyncEngineBuilderFactory;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.spi.OffsetCommitPolicy;
import io.onevault.connectors.cdc.CdcOptions;
import io.onevault.connectors.cdc.split.CdcSplit;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;

/**
 * One run of Debezium's embedded engine, from a position until it fails or is closed.
 *
 * <p>The engine retries nothing itself: its retries would deliver rows again without telling. The
 * caller starts another run from where this one ended.
 */
final class EngineRun implements DebeziumEngine.ChangeConsumer<RecordChangeEvent<SourceRecord>> {

    private final CdcOptions options;
    private final Handover handover;
    private final PositionStore.State positions;
    private final ChangeConverter converter;
    private final Runnable onBatch;
    private final String stateId = UUID.randomUUID().toString();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile @Nullable DebeziumEngine<?> engine;
    private volatile boolean closed;

    /**
     * @param onBatch called on the engine's thread after every batch
     */
    EngineRun(
            CdcOptions options,
            Handover handover,
            PositionStore.State positions,
            CdcSplit start,
            Runnable onBatch) {
        this.options = options;
        this.handover = handover;
        this.positions = positions;
        this.converter = new ChangeConverter(options.target(), start);
        this.onBatch = onBatch;
        positions.startAt(start.position().commitLsn());
    }

    /** The stream as far as it was handed on; call it when {@link #run} has returned. */
    CdcSplit split() {
        return converter.split();
    }

    /**
     * Runs until the engine ends.
     *
     * @return why it ended, or null when it was closed
     */
    @Nullable Throwable run() {
        PositionStore.register(stateId, positions);
        try {
            DebeziumEngine<?> created =
                    new ConvertingAsyncEngineBuilderFactory()
                            .builder(ChangeEventFormat.of(Connect.class))
                            .using(settings())
                            .using(EngineRun.class.getClassLoader())
                            .using(OffsetCommitPolicy.always())
                            .using(
                                    (success, message, error) -> {
                                        if (!success) {
                                            failure.compareAndSet(
                                                    null,
                                                    error == null
                                                            ? new IOException(message)
                                                            : error);
                                        }
                                    })
                            .using(
                                    new DebeziumEngine.ConnectorCallback() {
                                        @Override
                                        public void pollingStarted() {
                                            positions.started();
                                        }
                                    })
                            .notifying(this)
                            .build();
            engine = created;
            if (!closed) {
                created.run();
            }
        } finally {
            PositionStore.unregister(stateId);
        }
        return closed ? null : failure.get();
    }

    /** Ends the run from another thread; {@link #run} then returns. */
    void close() {
        closed = true;
        DebeziumEngine<?> running = engine;
        if (running != null) {
            try {
                running.close();
            } catch (IOException | IllegalStateException e) {
                // It is starting or ending; the caller interrupts its thread and calls again.
                failure.compareAndSet(null, e);
            }
        }
    }

    @Override
    public void handleBatch(
            List<RecordChangeEvent<SourceRecord>> records,
            DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        List<Handed> batch = new ArrayList<>(records.size());
        for (RecordChangeEvent<SourceRecord> event : records) {
            Handed handed = converter.convert(event.record());
            if (handed != null) {
                batch.add(handed);
            }
        }
        if (!batch.isEmpty()) {
            handover.put(batch);
        }
        // Makes the engine ask the position store what it may confirm.
        committer.markProcessed(records.get(records.size() - 1));
        committer.markBatchFinished();
        onBatch.run();
    }

    private Properties settings() {
        Properties settings = EngineSettings.of(options);
        settings.setProperty("offset.storage", PositionStore.class.getName());
        settings.setProperty(PositionStore.STATE_ID, stateId);
        return settings;
    }
}
