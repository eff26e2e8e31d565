package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.function.BiConsumer;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.apache.flink.metrics.groups.SplitEnumeratorMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.junit.jupiter.api.Test;

class PollingEnumeratorTest {

    private static final Map<String, List<String>> PLAN = new LinkedHashMap<>();

    static {
        PLAN.put("a", List.of("target", "wal"));
        PLAN.put("b", List.of("target", "wal"));
        PLAN.put("c", List.of("target"));
    }

    private static final PollSplit.Progress SOME = new PollSplit.Progress(5, 0, 0, 1);
    private static final PollSplit.Progress MORE = new PollSplit.Progress(9, 0, 0, 2);

    @Test
    void waitsForAllReadersAndKeepsTheSplitsOfATargetTogether() {
        Context context = new Context(2);
        PollingEnumerator enumerator = enumerator(context);
        context.register(0);
        enumerator.addReader(0);
        assertThat(context.assigned).isEmpty();
        context.register(1);
        enumerator.addReader(1);
        assertThat(context.ids(0)).containsExactlyInAnyOrder("a/target", "a/wal", "c/target");
        assertThat(context.ids(1)).containsExactlyInAnyOrder("b/target", "b/wal");
    }

    @Test
    void progressSurvivesAnotherParallelismAndPollsThatAreGoneAreDropped() throws Exception {
        Context context = new Context(1);
        PollingEnumerator enumerator = enumerator(context);
        context.register(
                0,
                new PollSplit("b", "wal", SOME),
                new PollSplit("a", "wal", MORE),
                new PollSplit("gone", "wal", MORE));
        enumerator.addReader(0);
        assertThat(context.assigned.get(0))
                .hasSize(5)
                .contains(new PollSplit("b", "wal", SOME), new PollSplit("a", "wal", MORE))
                .contains(new PollSplit("a", "target", PollSplit.Progress.NONE));
        assertThat(enumerator.snapshotState(1).unassigned()).isEmpty();
    }

    @Test
    void aReaderThatComesBackGetsItsTargetsAgainWithTheirNewestProgress() {
        Context context = new Context(2);
        PollingEnumerator enumerator = enumerator(context);
        context.register(0);
        enumerator.addReader(0);
        context.register(1);
        enumerator.addReader(1);
        context.assigned.clear();
        enumerator.addSplitsBack(List.of(new PollSplit("b", "wal", SOME)), 1);
        context.register(1, new PollSplit("b", "wal", MORE));
        enumerator.addReader(1);
        assertThat(context.assigned).containsOnlyKeys(1);
        assertThat(context.assigned.get(1))
                .containsExactlyInAnyOrder(
                        new PollSplit("b", "target", PollSplit.Progress.NONE),
                        new PollSplit("b", "wal", MORE));
    }

    @Test
    void aCheckpointBeforeTheLastReaderRegisteredKeepsReportedProgress() {
        Context context = new Context(2);
        PollingEnumerator enumerator = enumerator(context);
        context.register(0, new PollSplit("a", "wal", MORE));
        enumerator.addReader(0);
        PollingEnumeratorState state = enumerator.snapshotState(1);
        assertThat(state.unassigned()).containsExactly(new PollSplit("a", "wal", MORE));
        Context later = new Context(1);
        PollingEnumerator restored = new PollingEnumerator(later, PLAN, false, state);
        later.register(0);
        restored.addReader(0);
        assertThat(later.assigned.get(0)).contains(new PollSplit("a", "wal", MORE));
    }

    private static PollingEnumerator enumerator(Context context) {
        return new PollingEnumerator(context, PLAN, false, new PollingEnumeratorState(List.of()));
    }

    private static final class Context implements SplitEnumeratorContext<PollSplit> {
        private final int parallelism;
        private final Map<Integer, ReaderInfo> readers = new HashMap<>();
        private final Map<Integer, List<PollSplit>> assigned = new TreeMap<>();

        private Context(int parallelism) {
            this.parallelism = parallelism;
        }

        void register(int subtask, PollSplit... reported) {
            readers.put(subtask, ReaderInfo.createReaderInfo(subtask, "here", List.of(reported)));
        }

        List<String> ids(int subtask) {
            return assigned.get(subtask).stream().map(PollSplit::splitId).toList();
        }

        @Override
        public SplitEnumeratorMetricGroup metricGroup() {
            return UnregisteredMetricsGroup.createSplitEnumeratorMetricGroup();
        }

        @Override
        public void sendEventToSourceReader(int subtaskId, SourceEvent event) {}

        @Override
        public int currentParallelism() {
            return parallelism;
        }

        @Override
        public Map<Integer, ReaderInfo> registeredReaders() {
            return readers;
        }

        @Override
        public void assignSplits(SplitsAssignment<PollSplit> assignment) {
            assignment
                    .assignment()
                    .forEach(
                            (subtask, splits) ->
                                    assigned.computeIfAbsent(subtask, s -> new ArrayList<>())
                                            .addAll(splits));
        }

        @Override
        public void signalNoMoreSplits(int subtask) {}

        @Override
        public <T> void callAsync(Callable<T> callable, BiConsumer<T, Throwable> handler) {
            throw new UnsupportedOperationException();
        }

        @Override
        public <T> void callAsync(
                Callable<T> callable, BiConsumer<T, Throwable> handler, long delay, long period) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void runInCoordinatorThread(Runnable runnable) {
            runnable.run();
        }
    }
}
