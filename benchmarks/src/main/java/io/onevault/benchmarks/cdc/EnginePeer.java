package io.onevault.benchmarks.cdc;

import io.debezium.embedded.Connect;
import io.debezium.embedded.async.ConvertingAsyncEngineBuilderFactory;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.debezium.engine.spi.OffsetCommitPolicy;
import io.onevault.benchmarks.cdc.Arrivals.Passage;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.MemoryOffsetBackingStore;

/** Debezium's engine without Flink: its records are counted and dropped. */
final class EnginePeer {

    private EnginePeer() {}

    /** What Debezium runs with unless told otherwise, bound to a slot and without a snapshot. */
    static Properties defaults(Properties own) {
        Properties settings = new Properties();
        for (String name : own.stringPropertyNames()) {
            boolean where =
                    name.startsWith("database.")
                            || name.startsWith("slot.")
                            || name.startsWith("publication.")
                            || List.of(
                                            "name",
                                            "connector.class",
                                            "topic.prefix",
                                            "plugin.name",
                                            "table.include.list",
                                            "snapshot.mode")
                                    .contains(name);
            if (where) {
                settings.setProperty(name, own.getProperty(name));
            }
        }
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
