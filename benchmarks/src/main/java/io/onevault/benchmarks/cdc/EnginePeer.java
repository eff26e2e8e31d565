package io.onevault.benchmarks.cdc;

import io.debezium.connector.postgresql.PostgresConnector;
import io.debezium.embedded.Connect;
import io.debezium.embedded.async.ConvertingAsyncEngineBuilderFactory;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.spi.OffsetCommitPolicy;
import io.onevault.benchmarks.cdc.Arrivals.Passage;
import io.onevault.embedded.postgres.PostgresServer;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;

/** Debezium's engine without Flink: its records are counted and dropped. */
final class EnginePeer {

    private EnginePeer() {}

    /** What Debezium runs with unless told otherwise, bound to the publication, no snapshot. */
    static Properties defaults(ChangeLog log) {
        Properties settings = new Properties();
        settings.setProperty("name", "alone");
        settings.setProperty("connector.class", PostgresConnector.class.getName());
        settings.setProperty("topic.prefix", "alone");
        settings.setProperty("database.hostname", "127.0.0.1");
        settings.setProperty("database.port", Integer.toString(log.server().port()));
        settings.setProperty("database.dbname", ChangeLog.DATABASE);
        settings.setProperty("database.user", PostgresServer.SUPERUSER);
        settings.setProperty("database.password", "");
        settings.setProperty("plugin.name", "pgoutput");
        settings.setProperty("publication.name", ChangeLog.PUBLICATION);
        settings.setProperty("publication.autocreate.mode", "disabled");
        settings.setProperty("table.include.list", String.join(",", ChangeLog.TABLES));
        settings.setProperty("snapshot.mode", "no_data");
        settings.setProperty("slot.drop.on.stop", "false");
        return settings;
    }

    /** What the change source tells its own engine, as far as this one has it too. */
    static Properties asOwn(ChangeLog log) {
        Properties settings = defaults(log);
        settings.setProperty("skipped.operations", "none");
        settings.setProperty("tombstones.on.delete", "false");
        settings.setProperty("errors.max.retries", "0");
        settings.setProperty("heartbeat.interval.ms", "1000");
        settings.setProperty(
                "heartbeat.action.query", "SELECT pg_logical_emit_message(false, 'alone', '')");
        settings.setProperty("poll.interval.ms", "20");
        settings.setProperty("record.processing.threads", "1");
        settings.setProperty("max.queue.size.in.bytes", Integer.toString(64 << 20));
        return settings;
    }

    /** Reads so many changes; returns how long they took. */
    static Passage read(Properties settings, String slot, long changes) throws Exception {
        Properties properties = new Properties();
        properties.putAll(settings);
        properties.setProperty("slot.name", slot);
        properties.setProperty("offset.storage", MemoryOffsetBackingStore.class.getName());
        Arrivals arrivals = new Arrivals(changes);
        DebeziumEngine<?> engine =
                new ConvertingAsyncEngineBuilderFactory()
                        .builder(ChangeEventFormat.of(Connect.class))
                        .using(properties)
                        .using(OffsetCommitPolicy.always())
                        .using(
                                (success, message, error) ->
                                        arrivals.failed(
                                                new IllegalStateException(
                                                        "the engine ended: " + message, error)))
                        .notifying(new Counter(arrivals))
                        .build();
        Thread thread = new Thread(engine::run, "engine-alone");
        thread.start();
        try {
            return arrivals.await();
        } finally {
            engine.close();
            thread.join(TimeUnit.MINUTES.toMillis(1));
        }
    }

    private record Counter(Arrivals arrivals)
            implements DebeziumEngine.ChangeConsumer<RecordChangeEvent<SourceRecord>> {

        @Override
        public void handleBatch(
                List<RecordChangeEvent<SourceRecord>> records,
                DebeziumEngine.RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
                throws InterruptedException {
            for (RecordChangeEvent<SourceRecord> event : records) {
                if (event.record().value() instanceof Struct value && isRow(value)) {
                    arrivals.one();
                }
            }
            committer.markProcessed(records.get(records.size() - 1));
            committer.markBatchFinished();
        }

        private static boolean isRow(Struct value) {
            if (value.schema().field("op") == null) {
                return false;
            }
            String operation = value.getString("op");
            return operation.equals("c") || operation.equals("u") || operation.equals("d");
        }
    }
}
