package io.onevault.jobs.capacity;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import io.onevault.jobs.metrics.MetricWindow;
import io.onevault.jobs.vault.CapacityForecastRows;
import io.onevault.jobs.vault.FindingSinks;
import io.onevault.jobs.vault.GrowthPatternRows;
import io.onevault.jobs.vault.ResourceUtilizationRows;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.datastream.KeyedStream;
import org.jspecify.annotations.Nullable;

/**
 * The capacity capability: what resources hold, from metrics and from row changes, and what they
 * will hold.
 *
 * <p>Every resource is forecast on one task, in its turn; a turn costs some milliseconds, and turns
 * are spread, so that other work goes on between them. Findings are states of resources, forecasts,
 * and patterns of growth.
 */
public final class CapacityJob {

    private static final Duration MOST_IDLE = Duration.ofMinutes(1);
    private static final int IDLE_PERIODS = 10;

    private CapacityJob() {}

    /**
     * Attaches the capability.
     *
     * @param windows of metrics, of every length, with watermarks; null without polls
     * @param changes by target, see {@link TenantGrowthJob}; may be empty
     * @param history states of resources that the vault remembers, bounded, without watermarks
     *     until its end; null to begin without a past
     * @param rules what comes into force and what is retired, never holding back event time; null
     *     for the configuration's levels alone
     * @return the forecasts, for what builds on them
     */
    public static @Nullable DataStream<ResourceForecast> defineWorkflow(
            @Nullable DataStream<MetricWindow> windows,
            Map<String, DataStream<CdcRecord>> changes,
            @Nullable DataStream<ResourceUtilization> history,
            @Nullable DataStream<RuleUpdate> rules,
            TenantGrowthSettings growth,
            ForecastSettings settings,
            FindingSinks sinks) {
        List<DataStream<ResourceUtilization>> states = new ArrayList<>();
        List<DataStream<ResourceUtilization>> timed = new ArrayList<>();
        if (windows != null) {
            DataStream<ResourceUtilization> polled = resources(windows, settings);
            states.add(polled);
            timed.add(polled);
        }
        if (!changes.isEmpty()) {
            DataStream<ResourceUtilization> tenants = TenantGrowthJob.series(changes, growth);
            states.add(tenants);
            timed.add(
                    tenants.assignTimestampsAndWatermarks(
                                    WatermarkStrategy.<ResourceUtilization>forMonotonousTimestamps()
                                            .withTimestampAssigner((u, time) -> u.periodEnd())
                                            .withIdleness(idle(settings)))
                            .uid("capacity-tenant-times")
                            .name("capacity-tenant-times"));
        }
        if (states.isEmpty()) {
            return null;
        }
        sinks.write(union(states), ResourceUtilizationRows.TABLE, ResourceUtilizationRows::row);
        DataStream<ResourceUtilization> present = union(timed);
        KeyedStream<ResourceUtilization, String> resources =
                (history == null ? present : pastFirst(history, present))
                        .keyBy(ResourceUtilization::series);
        DataStream<ResourceForecast> forecasts =
                (rules == null
                                ? resources.process(new ForecastFunction(settings))
                                : resources
                                        .connect(rules.broadcast(RuledForecastFunction.THRESHOLDS))
                                        .process(new RuledForecastFunction(settings)))
                        .returns(ResourceForecast.class)
                        .uid("capacity-forecast")
                        .name("capacity-forecast");
        sinks.write(forecasts, CapacityForecastRows.TABLE, CapacityForecastRows::row);
        sinks.write(forecasts, GrowthPatternRows.TABLE, GrowthPatternRows::row);
        return forecasts;
    }

    /** States of resources from windows of the configured period. */
    static DataStream<ResourceUtilization> resources(
            DataStream<MetricWindow> windows, ForecastSettings settings) {
        int seconds = (int) settings.period().toSeconds();
        return windows.filter(
                        window ->
                                window.windowSeconds() == seconds
                                        && window.sampleCount() > 0
                                        && !ResourceMetrics.resourceMetric(window.metric())
                                                .isEmpty())
                .uid("capacity-metrics")
                .name("capacity-metrics")
                .keyBy(ResourceSeriesFunction::key)
                .process(new ResourceSeriesFunction(settings.expiry()))
                .returns(ResourceUtilization.class)
                .uid("capacity-resources")
                .name("capacity-resources");
    }

    /**
     * How long a target whose changes stand still may hold back the forecasts of all others: some
     * of their periods, a minute at most.
     */
    private static Duration idle(ForecastSettings settings) {
        Duration periods = settings.period().multipliedBy(IDLE_PERIODS);
        return periods.compareTo(MOST_IDLE) < 0 ? periods : MOST_IDLE;
    }

    private static DataStream<ResourceUtilization> pastFirst(
            DataStream<ResourceUtilization> history, DataStream<ResourceUtilization> present) {
        return history.connect(present)
                .transform(
                        "capacity-past-first",
                        TypeInformation.of(ResourceUtilization.class),
                        new PastFirst())
                .uid("capacity-past-first");
    }

    private static DataStream<ResourceUtilization> union(
            List<DataStream<ResourceUtilization>> streams) {
        DataStream<ResourceUtilization> all = streams.get(0);
        for (DataStream<ResourceUtilization> stream : streams.subList(1, streams.size())) {
            all = all.union(stream);
        }
        return all;
    }
}
