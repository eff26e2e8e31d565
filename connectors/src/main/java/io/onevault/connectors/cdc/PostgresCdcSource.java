package io.onevault.connectors.cdc;

import io.onevault.connectors.cdc.enumerator.CdcEnumerator;
import io.onevault.connectors.cdc.enumerator.CdcEnumeratorState;
import io.onevault.connectors.cdc.enumerator.CdcEnumeratorStateSerializer;
import io.onevault.connectors.cdc.reader.CdcReader;
import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.cdc.split.CdcSplitSerializer;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.secret.Secret;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.core.io.SimpleVersionedSerializer;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Reads the row changes of PostgreSQL tables: first the rows as they are, then every change, each
 * once.
 *
 * <p>The position lives in Flink's checkpoints; the slot is confirmed up to what a completed one
 * holds and no further. What cannot be read without loss is not read: the source then emits a gap
 * that says why and what to do, and stays idle, while the job goes on.
 *
 * <pre>{@code
 * PostgresCdcSource.builder("prod", url, "collector", password)
 *         .slot("onevault_prod")
 *         .publication("onevault_prod")
 *         .tables(List.of("public.orders"))
 *         .build()
 *         .addTo(env, "cdc-prod");
 * }</pre>
 *
 * <p>Event time is the server's commit time. The source emits watermarks itself, from commits and
 * from the heartbeats it writes to the server's log, so that time goes on while the tables are
 * idle; rows of the snapshot carry the time at which it was taken. A job that adds a watermark
 * strategy behind it loses that.
 *
 * <p>A stream is tied to its slot. A job restored from a state that was written for another slot
 * name takes a new snapshot: this is how an operator goes on after a refusal.
 *
 * <p>The login needs {@code REPLICATION} and {@code SELECT} on the tables. Publication and slot are
 * made before, by {@link CdcSlots}.
 */
public final class PostgresCdcSource implements Source<CdcRecord, CdcSplit, CdcEnumeratorState> {

    private static final long serialVersionUID = 1L;

    private final CdcOptions options;

    private PostgresCdcSource(CdcOptions options) {
        this.options = options;
    }

    /**
     * @param target the configured name of the watched server
     * @param url a JDBC url without password
     */
    public static Builder builder(String target, String url, String user, Secret password) {
        return new Builder(target, url, user, password);
    }

    /**
     * Adds the source to a job, with parallelism 1.
     *
     * @throws IllegalStateException when the job takes no checkpoints: nothing could ever be
     *     confirmed to the slot, and the server would keep its log until the disk is full
     */
    public SingleOutputStreamOperator<CdcRecord> addTo(StreamExecutionEnvironment env, String uid) {
        if (!env.getCheckpointConfig().isCheckpointingEnabled()) {
            throw new IllegalStateException(
                    "the change source %s needs checkpoints: without them its slot is never confirmed and the server keeps its log until the disk is full; set execution.checkpointing.interval"
                            .formatted(options.slot()));
        }
        return env.fromSource(this, WatermarkStrategy.noWatermarks(), "read-changes")
                .setParallelism(1)
                .uid(uid);
    }

