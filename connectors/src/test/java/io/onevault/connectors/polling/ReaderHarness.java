package io.onevault.connectors.polling;

import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.connector.source.ReaderOutput;
import org.apache.flink.api.connector.source.SourceEvent;
import org.apache.flink.api.connector.source.SourceOutput;
import org.apache.flink.api.connector.source.SourceReaderContext;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.core.io.InputStatus;
import org.apache.flink.metrics.groups.SourceReaderMetricGroup;
import org.apache.flink.metrics.groups.UnregisteredMetricsGroup;
import org.apache.flink.util.SimpleUserCodeClassLoader;
import org.apache.flink.util.UserCodeClassLoader;

/** A reader with its splits and without a Flink cluster; the test is the task's thread. */
final class ReaderHarness implements AutoCloseable {

    private final PollingReader reader;
    private final Output output = new Output();

    ReaderHarness(PollingPlan plan) {
        this(plan, Map.of());
    }

    ReaderHarness(PollingPlan plan, Map<String, PollSplit> restored) {
        this.reader = new PollingReader(plan, new Context(), java.time.Clock.systemUTC());
        List<PollSplit> splits = new ArrayList<>();
        plan.pollsByTarget()
                .forEach(
                        (target, polls) ->
                                polls.forEach(
                                        poll ->
                                                splits.add(
                                                        restored.getOrDefault(
                                                                PollSplit.id(target, poll),
                                                                new PollSplit(
                                                                        target,
                                                                        poll,
                                                                        PollSplit.Progress
                                                                                .NONE)))));
        reader.start();
        reader.addSplits(splits);
    }

    /** Reads until a result satisfies {@code condition} and returns it. */
    PollResult await(String what, Predicate<PollResult> condition) {
        List<PollResult> found = new ArrayList<>();
        Until.holds(
                what,
                () -> {
                    while (found.isEmpty()
                            && reader.pollNext(output) == InputStatus.MORE_AVAILABLE) {
                        found.addAll(output.drain().stream().filter(condition).toList());
                    }
                    return !found.isEmpty();
                });
        return found.get(0);
    }

    PollResult awaitUp(String target) {
        return await(target + " is up", result -> is(result, target, "target_up", 1));
    }

    PollResult awaitDown(String target) {
        return await(target + " is down", result -> is(result, target, "target_up", 0));
    }

    PollResult awaitGap(String poll) {
        return await(
                "a gap of " + poll, result -> result.poll().equals(poll) && result.gap() != null);
    }

    PollResult awaitAnswer(String poll) {
        return await(
                "an answer of " + poll,
                result -> result.poll().equals(poll) && result.gap() == null);
    }

    List<PollSplit> snapshot() {
        return reader.snapshotState(1);
    }

    static boolean is(PollResult result, String target, String metric, double value) {
        return result.target().equals(target) && value(result, metric) == value;
    }

    /** The value of a metric without labels in a result; NaN when it has none. */
    static double value(PollResult result, String metric) {
        String series = new SeriesId(result.target(), "", metric, Map.of()).text();
        return result.samples().stream()
                .filter(sample -> sample.series().equals(series))
                .mapToDouble(Sample::value)
                .findFirst()
                .orElse(Double.NaN);
    }

    @Override
    public void close() throws Exception {
        reader.close();
    }

    private static final class Output implements ReaderOutput<PollResult> {
        private final List<PollResult> results = new ArrayList<>();

        List<PollResult> drain() {
            List<PollResult> drained = List.copyOf(results);
            results.clear();
            return drained;
        }

        @Override
        public void collect(PollResult result) {
            results.add(result);
        }

        @Override
        public void collect(PollResult result, long timestamp) {
            results.add(result);
        }

        @Override
        public void emitWatermark(Watermark watermark) {}

        @Override
        public void markIdle() {}

        @Override
        public void markActive() {}

        @Override
        public SourceOutput<PollResult> createOutputForSplit(String splitId) {
            return this;
        }

        @Override
        public void releaseOutputForSplit(String splitId) {}
    }

    private static final class Context implements SourceReaderContext {
        @Override
        public SourceReaderMetricGroup metricGroup() {
            return UnregisteredMetricsGroup.createSourceReaderMetricGroup();
        }

        @Override
        public Configuration getConfiguration() {
            return new Configuration();
        }

        @Override
        public String getLocalHostName() {
            return "localhost";
        }

        @Override
        public int getIndexOfSubtask() {
            return 0;
        }

        @Override
        public void sendSplitRequest() {}

        @Override
        public void sendSourceEventToCoordinator(SourceEvent event) {}

        @Override
        public UserCodeClassLoader getUserCodeClassLoader() {
            return SimpleUserCodeClassLoader.create(ReaderHarness.class.getClassLoader());
        }
    }
}
