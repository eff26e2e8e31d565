package io.onevault.benchmarks.windows;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.MetricKind;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import java.io.Serializable;
import java.util.Map;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Samples of many series, every ten seconds one of each, computed from their position: the same for
 * every contender. Half of the series are gauges, half counters; one in ten has no labels.
 *
 * @param series how many
 * @param windows minutes of event time
 */
record SampleStream(int series, int windows) implements Serializable {

    static final int SAMPLES_PER_WINDOW = 6;
    static final long WINDOW_MILLIS = 60_000;

    private static final long START = 1_760_000_400_000L;
    private static final String GAUGE = "connections_active";
    private static final String COUNTER = "transactions_committed";

    static final Map<String, MetricDefinition> DEFINITIONS =
            Map.of(
                    GAUGE, definition(GAUGE, MetricKind.GAUGE, "count"),
                    COUNTER, definition(COUNTER, MetricKind.COUNTER, "per_second"));

    /** Samples in all. */
    int size() {
        return series * windows * SAMPLES_PER_WINDOW;
    }

    /** The ids of the series, by their position. */
    String[] ids() {
        String[] ids = new String[series];
        for (int i = 0; i < series; i++) {
            Map<String, String> labels =
                    i % 10 == 0 ? Map.of() : Map.of("database", "shop", "table", "orders_" + i);
            String target = i % 10 == 0 ? "server-" + i : "server-" + i % 20;
            ids[i] = new SeriesId(target, "", isGauge(i) ? GAUGE : COUNTER, labels).text();
        }
        return ids;
    }

    static boolean isGauge(int position) {
        return position % 2 == 0;
    }

    /** The sample at {@code index}, of the series whose ids are {@code ids}. */
    Sample at(long index, String[] ids) {
        int position = (int) (index % series);
        long tick = index / series;
        long noise = (index * 0x9E3779B97F4A7C15L) >>> 55;
        double value = isGauge(position) ? noise : 1_000.0 * tick + noise;
        long timestamp = START + tick * (WINDOW_MILLIS / SAMPLES_PER_WINDOW);
        return new Sample(ids[position], timestamp, value, 1, isGauge(position) ? 0 : START);
    }

    /** The samples with timestamps and watermarks. */
    DataStream<Sample> in(StreamExecutionEnvironment env) {
        return env.fromSource(
                        new NumberSequenceSource(0, size() - 1),
                        WatermarkStrategy.noWatermarks(),
                        "numbers")
                .uid("numbers")
                .map(new ToSample(this))
                .returns(Sample.class)
                .uid("samples")
                .assignTimestampsAndWatermarks(
                        WatermarkStrategy.<Sample>forMonotonousTimestamps()
                                .withTimestampAssigner((sample, before) -> sample.timestamp()))
                .uid("watermarks");
    }

    private static MetricDefinition definition(String name, MetricKind kind, String unit) {
        return new MetricDefinition(
                name, kind, unit, "PERFORMANCE", 300, 500, Direction.ABOVE, "for a benchmark");
    }

    private static final class ToSample extends RichMapFunction<Long, Sample> {
        private static final long serialVersionUID = 1L;

        private final SampleStream stream;
        private transient String[] ids;

        private ToSample(SampleStream stream) {
            this.stream = stream;
        }

        @Override
        public void open(OpenContext context) {
            ids = stream.ids();
        }

        @Override
        public Sample map(Long index) {
            return stream.at(index, ids);
        }
    }
}
