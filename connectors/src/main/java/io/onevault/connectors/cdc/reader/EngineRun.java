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
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Pattern;
import org.apache.kafka.connect.source.SourceRecord;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/**
 * One run of Debezium's embedded engine, from a position until it fails or is closed.
 *
 * <p>The engine retries nothing itself: its retries would deliver rows again without telling. The
 * caller starts another run from where this one ended.
 */
final class EngineRun implements DebeziumEngine.ChangeConsumer<RecordChangeEvent<SourceRecord>> {

    private static final String ENGINE_BYTES = Integer.toString(64 * 1024 * 1024);

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
            converter.convert(event.record(), batch);
        }
        if (!batch.isEmpty()) {
            handover.put(batch);
        }
        // Makes the engine ask the position store what it may confirm.
        committer.markProcessed(records.get(records.size() - 1));
        committer.markBatchFinished();
        onBatch.run();
    }

    private Properties properties() {
        Properties url = Driver.parseURL(options.url(), new Properties());
        if (url == null) {
            throw new IllegalArgumentException(
                    "target %s: the url is not understood".formatted(options.target()));
        }
        Properties p = new Properties();
        p.setProperty("name", options.slot());
        p.setProperty("connector.class", "io.debezium.connector.postgresql.PostgresConnector");
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
        p.setProperty(
                "table.include.list",
                String.join(
                        ",",
                        options.tables().stream()
                                .map(table -> Pattern.quote(table).replace(",", "\\E\\x2C\\Q"))
                                .toList()));
        p.setProperty("snapshot.mode", "no_data");
        p.setProperty("skipped.operations", "none");
        p.setProperty("tombstones.on.delete", "false");
        p.setProperty("include.unknown.datatypes", "true");
        p.setProperty("converters", "text");
        p.setProperty("text.type", TextConverter.class.getName());
        p.setProperty("event.processing.failure.handling.mode", "fail");
        p.setProperty("event.converting.failure.handling.mode", "fail");
        p.setProperty("errors.max.retries", "0");
        p.setProperty("heartbeat.interval.ms", Long.toString(options.heartbeat().toMillis()));
        p.setProperty("heartbeat.action.query", Connections.HEARTBEAT);
        p.setProperty("poll.interval.ms", "20");
        p.setProperty("max.queue.size.in.bytes", ENGINE_BYTES);
        p.setProperty("record.processing.threads", "1");
        p.setProperty("record.processing.shutdown.timeout.ms", "1000");
        p.setProperty(
                "task.management.timeout.ms", Long.toString(Duration.ofMinutes(3).toMillis()));
        p.setProperty("offset.storage", PositionStore.class.getName());
        p.setProperty(PositionStore.STATE_ID, stateId);
        return p;
    }
}
