package io.onevault.connectors.serverlog;

import io.onevault.connectors.model.LogObservation;
import io.onevault.connectors.target.Delivery;
import io.onevault.connectors.target.Handover;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.target.ServerTimeWatermarks;
import io.onevault.connectors.target.SplitListSerializer;
import io.onevault.connectors.target.TargetEnumerator;
import io.onevault.connectors.target.TargetReader;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.connector.source.Boundedness;
import org.apache.flink.api.connector.source.Source;
import org.apache.flink.api.connector.source.SourceReader;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SupportsSplitReassignmentOnRecovery;
import org.apache.flink.core.io.SimpleVersionedSerializer;

/**
 * Tails the logs of PostgreSQL servers through SQL: failed logins, lock waits, deadlocks, temporary
 * files, slow statements, starts, stops, crashes. See {@link
 * io.onevault.connectors.model.LogEvent}.
 *
 * <p>The server must write jsonlog (15 and later) or csvlog. The user needs {@code pg_monitor} and
 * the right to execute {@code pg_read_binary_file(text, bigint, bigint, boolean)}, before
 * PostgreSQL 17 also {@code pg_current_logfile(text)}; what is missing is said in a gap of no
 * length, and reading goes on when it is granted.
 *
 * <p>The position is part of the checkpoint: every event comes exactly once into the job's state,
 * also across restarts of the job or the server and rotation. A file that is removed or overwritten
 * before it was read leaves a gap {@code LOG_LOST}. A first start begins at the end, unless told
 * otherwise.
 *
 * <pre>{@code
 * ServerLogTail log =
 *         ServerLogTail.builder()
 *                 .target(new ServerTarget("prod", url, "collector", password))
 *                 .build();
 * env.fromSource(log, ServerLogTail.watermarks(Duration.ofSeconds(2)), "server-log")
 *         .uid("server-log");
 * }</pre>
 */
public final class ServerLogTail
        implements Source<LogObservation, LogSplit, List<LogSplit>>,
                SupportsSplitReassignmentOnRecovery {

    private static final long serialVersionUID = 1L;

    /** A target that is away must not hold back the time of the others. */
    private static final Duration IDLE_AFTER = Duration.ofSeconds(10);

    /** Each holds the events of one chunk. */
    private static final int HANDOVER_CAPACITY = 4;

    private final List<ServerTarget> targets;
    private final ServerLogOptions options;

    private ServerLogTail(List<ServerTarget> targets, ServerLogOptions options) {
        this.targets = targets;
        this.options = options;
    }

    public static Builder builder() {
        return new Builder();
    }

    /**
     * Watermarks in the servers' time.
     *
     * @param bound how far lines of different processes may be out of order; 2 s are plenty. What
     *     was logged while the reader was away comes later than that.
     */
    public static WatermarkStrategy<LogObservation> watermarks(Duration bound) {
        return WatermarkStrategy.<LogObservation>forGenerator(
                        context ->
                                new ServerTimeWatermarks<>(
                                        bound, IDLE_AFTER, context.getInputActivityClock()))
                .withTimestampAssigner((observation, recorded) -> observation.timestamp());
    }

    @Override
    public Boundedness getBoundedness() {
        return Boundedness.CONTINUOUS_UNBOUNDED;
    }

    @Override
    public SplitEnumerator<LogSplit, List<LogSplit>> createEnumerator(
            SplitEnumeratorContext<LogSplit> context) {
        return restoreEnumerator(context, List.of());
    }

    @Override
    public SplitEnumerator<LogSplit, List<LogSplit>> restoreEnumerator(
            SplitEnumeratorContext<LogSplit> context, List<LogSplit> checkpoint) {
        Map<String, List<LogSplit>> splits = new LinkedHashMap<>();
        targets.forEach(
                target -> splits.put(target.name(), List.of(LogSplit.first(target.name()))));
        return new TargetEnumerator<>(
                context,
                splits,
                false,
                checkpoint,
                (a, b) -> a.time() >= b.time() ? a : b,
                List::copyOf);
    }

    @Override
    public SourceReader<LogObservation, LogSplit> createReader(SourceReaderContext context) {
        Clock clock = Clock.systemUTC();
        LogMetrics metrics = new LogMetrics(context.metricGroup());
        Handover<Delivery<LogObservation, LogSplit>> handover = new Handover<>(HANDOVER_CAPACITY);
        return new TargetReader<>(
                "server-log",
                context,
                handover,
                split ->
                        new LogWatcher(
                                ServerTarget.named(split.target(), targets),
                                split,
                                options,
                                handover,
                                metrics,
                                clock),
                LogObservation::timestamp,
                options.closeTimeout());
    }

    @Override
    public SimpleVersionedSerializer<LogSplit> getSplitSerializer() {
        return new LogSplitSerializer();
    }

    @Override
    public SimpleVersionedSerializer<List<LogSplit>> getEnumeratorCheckpointSerializer() {
        return new SplitListSerializer<>(new LogSplitSerializer());
    }

    /** Collects whose logs are read. */
    public static final class Builder {
        private final List<ServerTarget> targets = new ArrayList<>();
        private ServerLogOptions options = ServerLogOptions.DEFAULT;

        private Builder() {}

        /** Adds a target. */
        public Builder target(ServerTarget target) {
            targets.add(target);
            return this;
        }

        /** Adds targets. */
        public Builder targets(List<ServerTarget> several) {
            targets.addAll(several);
            return this;
        }

        /** Default: {@link ServerLogOptions#DEFAULT}. */
        public Builder options(ServerLogOptions value) {
            this.options = value;
            return this;
        }

        /**
         * Checks what can be checked without connecting.
         *
         * @throws IllegalArgumentException one sentence that names the mistake and the remedy
         */
        public ServerLogTail build() {
            return new ServerLogTail(
                    ServerTarget.requireDistinct("the server log", targets), options);
        }
    }
}
