package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.target.Until;
import io.onevault.embedded.postgres.PostgresServer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateRecoveryOptions;
import org.apache.flink.core.execution.JobClient;
import org.apache.flink.core.execution.SavepointFormatType;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** The source in a cluster, stopped with a savepoint and resumed at another parallelism. */
class CheckpointIT {

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(4)
                            .build());

    /** Filled by the job, which runs in this process. */
    private static final Queue<PollResult> RESULTS = new ConcurrentLinkedQueue<>();

    private static final Map<String, Set<Integer>> SUBTASKS = new ConcurrentHashMap<>();
    private static volatile long watermark;

    @TempDir private Path savepoints;

    @Test
    void resumesAtAnotherParallelismAndReportsWhatItMissed() throws Exception {
        PostgresServer server = Servers.version(PostgresServer.LATEST_VERSION);
        JobClient first = start(server, 2, null);
        Until.holds("both targets answer", () -> answered("a") && answered("b"));
        Until.holds("a watermark in server time", () -> watermark > 1_600_000_000_000L);
        assertThat(SUBTASKS.get("a")).hasSize(1);
        assertThat(SUBTASKS.get("b")).hasSize(1);
        assertThat(SUBTASKS.get("a")).isNotEqualTo(SUBTASKS.get("b"));
        String savepoint =
                first.stopWithSavepoint(
                                false, savepoints.toUri().toString(), SavepointFormatType.CANONICAL)
                        .get(60, TimeUnit.SECONDS);
        assertThat(RESULTS).extracting(PollResult::gap).containsOnlyNulls();
        long lastBefore = newest();
        RESULTS.clear();
        SUBTASKS.clear();
        long stopped = System.nanoTime();
        Until.holds(
                "time enough to miss runs",
                () -> System.nanoTime() - stopped > TimeUnit.MILLISECONDS.toNanos(700));

        JobClient second = start(server, 1, savepoint);
        Until.holds("both targets answer again", () -> answered("a") && answered("b"));
        second.cancel().get(60, TimeUnit.SECONDS);

        List<PollResult> gaps = RESULTS.stream().filter(r -> r.gap() != null).toList();
        assertThat(gaps)
                .extracting(result -> result.gap().reason())
                .isNotEmpty()
                .containsOnly("SKIPPED");
        assertThat(gaps)
                .extracting(result -> result.gap().detail())
                .allSatisfy(detail -> assertThat(detail).contains("collector did not run"));
        assertThat(gaps)
                .filteredOn(gap -> gap.poll().equals("target"))
                .extracting(PollResult::target)
                .containsExactlyInAnyOrder("a", "b");
        assertThat(RESULTS)
                .filteredOn(result -> result.gap() == null)
                .allSatisfy(
                        result ->
                                assertThat(result.timestamp()).isGreaterThanOrEqualTo(lastBefore));
    }

    private static boolean answered(String target) {
        return RESULTS.stream()
                .filter(result -> result.target().equals(target) && result.gap() == null)
                .map(PollResult::poll)
                .collect(Collectors.toSet())
                .containsAll(List.of("target", "activity"));
    }

    private static long newest() {
        return RESULTS.stream().mapToLong(PollResult::timestamp).max().orElseThrow();
    }

    private static JobClient start(PostgresServer server, int parallelism, String savepoint)
            throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        if (savepoint != null) {
            configuration.set(StateRecoveryOptions.SAVEPOINT_PATH, savepoint);
        }
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(parallelism);
        env.enableCheckpointing(200);
        PollingSource source =
                PollingSource.builder()
                        .target(Servers.target("a", server).build())
                        .target(Servers.target("b", server).build())
                        .interval("target", Duration.ofMillis(200))
                        .interval("activity", Duration.ofMillis(200))
                        .build();
        env.fromSource(source, PollingSource.watermarks(Duration.ofSeconds(1)), "poll-servers")
                .uid("polling")
                .process(new Recorder())
                .uid("recorder")
                .sinkTo(new DiscardingSink<>())
                .uid("sink");
        return env.executeAsync("polling");
    }

    private static final class Recorder extends ProcessFunction<PollResult, PollResult> {
        private static final long serialVersionUID = 1L;

        private int subtask;

        @Override
        public void open(OpenContext context) {
            subtask = getRuntimeContext().getTaskInfo().getIndexOfThisSubtask();
        }

        @Override
        public void processElement(PollResult result, Context context, Collector<PollResult> out) {
            RESULTS.add(result);
            SUBTASKS.computeIfAbsent(result.target(), t -> ConcurrentHashMap.newKeySet())
                    .add(subtask);
            watermark = Math.max(watermark, context.timerService().currentWatermark());
            out.collect(result);
        }
    }
}
