package io.onevault.jobs.capacity;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.alerts.rules.CapacityMetrics;
import io.onevault.jobs.capacity.ResourceMetrics.Meaning;
import io.onevault.jobs.capacity.forecast.PastValues;
import io.onevault.jobs.metrics.MetricWindow;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.jspecify.annotations.Nullable;

/**
 * Windows of metrics as states of resources; keyed by the resource's series.
 *
 * <p>A resource with two metrics, amount and used share, waits for both until event time has gone
 * on, so that in whatever order they come the state is the same. A share that stays away leaves the
 * capacity as it was.
 *
 * <p>State: the windows of this moment, the past values for the changes, and the capacity. All is
 * cleared when the resource was silent for {@code expiry}.
 */
final class ResourceSeriesFunction
        extends KeyedProcessFunction<String, MetricWindow, ResourceUtilization> {

    private static final long serialVersionUID = 1L;

    private static final double PERCENT = 100;
    private static final long DAY = Duration.ofDays(1).toMillis();

    private final long expiryMillis;

    private transient MapState<Long, ResourceWindow> open;
    private transient ValueState<PastValues> past;
    private transient ValueState<Double> capacity;

    ResourceSeriesFunction(Duration expiry) {
        this.expiryMillis = expiry.toMillis();
    }

    /** The series of the resource that a window is about, empty for none. */
    static String key(MetricWindow window) {
        String metric = ResourceMetrics.resourceMetric(window.metric());
        if (metric.equals(window.metric())) {
            return window.series();
        }
        return new SeriesId(window.target(), window.tenant(), metric, window.labels()).text();
    }

    @Override
    public void open(OpenContext context) {
        open =
                getRuntimeContext()
                        .getMapState(
                                new MapStateDescriptor<>(
                                        "open-windows",
                                        Types.LONG,
                                        TypeInformation.of(ResourceWindow.class)));
        past =
                getRuntimeContext()
                        .getState(new ValueStateDescriptor<>("past-values", PastValues.class));
        capacity =
                getRuntimeContext().getState(new ValueStateDescriptor<>("capacity", Types.DOUBLE));
    }

    @Override
    public void processElement(
            MetricWindow window, Context context, Collector<ResourceUtilization> out)
            throws Exception {
        long end = window.windowEnd();
        ResourceWindow known = open.get(end);
        ResourceWindow before =
                known == null
                        ? new ResourceWindow(
                                end,
                                Double.NaN,
                                Double.NaN,
                                "",
                                0,
                                0,
                                Double.NaN,
                                Double.NaN,
                                Double.NaN)
                        : known;
        Meaning meaning = ResourceMetrics.of(window.metric());
        open.put(
                end,
                meaning != null
                        ? of(before, window, meaning)
                        : window.metric().equals(ResourceMetrics.EXECUTING)
                                ? withExecuting(before, window)
                                : withShare(before, window));
        // Behind event time already, it fires when event time goes on.
        context.timerService().registerEventTimeTimer(end);
    }

    private static ResourceWindow of(ResourceWindow before, MetricWindow window, Meaning meaning) {
        return new ResourceWindow(
                before.end(),
                ResourceMetrics.value(window, meaning.statistic()),
                before.usedShare(),
                window.unit(),
                window.windowSeconds(),
                window.sampleCount(),
                window.min(),
                window.max(),
                before.executing());
    }

    private static ResourceWindow withShare(ResourceWindow before, MetricWindow window) {
        Meaning sized = ResourceMetrics.of(ResourceMetrics.resourceMetric(window.metric()));
        return new ResourceWindow(
                before.end(),
                before.use(),
                sized == null ? Double.NaN : ResourceMetrics.value(window, sized.statistic()),
                before.unit(),
                before.seconds(),
                before.samples(),
                before.min(),
                before.max(),
                before.executing());
    }

    private static ResourceWindow withExecuting(ResourceWindow before, MetricWindow window) {
        return new ResourceWindow(
                before.end(),
                before.use(),
                before.usedShare(),
                before.unit(),
                before.seconds(),
                before.samples(),
                before.min(),
                before.max(),
                window.max());
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<ResourceUtilization> out)
            throws Exception {
        ResourceWindow window = open.get(timestamp);
        PastValues values = past.value();
        if (window == null) {
            if (values != null && values.latest() + expiryMillis <= timestamp) {
                past.clear();
                capacity.clear();
            }
            return;
        }
        open.remove(timestamp);
        SeriesId series = SeriesId.parse(context.getCurrentKey());
        Meaning meaning = ResourceMetrics.of(series.metric());
        if (meaning == null || Double.isNaN(window.use())) {
            return;
        }
        double full = full(meaning, window);
        PastValues kept = values == null ? new PastValues() : values;
        kept.put(timestamp, window.use());
        past.update(kept);
        context.timerService().registerEventTimeTimer(timestamp + expiryMillis);
        out.collect(utilization(series, meaning, window, full, kept));
    }

    private double full(Meaning meaning, ResourceWindow window) throws Exception {
        if (meaning.sizedBy() == null) {
            return meaning.full();
        }
        if (window.usedShare() > 0 && window.use() > 0) {
            double full = PERCENT * window.use() / window.usedShare();
            capacity.update(full);
            return full;
        }
        @Nullable Double known = capacity.value();
        return known == null ? Double.NaN : known;
    }

    private static ResourceUtilization utilization(
            SeriesId series, Meaning meaning, ResourceWindow window, double full, PastValues past) {
        Map<String, String> labels = series.labels();
        double week = window.use() - past.before(window.end() - 7 * DAY);
        return new ResourceUtilization(
                series.text(),
                series.target(),
                series.tenant(),
                meaning.type(),
                CapacityMetrics.resourceName(series.target(), labels),
                window.unit(),
                labels.getOrDefault("schema", ""),
                labels.getOrDefault("table", labels.getOrDefault("sequence", "")),
                labels,
                window.end() - window.seconds() * 1000L,
                window.seconds(),
                window.samples(),
                window.use(),
                full,
                window.use() - past.before(window.end() - DAY),
                week,
                window.use() - past.before(window.end() - 30 * DAY),
                week / 7,
                null,
                null,
                window.executing(),
                "POLLING");
    }
}
