package io.onevault.connectors.polling;

import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.target.SourceRun;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/** A reader with its splits and without a Flink cluster; the test is the task's thread. */
final class ReaderHarness implements AutoCloseable {

    private final SourceRun<PollResult, PollSplit> run;

    ReaderHarness(PollingPlan plan) {
        this(plan, Map.of());
    }

    ReaderHarness(PollingPlan plan, Map<String, PollSplit> restored) {
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
        this.run =
                new SourceRun<>(
                        new PollingReader(plan, SourceRun.context(), java.time.Clock.systemUTC()),
                        splits);
    }

    /** Reads until a result satisfies {@code condition} and returns it. */
    PollResult await(String what, Predicate<PollResult> condition) {
        return run.await(what, condition);
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
        return run.snapshot();
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
        run.close();
    }
}
