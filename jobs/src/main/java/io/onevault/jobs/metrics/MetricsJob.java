package io.onevault.jobs.metrics;

import io.onevault.connectors.model.Fact;
import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.polling.Poll;
import io.onevault.connectors.polling.PollCatalogue;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.objects.FactChanges;
import io.onevault.jobs.objects.ListChange;
import io.onevault.jobs.vault.FactRows;
import io.onevault.jobs.vault.FindingSinks;
import io.onevault.jobs.vault.MetricWindowRows;
import io.onevault.jobs.vault.PerformanceMetricRows;
import java.time.Duration;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.apache.flink.api.common.functions.FilterFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.DataStreamUtils;
import org.apache.flink.streaming.api.datastream.SingleOutputStreamOperator;
import org.jspecify.annotations.Nullable;

/**
 * The metrics capability: what polls bring becomes windows with a state, roll-ups, and changes of
 * settings, privileges and indexes.
 */
public final class MetricsJob {

    private static final int HOUR_SECONDS = 3_600;
    private static final int DAY_SECONDS = 86_400;

    private MetricsJob() {}

    /**
     * Attaches the capability.
     *
     * @param polled results with timestamps and watermarks
     * @param catalogue of the polls that bring them
     * @param pollIntervals of the metrics, by name
     * @param rules what comes into force and what is retired, never holding back event time; null
     *     for the catalogue's thresholds alone
     * @return the windows of every length, for what builds on them
     */
    public static DataStream<MetricWindow> defineWorkflow(
            DataStream<PollResult> polled,
            WindowSettings settings,
            PollCatalogue catalogue,
            Map<String, Duration> pollIntervals,
            @Nullable DataStream<RuleUpdate> rules,
            FindingSinks sinks) {
        return defineWorkflow(
                polled, samples(polled), settings, catalogue, pollIntervals, rules, sinks);
    }

    /**
     * The same for samples that others read as well.
     *
     * @param samples of {@code polled}
     */
    public static DataStream<MetricWindow> defineWorkflow(
            DataStream<PollResult> polled,
            DataStream<Sample> samples,
            WindowSettings settings,
            PollCatalogue catalogue,
            Map<String, Duration> pollIntervals,
            @Nullable DataStream<RuleUpdate> rules,
            FindingSinks sinks) {
        return defineWorkflow(
                polled, samples, settings, catalogue, pollIntervals, rules, none -> {}, sinks);
    }

    /**
     * The same where others also read what changed of settings, privileges and indexes.
     *
     * @param changed takes how lists differ from those before them
     */
    public static DataStream<MetricWindow> defineWorkflow(
            DataStream<PollResult> polled,
            DataStream<Sample> samples,
            WindowSettings settings,
            PollCatalogue catalogue,
            Map<String, Duration> pollIntervals,
            @Nullable DataStream<RuleUpdate> rules,
            Consumer<DataStream<ListChange>> changed,
            FindingSinks sinks) {
        Set<String> factPolls = namesOf(catalogue, poll -> !poll.factKind().isEmpty());
        SingleOutputStreamOperator<Fact> facts =
                polled.filter(result -> factPolls.contains(result.poll()))
                        .uid("fact-polls")
                        .name("fact-polls")
                        .keyBy(result -> result.target() + '|' + result.poll())
                        .process(new FactChanges(namesOf(catalogue, Poll::factsRanked)))
                        .uid("fact-changes")
                        .name("fact-changes");
        sinks.write(facts, FactRows.TABLE, FactRows::row);
        changed.accept(facts.getSideOutput(FactChanges.LISTS));

        Map<String, MetricDefinition> known = definitions(catalogue);
        SingleOutputStreamOperator<MetricWindow> cut =
                samples.keyBy(Sample::series)
                        .process(new MetricWindows(settings, known, pollIntervals))
                        .uid("metric-windows")
                        .name("metric-windows");
        DataStream<MetricWindow> windows =
                rules == null
                        ? cut
                        : judged(cut, rules, new JudgeWindows(settings, known, pollIntervals));
        sinks.write(
                lengthOf(windows, "windows", seconds -> seconds < HOUR_SECONDS),
                MetricWindowRows.WINDOWS,
                MetricWindowRows::row);
        sinks.write(
                lengthOf(windows, "hours", seconds -> seconds == HOUR_SECONDS),
                MetricWindowRows.HOURS,
                MetricWindowRows::row);
        sinks.write(
                lengthOf(windows, "days", seconds -> seconds == DAY_SECONDS),
                MetricWindowRows.DAYS,
                MetricWindowRows::row);
        return windows;
    }

