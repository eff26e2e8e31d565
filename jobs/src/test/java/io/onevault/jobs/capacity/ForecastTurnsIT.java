package io.onevault.jobs.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import io.onevault.jobs.capacity.forecast.States;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.runtime.minicluster.MiniCluster;
import org.apache.flink.runtime.minicluster.MiniClusterConfiguration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.sink.v2.DiscardingSink;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Thousands of forecasts that are due at once, in one task of a real job. */
class ForecastTurnsIT {

    private static final int SERIES = 3_000;
    private static final int DAYS = 150;
    private static final long NOW = States.T0 + DAYS * States.DAY;
    private static final int PATIENCE_SECONDS = 120;

    /** Of the one job of this class. */
    private static final Set<String> FORECAST = ConcurrentHashMap.newKeySet();

    @TempDir Path work;

    @Test
    void checkpointDoesNotWaitForAllTurnsThatAreDue() throws Exception {
        Configuration configuration = new Configuration();
        configuration.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, work.toUri().toString());
        try (MiniCluster cluster =
                new MiniCluster(
                        new MiniClusterConfiguration.Builder()
                                .setConfiguration(configuration)
                                .setNumTaskManagers(1)
                                .setNumSlotsPerTaskManager(1)
                                .withRandomPorts()
                                .build())) {
            cluster.start();
            JobID job =
                    cluster.submitJob(compose().getStreamGraph().getJobGraph()).get().getJobID();
            awaitForecasts(1);
            cluster.triggerCheckpoint(job).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(FORECAST.size()).as("the rest is still due").isLessThan(SERIES / 2);
            awaitForecasts(SERIES);
            cluster.cancelJob(job).get();
        }
    }

    private static StreamExecutionEnvironment compose() {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        env.setParallelism(1);
        env.enableCheckpointing(Duration.ofHours(1).toMillis());
        ForecastSettings usual = ForecastSettings.DEFAULT;
        env.fromSource(
                        new NumberSequenceSource(0, Long.MAX_VALUE - 1),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .map(new ToState())
                .returns(ResourceUtilization.class)
                .assignTimestampsAndWatermarks(
                        WatermarkStrategy.<ResourceUtilization>forGenerator(
                                context -> new AfterThePast()))
                .keyBy(ResourceUtilization::series)
                .process(
                        new ForecastFunction(
                                new ForecastSettings(
                                        usual.period(),
                                        usual.refit(),
                                        Duration.ofMillis(1),
                                        usual.historyDays(),
                                        usual.expiry(),
                                        usual.warning(),
                                        usual.critical(),
                                        true)))
                .returns(ResourceForecast.class)
                .map(new Seen())
                .returns(Types.STRING)
                .sinkTo(new DiscardingSink<>());
        return env;
    }

    private static void awaitForecasts(int count) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (FORECAST.size() < count) {
            assertThat(System.nanoTime())
                    .as("%d of %d forecasts came", FORECAST.size(), count)
                    .isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
        }
    }

    /** The past of all series, then for ever one that is measured, ten times a second. */
    private static final class ToState implements MapFunction<Long, ResourceUtilization> {
        private static final long serialVersionUID = 1L;

        @Override
        public ResourceUtilization map(Long index) {
            int day = (int) (index / SERIES);
            if (day < DAYS) {
                long series = index % SERIES;
                return States.at(
                        "table" + series,
                        "STORAGE",
                        States.T0 + (day + 1) * States.DAY,
                        1_000 + series + day * (1 + series % 7) + Math.sin(day * series),
                        50_000,
                        ForecastTurns.VAULT);
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(100));
            long measured = index - (long) SERIES * DAYS;
            return States.at("live", "STORAGE", NOW + measured * 100, measured, 5_000, "POLLING");
        }
    }

    /** Event time stands still until the past has come. */
    private static final class AfterThePast implements WatermarkGenerator<ResourceUtilization> {

        @Override
        public void onEvent(ResourceUtilization state, long timestamp, WatermarkOutput output) {
            if (!state.source().equals(ForecastTurns.VAULT)) {
                output.emitWatermark(new Watermark(state.periodEnd()));
            }
        }

        @Override
        public void onPeriodicEmit(WatermarkOutput output) {
            // Each state has moved it already.
        }
    }

    private static final class Seen implements MapFunction<ResourceForecast, String> {
        private static final long serialVersionUID = 1L;

        @Override
        public String map(ResourceForecast forecast) {
            String series = forecast.resource().series();
            FORECAST.add(series);
            return series;
        }
    }
}
