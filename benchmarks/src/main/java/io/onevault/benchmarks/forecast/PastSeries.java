package io.onevault.benchmarks.forecast;

import io.onevault.jobs.capacity.ResourceUtilization;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.functions.RichMapFunction;
import org.apache.flink.api.connector.source.lib.NumberSequenceSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * Daily pasts of many resources that end with yesterday: the synthetic families, again and again in
 * other units.
 *
 * @param count of series
 * @param days of each
 */
record PastSeries(int count, int days) implements Serializable {

    private static final long serialVersionUID = 1L;

    static final int TWO_YEARS = 730;
    static final double CAPACITY = 1e7;

    private static final long DAY = 86_400_000L;

    /** The days' values of every series. */
    List<double[]> values() {
        List<double[]> families = ForecastSpeedBenchmark.series(days);
        return IntStream.range(0, count).mapToObj(i -> values(families, i)).toList();
    }

    private static double[] values(List<double[]> families, int series) {
        double[] family = families.get(series % families.size());
        double unit = 1 + series / families.size();
        double[] values = new double[family.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = unit * family[i];
        }
        return values;
    }

    long states() {
        return (long) count * days;
    }

    /** The state of a day, as it is read back from the vault. */
    ResourceUtilization state(int series, int day, double value, long now) {
        long end = Math.floorDiv(now, DAY) * DAY - (days - 1L - day) * DAY;
        return new ResourceUtilization(
                "prod||database_size_bytes|database=db" + series,
                "prod",
                "",
                "STORAGE",
                "db" + series,
                "bytes",
                "",
                "",
                Map.of(),
                end - DAY,
                (int) (DAY / 1000),
                1,
                value,
                CAPACITY,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                Double.NaN,
                null,
                null,
                Double.NaN,
                "VAULT");
    }

    /** All states, series by series, without event time until their end. */
    DataStream<ResourceUtilization> in(StreamExecutionEnvironment env) {
        return env.fromSource(
                        new NumberSequenceSource(0, states() - 1),
                        WatermarkStrategy.noWatermarks(),
                        "past-numbers")
                .uid("past-numbers")
                .map(new ToState(this))
                .returns(ResourceUtilization.class)
                .uid("past-states");
    }

    private static final class ToState extends RichMapFunction<Long, ResourceUtilization> {
        private static final long serialVersionUID = 1L;

        private final PastSeries past;
        private transient List<double[]> families;
        private transient long now;
        private transient int series;
        private transient double[] values;

        private ToState(PastSeries past) {
            this.past = past;
        }

        @Override
        public void open(OpenContext context) {
            families = ForecastSpeedBenchmark.series(past.days);
            now = System.currentTimeMillis();
            series = -1;
            values = new double[0];
        }

        @Override
        public ResourceUtilization map(Long index) {
            int wanted = (int) (index / past.days);
            if (wanted != series) {
                series = wanted;
                values = PastSeries.values(families, wanted);
            }
            JobMeter.remembered();
            int day = (int) (index % past.days);
            return past.state(wanted, day, values[day], now);
        }
    }
}
