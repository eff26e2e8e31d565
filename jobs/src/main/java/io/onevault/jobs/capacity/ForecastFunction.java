package io.onevault.jobs.capacity;

import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.capacity.forecast.Levels;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Forecasts resources in their turns, against the configuration's levels; keyed by series.
 *
 * @see ForecastTurns
 */
final class ForecastFunction
        extends KeyedProcessFunction<String, ResourceUtilization, ResourceForecast> {

    private static final long serialVersionUID = 1L;

    private final ForecastSettings settings;

    private transient ForecastTurns turns;

    ForecastFunction(ForecastSettings settings) {
        this.settings = settings;
    }

    @Override
    public void open(OpenContext context) {
        turns = new ForecastTurns(settings, getRuntimeContext());
    }

    @Override
    public void processElement(
            ResourceUtilization utilization, Context context, Collector<ResourceForecast> out)
            throws Exception {
        Levels levels = Levels.of(settings);
        turns.add(utilization, context.timerService(), resource -> levels);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<ResourceForecast> out)
            throws Exception {
        Levels levels = Levels.of(settings);
        turns.turn(
                timestamp,
                context.timeDomain(),
                context.getCurrentKey(),
                context.timerService(),
                resource -> levels,
                out);
    }
}
