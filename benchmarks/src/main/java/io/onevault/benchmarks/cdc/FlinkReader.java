package io.onevault.benchmarks.cdc;

import io.onevault.benchmarks.cdc.Arrivals.Passage;
import io.onevault.connectors.cdc.PostgresCdcSource;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.secret.Secret;
import io.onevault.embedded.postgres.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.connector.sink2.Sink;
import org.apache.flink.api.connector.sink2.SinkWriter;
import org.apache.flink.api.connector.sink2.WriterInitContext;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * The change source in a job of one slot with checkpoints, its records counted and dropped. Each
 * reading starts from a savepoint that was taken where the slot's copy stands, as an operator
 * would.
 */
final class FlinkReader implements AutoCloseable {

    /** The slot's name is part of the savepoint. */
    private static final String SLOT = "own";

    private static final Duration CHECKPOINTS = Duration.ofSeconds(1);
    private static final Duration LIMIT = Duration.ofMinutes(2);

    /** Where the sink of the one running job counts. */
    private static volatile @Nullable Arrivals current;

    private final MiniCluster cluster;
    private final ChangeLog log;
    private final PostgresCdcSource source;
    private final Path folder;

    private FlinkReader(MiniCluster cluster, ChangeLog log, Path folder) {
        this.cluster = cluster;
        this.log = log;
        this.folder = folder;
        this.source =
                PostgresCdcSource.builder(
                                "shop",
                                log.server().jdbcUrl(ChangeLog.DATABASE),
                                PostgresServer.SUPERUSER,
                                Secret.NONE)
                        .slot(SLOT)
                        .publication(ChangeLog.PUBLICATION)
                        .tables(ChangeLog.TABLES)
                        .heartbeat(CHECKPOINTS)
                        .build();
    }

    /**
     * Starts a cluster.
     *
     * @param folder for savepoints and checkpoints
     */
    static FlinkReader start(ChangeLog log, Path folder) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(
                CheckpointingOptions.CHECKPOINTS_DIRECTORY,
                folder.resolve("checkpoints").toUri().toString());
        MiniCluster cluster =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(configuration)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(1)
                                .withRandomPorts()
                                .build());
        cluster.start();
        return new FlinkReader(cluster, log, folder);
    }

    /** Lets the source stream from {@code mark}, and stops it with a savepoint. */
    String savepoint(String mark) throws Exception {
        log.copy(mark, SLOT);
        JobID job = submit(new Arrivals(Long.MAX_VALUE), null);
        log.awaitConfirmed(SLOT, mark);
        return cluster.stopWithSavepoint(
                        job,
                        folder.resolve("savepoints").toUri().toString(),
                        false,
                        SavepointFormatType.CANONICAL)
                .get(LIMIT.toSeconds(), TimeUnit.SECONDS);
    }

    /** Reads so many changes; returns how long they took. */
    Passage read(Section section, long changes) throws Exception {
        log.copy(section.mark(), SLOT);
        Arrivals arrivals = new Arrivals(changes);
        JobID job = submit(arrivals, section.savepoint());
        cluster.requestJobResult(job)
                .whenComplete(
                        (result, error) ->
                                arrivals.failed(
                                        new IllegalStateException("the job ended: " + result)));
        Passage passage = arrivals.await();
        cluster.cancelJob(job).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        cluster.requestJobResult(job).get(LIMIT.toSeconds(), TimeUnit.SECONDS);
        log.drop(SLOT);
        return passage;
    }

    private JobID submit(Arrivals arrivals, @Nullable String savepoint) throws Exception {
        current = arrivals;
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.OBJECT_REUSE, true);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "none");
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(1).enableCheckpointing(CHECKPOINTS.toMillis());
        source.addTo(env, "changes").sinkTo(new CountingSink()).uid("sink").name("sink");
        return cluster.submitJob(env.getStreamGraph().getJobGraph()).get().getJobID();
    }

    @Override
    public void close() throws Exception {
        cluster.close();
    }

    private static final class CountingSink implements Sink<CdcRecord> {
        private static final long serialVersionUID = 1L;

        @Override
        public SinkWriter<CdcRecord> createWriter(WriterInitContext context) {
            Arrivals arrivals = current;
            if (arrivals == null) {
                throw new IllegalStateException("nothing is read now");
            }
            return new CountingWriter(arrivals);
        }
    }

    private record CountingWriter(Arrivals arrivals) implements SinkWriter<CdcRecord> {

        @Override
        public void write(CdcRecord record, Context context) {
            RowChange change = record.change();
            if (change == null) {
                if (record.gap() != null || record.deadLetter() != null) {
                    throw new IllegalStateException("not a change: " + record);
                }
            } else if (!change.operation().equals("TRUNCATE")) {
                arrivals.one();
            }
        }

        @Override
        public void flush(boolean endOfInput) {}

        @Override
        public void close() {}
    }
}
