package io.onevault.connectors.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.locks.LockSampler;
import io.onevault.connectors.locks.LockSamplerOptions;
import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.model.LogObservation;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.serverlog.ServerLogOptions;
import io.onevault.connectors.serverlog.ServerLogTail;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.runtime.state.FunctionInitializationContext;
import org.apache.flink.runtime.state.FunctionSnapshotContext;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.checkpoint.CheckpointedFunction;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Lock sampler and log tail in one job, whose tasks fail now and then. */
class WatchingJobIT {

    private static final int MARKS = 300;
    private static final int FAILURES = 3;

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(4)
                            .build());

    /** Filled by the job, which runs in this process. */
    private static final Queue<LockObservation> LOOKS = new ConcurrentLinkedQueue<>();

    private static final AtomicBoolean BLINDED = new AtomicBoolean();
    private static final AtomicInteger FAILED = new AtomicInteger();
    private static volatile List<String> marks = List.of();
    private static volatile long watermark;

    @Test
    void everyLineCountsOnceAndTheTimeNobodyLookedIsAGap() throws Exception {
        try (PostgresServer server = server()) {
            JobClient job = start(server);
            try {
                Until.holds("looks at both targets", () -> looked("a") && looked("b"));
                CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> write(server));
                Until.holds("all lines", () -> marks.size() >= MARKS);
                writing.get(30, TimeUnit.SECONDS);
                Until.holds(
                        "a gap of the target whose task failed", () -> missed("a") || missed("b"));
                LOOKS.clear();
                Until.holds("looks afterwards", () -> looked("a") && looked("b"));
                assertThat(marks)
                        .containsExactlyElementsOf(
                                IntStream.range(0, MARKS).mapToObj(i -> "mark-" + i).toList());
                assertThat(FAILED).hasValue(FAILURES);
                Until.holds("time in the server's clock", () -> watermark > 1_600_000_000_000L);
            } finally {
                job.cancel().get(60, TimeUnit.SECONDS);
            }
        }
    }

    private static boolean looked(String target) {
        return LOOKS.stream().anyMatch(look -> look.target().equals(target) && look.gap() == null);
    }

    private static boolean missed(String target) {
        return LOOKS.stream()
                .filter(look -> look.target().equals(target) && look.gap() != null)
                .anyMatch(
                        look ->
                                look.gap().reason().equals("SKIPPED")
                                        && look.gap().from() < look.gap().to()
                                        && look.gap().detail().contains("did not run"));
    }

    private static void write(PostgresServer server) {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            for (int i = 0; i < MARKS; i++) {
                statement.execute(
                        "SET application_name = 'mark-%d'; SET log_min_duration_statement = 0"
                                .formatted(i));
                statement.execute("SELECT pg_sleep(0.02), 'mark'");
                statement.execute("SET log_min_duration_statement = -1");
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static JobClient start(PostgresServer server) throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 10);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(100));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        env.enableCheckpointing(200);
        LockSampler locks =
                LockSampler.builder()
                        .target(target("a", server))
                        .target(target("b", server))
                        .options(
                                LockSamplerOptions.builder()
                                        .heartbeat(Duration.ofMillis(200))
                                        .build())
                        .build();
        env.fromSource(locks, LockSampler.watermarks(), "lock-sampler")
                .uid("lock-sampler")
                .process(new Looks())
                .uid("looks")
                .sinkTo(new DiscardingSink<>())
                .uid("looks-sink");
        ServerLogTail log =
                ServerLogTail.builder()
                        .target(target("a", server))
                        .options(
                                ServerLogOptions.builder()
                                        .pollInterval(Duration.ofMillis(100))
                                        .chunkBytes(4 << 10)
                                        .build())
                        .build();
        env.fromSource(log, ServerLogTail.watermarks(Duration.ofSeconds(2)), "server-log")
                .uid("server-log")
                .process(new Marks())
                .uid("marks")
                .setParallelism(1)
                .sinkTo(new DiscardingSink<>())
                .uid("marks-sink");
        return env.executeAsync("watching");
    }

    private static ServerTarget target(String name, PostgresServer server) {
        return new ServerTarget(name, server.jdbcUrl("postgres"), "monitor", Secret.NONE);
    }

    private static PostgresServer server() {
        PostgresServer server =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("logging_collector", "on")
                        .setting("log_destination", "jsonlog")
                        .start();
        server.execute(
                "postgres",
                "CREATE ROLE monitor LOGIN",
                "GRANT pg_monitor TO monitor",
                "GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean)"
                        + " TO monitor");
        return server;
    }

    /** Fails once after a checkpoint. */
    private static final class Looks extends ProcessFunction<LockObservation, LockObservation>
            implements CheckpointListener {
        private static final long serialVersionUID = 1L;

        private transient int checkpointed;

        @Override
        public void notifyCheckpointComplete(long checkpoint) {
            if (looked("a") && looked("b")) {
                checkpointed++;
            }
        }

        @Override
        public void processElement(
                LockObservation look, Context context, Collector<LockObservation> out) {
            // The first may have begun before the looks were taken.
            if (checkpointed > 1 && look.gap() == null && BLINDED.compareAndSet(false, true)) {
                throw new IllegalStateException("failing on purpose");
            }
            LOOKS.add(look);
            watermark = Math.max(watermark, context.timerService().currentWatermark());
            out.collect(look);
        }
    }

    /** Keeps what it saw in its state, and fails after some of it is part of a checkpoint. */
    private static final class Marks extends ProcessFunction<LogObservation, LogObservation>
            implements CheckpointedFunction, CheckpointListener {
        private static final long serialVersionUID = 1L;

        private transient ListState<String> state;
        private transient List<String> seen;
        private transient int checkpoints;

        @Override
        public void initializeState(FunctionInitializationContext context) throws Exception {
            state =
                    context.getOperatorStateStore()
                            .getListState(new ListStateDescriptor<>("marks", Types.STRING));
            seen = new ArrayList<>();
            state.get().forEach(seen::add);
        }

        @Override
        public void snapshotState(FunctionSnapshotContext context) throws Exception {
            state.update(seen);
        }

        @Override
        public void notifyCheckpointComplete(long checkpoint) {
            checkpoints++;
        }

        @Override
        public void processElement(
                LogObservation one, Context context, Collector<LogObservation> out) {
            if (one.event() != null
                    && "execute".equals(one.event().attributes().get("phase"))
                    && one.event().statement().startsWith("SELECT pg_sleep")) {
                seen.add(one.event().application());
                marks = List.copyOf(seen);
                int due = (FAILED.get() + 1) * MARKS / (FAILURES + 1);
                if (checkpoints > 0 && seen.size() >= due && FAILED.get() < FAILURES) {
                    FAILED.incrementAndGet();
                    throw new IllegalStateException("failing on purpose");
                }
            }
            out.collect(one);
        }
    }
}