    /** What is read, and within which bounds. */
    public CdcOptions options() {
        return options;
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SplitEnumerator<CdcSplit, CdcEnumeratorState> createEnumerator(
            SplitEnumeratorContext<CdcSplit> context) {
        return restoreEnumerator(
                context, new CdcEnumeratorState(CdcSplit.fresh(options.streamName())));
    }

    @Override
    public SplitEnumerator<CdcSplit, CdcEnumeratorState> restoreEnumerator(
            SplitEnumeratorContext<CdcSplit> context, CdcEnumeratorState checkpoint) {
        CdcSplit waiting = checkpoint.waiting();
        return new CdcEnumerator(
                context,
                waiting == null ? checkpoint : new CdcEnumeratorState(options.resumed(waiting)));
    }

    @Override
    public SourceReader<CdcRecord, CdcSplit> createReader(SourceReaderContext context) {
        return new CdcReader(options, context, Clock.systemUTC());
    }

    @Override
    public SimpleVersionedSerializer<CdcSplit> getSplitSerializer() {
        return new CdcSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<CdcEnumeratorState> getEnumeratorCheckpointSerializer() {
        return new CdcEnumeratorStateSerializer();
    }

    /** Collects what is read. */
    public static final class Builder {
        private final String target;
        private final String url;
        private final String user;
        private final Secret password;
        private String slot = "onevault";
        private String publication = "onevault";
        private List<String> tables = List.of();
        private Duration heartbeat = Duration.ofSeconds(5);
        private Duration networkTimeout = Duration.ofSeconds(60);
        private Duration retryDelay = Duration.ofMillis(500);
        private int queueCapacity = 8192;
        private long queueBytes = 64L << 20;
        private int fetchSize = 1000;
        private int confirmBehind;
        private Duration outOfOrder = Duration.ofSeconds(1);
        private Duration idleAfter = Duration.ofMinutes(1);

        private Builder(String target, String url, String user, Secret password) {
            this.target = target;
            this.url = url;
            this.user = user;
            this.password = password;
        }

        /** The replication slot, of which this source is the only reader. Default: onevault. */
        public Builder slot(String name) {
            this.slot = name;
            return this;
        }

        /** The publication. Default: onevault. */
        public Builder publication(String name) {
            this.publication = name;
            return this;
        }

        /** The tables, {@code schema.table} each; the publication holds the same. */
        public Builder tables(List<String> names) {
            this.tables = names;
            return this;
        }

        /**
         * How often a message is written to the server's log so that the slot of an idle database
         * advances; at most the checkpoint interval. Default: 5 s.
         */
        public Builder heartbeat(Duration interval) {
            this.heartbeat = interval;
            return this;
        }

        /** After which silence a connection counts as broken. Default: 60 s. */
        public Builder networkTimeout(Duration limit) {
            this.networkTimeout = limit;
            return this;
        }

        /**
         * Wait before the second try; doubled with each further one, 64-fold at most. Default: 500
         * ms.
         */
        public Builder retryDelay(Duration delay) {
            this.retryDelay = delay;
            return this;
        }

        /** How many records may wait for the task. Default: 8192. */
        public Builder queueCapacity(int records) {
            this.queueCapacity = records;
            return this;
        }

        /**
         * How many bytes of changes may be under way between server and task; one change more is
         * taken while fewer are. A change is held twice for a moment, as received and decoded.
         * Default: 64 MiB.
         */
        public Builder queueBytes(long bytes) {
            this.queueBytes = bytes;
            return this;
        }

        /** How many rows of the snapshot are handed on at once. Default: 1000. */
        public Builder fetchSize(int rows) {
            this.fetchSize = rows;
            return this;
        }

        /**
         * How many completed checkpoints older than the newest must remain resumable: retained
         * checkpoints less one. Default: 0.
         */
        public Builder confirmBehind(int checkpoints) {
            this.confirmBehind = checkpoints;
            return this;
        }

        /**
         * How far watermarks stay behind the newest commit or heartbeat. The server takes a
         * commit's time just before it writes the commit to its log, so commits are nearly, not
         * exactly, in the order of their times. Default: 1 s.
         */
        public Builder outOfOrder(Duration bound) {
            this.outOfOrder = bound;
            return this;
        }

        /**
         * After which time without contact to the server the stream counts as idle and holds no
         * watermark back. A refused slot is idle at once. Default: 1 min.
         */
        public Builder idleAfter(Duration silence) {
            this.idleAfter = silence;
            return this;
        }

        /**
         * @throws IllegalArgumentException one sentence that names the mistake and the remedy
         */
        public PostgresCdcSource build() {
            return new PostgresCdcSource(
                    new CdcOptions(
                            target,
                            url,
                            user,
                            password,
                            slot,
                            publication,
                            tables,
                            heartbeat,
                            networkTimeout,
                            retryDelay,
                            queueCapacity,
                            queueBytes,
                            fetchSize,
                            confirmBehind,
                            outOfOrder,
                            idleAfter));
        }
    }
}
