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
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * One run of Debezium's embedded engine, from a position until it fails or is closed.
 *
 * <p>The engine starts and ends the stream, asks what may be confirmed, writes heartbeats and hands
 * on in batches; {@link LogStream} reads the log for it and {@link RowDecoder} decodes the rows
 * behind it. The engine retries nothing itself: its retries would deliver rows again without
 * telling. The caller starts another run from where this one ended.
 */
final class EngineRun implements DebeziumEngine.ChangeConsumer<RecordChangeEvent<SourceRecord>> {

    /** So much is handed on at once, that a batch of large rows stays small. */
    private static final long CHUNK_BYTES = 1 << 20;

    /** Room in the engine's queue for what is no row. */
    private static final int MESSAGES = 8192;

    private final CdcOptions options;
    private final Handover handover;
    private final PositionStore.State positions;
    private final ChangeConverter converter;
    private final Supplier<SlotWatch.@Nullable Look> watch;
    private final RunContext run;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    private volatile @Nullable DebeziumEngine<?> engine;
    private volatile boolean closed;

    /**
     * @param typeNames the names of the server's own types, by object id
     * @param watch asked on the engine's thread after every batch
     */
    EngineRun(
            CdcOptions options,
            Handover handover,
            PositionStore.State positions,
            CdcSplit start,
            Map<Integer, String> typeNames,
            Supplier<SlotWatch.@Nullable Look> watch) {
        this.options = options;
        this.handover = handover;
        this.positions = positions;
        this.run = RunContext.register(options, positions, typeNames);
        this.converter =
                new ChangeConverter(
                        options.target(), options.streamName(), run.id(), run.relations(), start);
        this.watch = watch;
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
        try {
            DebeziumEngine<?> created =
                    new ConvertingAsyncEngineBuilderFactory()
                            .builder(ChangeEventFormat.of(Connect.class))
                            .using(properties())
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
            run.unregister();
        }
        return closed ? null : failure.get();
    }

    /** Ends the run from another thread; {@link #run} then returns. */
    void close() {
        closed = true;
        // Whoever waits in the engine's own queue is not woken for minutes; nobody does, because
        // the budget is reached first.
        run.budget().close();
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
        long bytes = 0;
        for (RecordChangeEvent<SourceRecord> event : records) {
            SourceRecord record = event.record();
            Handed handed = converter.convert(record);
            if (handed != null) {
                batch.add(handed);
                bytes += handed.bytes();
                if (bytes >= CHUNK_BYTES) {
                    handover.put(batch);
                    batch = new ArrayList<>();
                    bytes = 0;
                }
            }
            int carried = converter.carried(record);
            if (carried >= 0) {
                run.budget().release(LogStream.cost(carried));
            }
        }
        if (!batch.isEmpty()) {
            handover.put(batch);
        }
        // Makes the engine ask the position store what it may confirm.
        committer.markProcessed(records.get(records.size() - 1));
        committer.markBatchFinished();
        SlotWatch.Look look = watch.get();
        if (look != null) {
            List<Handed> told = converter.tell(look);
            if (!told.isEmpty()) {
                handover.put(told);
            }
        }
    }

    private Properties properties() {
        Properties url = Driver.parseURL(options.url(), new Properties());
        if (url == null) {
            throw new IllegalArgumentException(
                    "target %s: the url is not understood".formatted(options.target()));
        }
        Properties p = new Properties();
        p.setProperty("name", options.slot());
        p.setProperty("connector.class", LogConnector.class.getName());
        p.setProperty("topic.prefix", options.slot());
        p.setProperty("database.hostname", PGProperty.PG_HOST.getOrDefault(url));
        p.setProperty("database.port", PGProperty.PG_PORT.getOrDefault(url));
        p.setProperty("database.dbname", PGProperty.PG_DBNAME.getOrDefault(url));
        p.setProperty("database.user", options.user());
        p.setProperty("database.password", options.password().reveal());
        p.setProperty("database.tcpKeepAlive", "true");
        for (Map.Entry<Object, Object> entry : url.entrySet()) {
            String key = String.valueOf(entry.getKey());
            if (!key.startsWith("PG")) {
                p.setProperty("driver." + key, String.valueOf(entry.getValue()));
            }
        }
        p.setProperty("driver.connectTimeout", Long.toString(options.networkTimeout().toSeconds()));
        p.setProperty("driver.socketTimeout", Long.toString(options.networkTimeout().toSeconds()));
        p.setProperty("plugin.name", "pgoutput");
        p.setProperty("slot.name", options.slot());
        p.setProperty("slot.drop.on.stop", "false");
        p.setProperty("slot.max.retries", "0");
        p.setProperty("publication.name", options.publication());
        p.setProperty("publication.autocreate.mode", "disabled");
        // The publication names the tables; the engine is to know none.
        p.setProperty("table.include.list", "no_schema\\.no_table");
        p.setProperty("snapshot.mode", "no_data");
        p.setProperty("skipped.operations", "none");
        p.setProperty("tombstones.on.delete", "false");
        p.setProperty("event.processing.failure.handling.mode", "fail");
        p.setProperty("event.converting.failure.handling.mode", "fail");
        p.setProperty("errors.max.retries", "0");
        p.setProperty("heartbeat.interval.ms", Long.toString(options.heartbeat().toMillis()));
        p.setProperty("heartbeat.action.query", Connections.HEARTBEAT);
        p.setProperty("sourceinfo.struct.maker", NoSource.class.getName());
        p.setProperty("poll.interval.ms", "20");
        p.setProperty(
                "max.queue.size",
                Long.toString(options.queueBytes() / LogStream.cost(0) + MESSAGES));
        p.setProperty("record.processing.threads", "1");
        p.setProperty("record.processing.shutdown.timeout.ms", "1000");
        p.setProperty(
                "task.management.timeout.ms", Long.toString(Duration.ofMinutes(3).toMillis()));
        p.setProperty("offset.storage", PositionStore.class.getName());
        p.setProperty(RunContext.ID, run.id());
        return p;
    }
}
