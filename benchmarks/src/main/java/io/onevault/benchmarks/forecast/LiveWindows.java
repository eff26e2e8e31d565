package io.onevault.benchmarks.forecast;

import io.onevault.jobs.metrics.MetricWindow;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Windows of a second of fifty databases as a running job cuts them: on time, one after another.
 */
final class LiveWindows {

    private static final int DATABASES = 50;

    private LiveWindows() {}

    static DataStream<MetricWindow> in(StreamExecutionEnvironment env) {
        return env.fromSource(
                        new DataGeneratorSource<>(
                                index -> index,
                                Long.MAX_VALUE,
                                RateLimiterStrategy.perSecond(DATABASES),
                                Types.LONG),
                        WatermarkStrategy.noWatermarks(),
                        "live-numbers")
                .setParallelism(1)
                .uid("live-numbers")
                .map(new ToWindow())
                .returns(MetricWindow.class)
                .setParallelism(1)
                .uid("live-windows")
                .assignTimestampsAndWatermarks(
                        WatermarkStrategy.<MetricWindow>forMonotonousTimestamps()
                                .withTimestampAssigner((w, before) -> w.windowEnd()))
                .setParallelism(1)
                .uid("live-times");
    }

    private static final class ToWindow implements MapFunction<Long, MetricWindow> {
        private static final long serialVersionUID = 1L;

        @Override
        public MetricWindow map(Long index) {
            String database = "live" + index % DATABASES;
            long end = System.currentTimeMillis();
            double value = 1e6 + index;
            return new MetricWindow(
                    "prod||database_size_bytes|database=" + database,
                    "prod",
                    "",
                    "database_size_bytes",
                    Map.of("database", database),
                    "CAPACITY",
                    "bytes",
                    end - 1_000,
                    1,
                    10,
                    0,
                    value,
                    value,
                    value,
                    value,
                    value,
                    value,
                    value,
                    "NORMAL",
                    Double.NaN,
                    Double.NaN,
                    end,
                    "",
                    0);
        }
    }
}
