package io.onevault.connectors.cdc;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.FieldValue;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.secret.Secret;
import io.onevault.embedded.postgres.PostgresServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.streaming.api.operators.AbstractStreamOperator;
import org.apache.flink.streaming.api.operators.OneInputStreamOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.util.Collector;

/** A job that collects what the source emits, exactly once with respect to its checkpoints. */
final class CdcJob implements AutoCloseable {

    /** Guarded by itself; replaced when the job goes back to a checkpoint. */
    private static volatile List<CdcRecord> seen = new ArrayList<>();

    private static final AtomicBoolean FAIL = new AtomicBoolean();
    private static final AtomicBoolean FAIL_NOTIFICATION = new AtomicBoolean();
    private static final AtomicInteger CHECKPOINTS_TO_FAIL = new AtomicInteger();
    private static volatile long completedCheckpoints;
    private static volatile int starts;
    private static volatile long watermark;
    private static volatile boolean idle;
    private static volatile CountDownLatch gate;

    private final JobClient client;

    private CdcJob(JobClient client) {
        this.client = client;
    }

    static CdcJob start(PostgresCdcSource source, Duration checkpointInterval) throws Exception {
        seen = new ArrayList<>();
        return run(source, checkpointInterval, new Configuration());
    }

    static CdcJob start(
            PostgresCdcSource source, Duration checkpointInterval, Configuration configuration)
            throws Exception {
        seen = new ArrayList<>();
        return run(source, checkpointInterval, configuration);
    }

    /** Goes on from a savepoint or checkpoint. */
    static CdcJob restore(PostgresCdcSource source, Duration checkpointInterval, String path)
            throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, path);
        return run(source, checkpointInterval, configuration);
    }

    private static CdcJob run(
            PostgresCdcSource source, Duration checkpointInterval, Configuration configuration)
            throws Exception {
        FAIL.set(false);
        FAIL_NOTIFICATION.set(false);
        gate = null;
        CHECKPOINTS_TO_FAIL.set(0);
        completedCheckpoints = 0;
        starts = 0;
        watermark = Long.MIN_VALUE;
        idle = false;
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 100);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1);
        env.enableCheckpointing(checkpointInterval.toMillis());
        source.addTo(env, "changes")
                .process(new Recorder())
                .uid("recorder")
                .transform(
                        "watch-watermarks",
                        TypeInformation.of(CdcRecord.class),
                        new WatermarkRecorder())
                .uid("watermarks")
                .sinkTo(new DiscardingSink<>())
                .uid("sink");
        return new CdcJob(env.executeAsync("changes"));
    }

    static PostgresCdcSource.Builder source(
            PostgresServer server, String database, String... tables) {
        return PostgresCdcSource.builder("t", server.jdbcUrl(database), "postgres", Secret.NONE)
                .slot(database)
                .publication(database)
                .tables(List.of(tables))
                .heartbeat(Duration.ofMillis(200))
                .retryDelay(Duration.ofMillis(100));
    }

    static void prepare(PostgresServer server, String database, String... tables)
            throws SQLException {
        try (Connection connection = server.connect(database)) {
            CdcSlots.prepare(connection, database, database, List.of(tables));
        }
    }

    static Stream<RowChange> changes() {
        return records().stream().map(CdcRecord::change).filter(change -> change != null);
    }

    static boolean snapshotIsComplete() {
        return records().stream()
                .map(CdcRecord::snapshotBoundary)
                .anyMatch(boundary -> boundary != null && boundary.complete());
    }

    static List<CdcRecord> records() {
        List<CdcRecord> current = seen;
        synchronized (current) {
            return List.copyOf(current);
        }
    }

    static long completedCheckpoints() {
        return completedCheckpoints;
    }

    static int starts() {
        return starts;
    }

    static String text(List<FieldValue> row, String column) {
        return row.stream()
                .filter(field -> field.name().equals(column))
                .findFirst()
                .orElseThrow()
                .text();
    }

    JobID id() {
        return client.getJobID();
    }

    static long watermark() {
        return watermark;
    }

    static boolean isIdle() {
        return idle;
    }

    /** Ends the job with a savepoint, whose path it returns. */
    String stop(Path folder) throws Exception {
        return client.stopWithSavepoint(
                        false, folder.toUri().toString(), SavepointFormatType.CANONICAL)
                .get(60, TimeUnit.SECONDS);
    }

    /** Makes the task fail at its next record. */
    static void failNext() {
        FAIL.set(true);
    }

    /** Makes the task fail when the next checkpoint is complete, before the source is told. */
    static void failAtNotification() {
        FAIL_NOTIFICATION.set(true);
    }

    /** Makes the task wait at its next change, for good. */
    static void block() {
        gate = new CountDownLatch(1);
    }

    /** Makes so many checkpoints fail. */
    static void failCheckpoints(int count) {
        CHECKPOINTS_TO_FAIL.set(count);
    }

    static int checkpointsToFail() {
        return CHECKPOINTS_TO_FAIL.get();
    }

    @Override
    public void close() throws Exception {
        if (client.getJobStatus().get(60, TimeUnit.SECONDS).isGloballyTerminalState()) {
            return;
        }
        client.cancel().get(60, TimeUnit.SECONDS);
        client.getJobExecutionResult().handle((result, error) -> "ended").get(60, TimeUnit.SECONDS);
    }

    private static final class Recorder extends ProcessFunction<CdcRecord, CdcRecord>
            implements CheckpointedFunction, CheckpointListener {
        private static final long serialVersionUID = 1L;

        private transient ListState<Integer> count;

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            count =
                    context.getOperatorStateStore()
                            .getListState(new ListStateDescriptor<>("count", Integer.class));
            int kept = 0;
            for (int value : count.get()) {
                kept = value;
            }
            seen = new ArrayList<>(records().subList(0, kept));
            starts++;
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws Exception {
            if (CHECKPOINTS_TO_FAIL.get() > 0) {
                CHECKPOINTS_TO_FAIL.decrementAndGet();
                throw new IllegalStateException("made to fail in a checkpoint");
            }
            count.update(List.of(records().size()));
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            // Operators are told from the last one back to the source.
            if (FAIL_NOTIFICATION.compareAndSet(true, false)) {
                throw new IllegalStateException("made to fail at a notification");
            }
            completedCheckpoints++;
        }

        @Override
        public void processElement(CdcRecord record, Context context, Collector<CdcRecord> out)
                throws InterruptedException {
            CountDownLatch closed = gate;
            if (record.change() != null && closed != null) {
                closed.await();
            }
            if (record.change() != null && FAIL.compareAndSet(true, false)) {
                throw new IllegalStateException("made to fail");
            }
            List<CdcRecord> current = seen;
            synchronized (current) {
                current.add(record);
            }
            out.collect(record);
        }
    }

    private static final class WatermarkRecorder extends AbstractStreamOperator<CdcRecord>
            implements OneInputStreamOperator<CdcRecord, CdcRecord> {
        private static final long serialVersionUID = 1L;

        @Override
        public void processElement(StreamRecord<CdcRecord> element) {
            output.collect(element);
        }

        @Override
        public void processWatermark(Watermark mark) throws Exception {
            watermark = mark.getTimestamp();
            super.processWatermark(mark);
        }

        @Override
        public void processWatermarkStatus(WatermarkStatus status) throws Exception {
            idle = status.isIdle();
            super.processWatermarkStatus(status);
        }
    }
}