    /** What the polls saw, and how late that came. */
    public static DataStream<Sample> samples(DataStream<PollResult> polled) {
        SingleOutputStreamOperator<Sample> samples =
                polled.<Sample>flatMap((result, out) -> result.samples().forEach(out::collect))
                        .returns(Sample.class)
                        .uid("samples")
                        .name("samples");
        return samples.union(
                polled.process(new PipelineLag())
                        .returns(Sample.class)
                        .uid("pipeline-lag")
                        .name("pipeline-lag"));
    }

    /**
     * What samples say, before any window is over.
     *
     * @return partitioned by series
     */
    public static DataStream<LiveValue> liveValues(
            DataStream<Sample> samples,
            WindowSettings settings,
            PollCatalogue catalogue,
            Map<String, Duration> pollIntervals) {
        return samples.keyBy(Sample::series)
                .process(new LiveValues(settings, definitions(catalogue), pollIntervals))
                .returns(LiveValue.class)
                .uid("live-values")
                .name("live-values");
    }

    /**
     * How far windows are from what is usual for their series, also kept in the vault as ratings.
     *
     * @param windows of every length, partitioned by series
     * @param zone by whose clock hours of the week are counted
     * @return partitioned by series
     */
    public static DataStream<LiveValue> deviations(
            DataStream<MetricWindow> windows,
            WindowSettings settings,
            ZoneId zone,
            PollCatalogue catalogue,
            Map<String, Duration> pollIntervals,
            FindingSinks sinks) {
        SingleOutputStreamOperator<LiveValue> deviations =
                DataStreamUtils.reinterpretAsKeyedStream(
                                windows, MetricWindow::series, Types.STRING)
                        .process(
                                new MetricBaselines(
                                        settings, zone, definitions(catalogue), pollIntervals))
                        .returns(LiveValue.class)
                        .uid("metric-baselines")
                        .name("metric-baselines");
        sinks.write(
                deviations.getSideOutput(MetricBaselines.RATINGS),
                PerformanceMetricRows.TABLE,
                PerformanceMetricRows::row);
        return deviations;
    }

    /** Of all metrics there are, by name: the catalogue's and the pipeline's own. */
    public static Map<String, MetricDefinition> definitions(PollCatalogue catalogue) {
        Map<String, MetricDefinition> known = new HashMap<>(catalogue.definitions());
        known.put(PipelineLag.DEFINITION.name(), PipelineLag.DEFINITION);
        return known;
    }

    /** Windows are keyed by series already, so they stay where they were cut. */
    private static DataStream<MetricWindow> judged(
            DataStream<MetricWindow> windows, DataStream<RuleUpdate> rules, JudgeWindows judge) {
        return DataStreamUtils.reinterpretAsKeyedStream(windows, MetricWindow::series, Types.STRING)
                .connect(
                        rules.broadcast(
                                JudgeWindows.RULES, JudgeWindows.THRESHOLDS, JudgeWindows.VERSION))
                .process(judge)
                .returns(MetricWindow.class)
                .uid("judge-windows")
                .name("judge-windows");
    }

    private static Set<String> namesOf(PollCatalogue catalogue, Predicate<Poll> which) {
        return catalogue.polls().stream()
                .filter(which)
                .map(Poll::name)
                .collect(Collectors.toCollection(HashSet::new));
    }

    private static DataStream<MetricWindow> lengthOf(
            DataStream<MetricWindow> windows, String name, FilterFunction<Integer> length) {
        return windows.filter(window -> length.filter(window.windowSeconds()))
                .uid("metric-" + name + "-only")
                .name("metric-" + name + "-only");
    }
}
