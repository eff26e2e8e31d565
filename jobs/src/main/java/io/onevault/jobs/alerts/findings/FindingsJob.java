package io.onevault.jobs.alerts.findings;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.LogObservation;
import io.onevault.jobs.alerts.rules.RuleRejection;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.objects.ListChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * What other capabilities find becomes values, for rules to judge as soon as it is found. Made for
 * one job: each source at most once.
 */
public final class FindingsJob {

    /** What is found of the rules is the vault's, which is no target. */
    public static final String VAULT = "vault";

    private final List<DataStream<LiveValue>> values = new ArrayList<>();
    private final List<DataStream<FoundEvent>> events = new ArrayList<>();

    /**
     * Takes in blocking incidents and deadlocks.
     *
     * @param incidents each row, assessed, with watermarks of the servers' time
     * @param deadlocks each row, assessed
     */
    public void locks(DataStream<BlockingIncident> incidents, DataStream<DeadlockEvent> deadlocks) {
        values.add(
                incidents
                        .keyBy(BlockingIncident::target)
                        .process(new BlockingFindings())
                        .returns(LiveValue.class)
                        .uid("blocking-findings")
                        .name("blocking-findings"));
        events.add(
                deadlocks
                        .map(DeadlockWords::event)
                        .returns(FoundEvent.class)
                        .uid("deadlock-events")
                        .name("deadlock-events"));
    }

    /**
     * Takes in forecasts.
     *
     * @param refit how often a resource is forecast
     */
    public void forecasts(DataStream<ResourceForecast> forecasts, Duration refit) {
        values.add(
                forecasts
                        .<LiveValue>flatMap(
                                (forecast, out) -> ForecastFindings.values(forecast, out::collect))
                        .returns(LiveValue.class)
                        .uid("forecast-values")
                        .name("forecast-values")
                        .keyBy(LiveValue::series)
                        .process(new RepeatedForecasts(refit))
                        .returns(LiveValue.class)
                        .uid("forecast-findings")
                        .name("forecast-findings"));
    }

    /** Takes in how far windows are from what is usual for their series. */
    public void deviations(DataStream<LiveValue> deviations) {
        values.add(deviations);
    }

    /** Takes in what change sources say of their own work. */
    public void changes(List<DataStream<CdcRecord>> streams) {
        if (streams.isEmpty()) {
            return;
        }
        DataStream<CdcRecord> all = streams.get(0);
        for (DataStream<CdcRecord> stream : streams.subList(1, streams.size())) {
            all = all.union(stream);
        }
        events.add(
                all.<FoundEvent>flatMap(
                                (record, out) -> {
                                    FoundEvent gap =
                                            record.gap() == null
                                                    ? null
                                                    : PipelineWords.gap(record.gap());
                                    if (gap != null) {
                                        out.collect(gap);
                                    }
                                    if (record.deadLetter() != null) {
                                        out.collect(PipelineWords.deadLetter(record.deadLetter()));
                                    }
                                })
                        .returns(FoundEvent.class)
                        .uid("change-events")
                        .name("change-events"));
    }

    /** Takes in how lists of settings and privileges differ from those before them. */
    public void lists(DataStream<ListChange> changes) {
        events.add(
                changes.<FoundEvent>flatMap(
                                (change, out) -> {
                                    SettingWords.events(change, out::collect);
                                    PrivilegeWords.events(change, out::collect);
                                })
                        .returns(FoundEvent.class)
                        .uid("list-change-events")
                        .name("list-change-events"));
    }

    /** Takes in what servers' logs tell. */
    public void log(DataStream<LogObservation> lines) {
        events.add(
                lines.<FoundEvent>flatMap(
                                (line, out) -> {
                                    FoundEvent event =
                                            line.event() == null
                                                    ? null
                                                    : LogWords.event(line.event());
                                    if (event != null) {
                                        out.collect(event);
                                    }
                                })
                        .returns(FoundEvent.class)
                        .uid("log-events")
                        .name("log-events"));
    }

    /** Takes in rejected rules. */
    public void rejections(DataStream<RuleRejection> rejections) {
        events.add(
                rejections
                        .map(PipelineWords::rejection)
                        .returns(FoundEvent.class)
                        .setParallelism(1)
                        .uid("rejection-events")
                        .name("rejection-events"));
    }

    /** Everything that was taken in, as values. */
    public List<DataStream<LiveValue>> values() {
        if (events.isEmpty()) {
            return List.copyOf(values);
        }
        DataStream<FoundEvent> all = events.get(0);
        for (DataStream<FoundEvent> stream : events.subList(1, events.size())) {
            all = all.union(stream);
        }
        List<DataStream<LiveValue>> both = new ArrayList<>(values);
        both.add(
                all.keyBy(FoundEvent::series)
                        .process(new RecentFindings())
                        .returns(LiveValue.class)
                        .uid("recent-findings")
                        .name("recent-findings"));
        return both;
    }
}
