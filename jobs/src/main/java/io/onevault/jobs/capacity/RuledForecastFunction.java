package io.onevault.jobs.capacity;

import io.onevault.jobs.alerts.rules.CapacityThreshold;
import io.onevault.jobs.alerts.rules.RuleIndex;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.capacity.forecast.Levels;
import io.onevault.jobs.capacity.forecast.Resource;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.BroadcastState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ReadOnlyBroadcastState;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.co.KeyedBroadcastProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Forecasts resources in their turns, against the capacity thresholds in force and where these say
 * nothing against the configuration's levels; keyed by series. A changed threshold gives the
 * resources it is about their turn soon after their next state, for a forecast that stands is not
 * written again.
 *
 * @see ForecastTurns
 */
final class RuledForecastFunction
        extends KeyedBroadcastProcessFunction<
                String, ResourceUtilization, RuleUpdate, ResourceForecast> {

    private static final long serialVersionUID = 1L;

    static final MapStateDescriptor<String, CapacityThreshold> THRESHOLDS =
            new MapStateDescriptor<>(
                    "capacity-thresholds",
                    Types.STRING,
                    TypeInformation.of(CapacityThreshold.class));

    private final ForecastSettings settings;

    private transient ForecastTurns turns;
    private transient @Nullable RuleIndex index;

    RuledForecastFunction(ForecastSettings settings) {
        this.settings = settings;
    }

    @Override
    public void open(OpenContext context) {
        turns = new ForecastTurns(settings, getRuntimeContext());
    }

    @Override
    public void processElement(
            ResourceUtilization utilization,
            ReadOnlyContext context,
            Collector<ResourceForecast> out)
            throws Exception {
        turns.add(
                utilization, context.timerService(), levels(context.getBroadcastState(THRESHOLDS)));
    }

    @Override
    public void processBroadcastElement(
            RuleUpdate update, Context context, Collector<ResourceForecast> out) throws Exception {
        BroadcastState<String, CapacityThreshold> thresholds =
                context.getBroadcastState(THRESHOLDS);
        for (CapacityThreshold threshold : update.thresholds()) {
            thresholds.put(threshold.key(), threshold);
        }
        for (String key : update.retiredThresholds()) {
            thresholds.remove(key);
        }
        index = null;
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<ResourceForecast> out)
            throws Exception {
        turns.turn(
                timestamp,
                context.timeDomain(),
                context.getCurrentKey(),
                context.timerService(),
                levels(context.getBroadcastState(THRESHOLDS)),
                out);
    }

    private Function<Resource, Levels> levels(
            ReadOnlyBroadcastState<String, CapacityThreshold> thresholds) throws Exception {
        RuleIndex known = index;
        RuleIndex rules = known == null ? inForce(thresholds) : known;
        index = rules;
        return resource ->
                Levels.of(settings)
                        .adjusted(
                                rules.ofResource(
                                        resource.tenant(), resource.type(), resource.name()));
    }

    private static RuleIndex inForce(ReadOnlyBroadcastState<String, CapacityThreshold> thresholds)
            throws Exception {
        List<CapacityThreshold> all = new ArrayList<>();
        thresholds.immutableEntries().forEach(entry -> all.add(entry.getValue()));
        RuleIndex rules = new RuleIndex();
        rules.add(List.of(), all);
        return rules;
    }
}
