package io.onevault.jobs.metrics;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricKind;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;

/**
 * Values without waiting for a window, for those that people wait for; keyed by series. A sample
 * that is not newer than the one before is left out.
 *
 * <p>State is the last sample of a counter's series, cleared when that has been silent for {@link
 * WindowSettings#expiry} or four of its polls.
 */
final class LiveValues extends KeyedProcessFunction<String, Sample, LiveValue> {

    private static final long serialVersionUID = 1L;
    private static final int SILENT_POLLS = 4;

    private final long expiryMillis;
    private final Map<String, MetricDefinition> definitions;
    private final Map<String, Duration> pollIntervals;

    private transient ValueState<Sample> previous;

    LiveValues(
            WindowSettings settings,
            Map<String, MetricDefinition> definitions,
            Map<String, Duration> pollIntervals) {
        this.expiryMillis = settings.expiry().toMillis();
        this.definitions = new HashMap<>(definitions);
        this.pollIntervals = new HashMap<>(pollIntervals);
    }

    @Override
    public void open(OpenContext context) {
        previous =
                getRuntimeContext()
                        .getState(
                                new ValueStateDescriptor<>(
                                        "previous-sample", TypeInformation.of(Sample.class)));
    }

    @Override
    public void processElement(Sample sample, Context context, Collector<LiveValue> out)
            throws Exception {
        String metric = SeriesId.parse(sample.series()).metric();
        MetricDefinition definition = definitions.get(metric);
        MetricKind kind = definition == null ? MetricKind.GAUGE : definition.kind();
        if (kind == MetricKind.GAUGE) {
            out.collect(new LiveValue(sample.series(), sample.timestamp(), sample.value()));
            return;
        }
        Sample before = previous.value();
        if (before != null && sample.timestamp() <= before.timestamp()) {
            return;
        }
        long spacing = pollIntervals.getOrDefault(metric, Duration.ZERO).toMillis() / 2;
        double value = CounterRate.value(kind, before, sample, spacing);
        out.collect(new LiveValue(sample.series(), sample.timestamp(), value));
        if (before == null) {
            context.timerService()
                    .registerEventTimeTimer(sample.timestamp() + expiryMillis(metric));
        }
        previous.update(sample);
    }

    @Override
    public void onTimer(long timestamp, OnTimerContext context, Collector<LiveValue> out)
            throws Exception {
        Sample last = previous.value();
        if (last == null) {
            return;
        }
        long due =
                last.timestamp() + expiryMillis(SeriesId.parse(context.getCurrentKey()).metric());
        if (due <= timestamp) {
            previous.clear();
        } else {
            context.timerService().registerEventTimeTimer(due);
        }
    }

    private long expiryMillis(String metric) {
        Duration interval = pollIntervals.getOrDefault(metric, Duration.ZERO);
        return Math.max(expiryMillis, SILENT_POLLS * interval.toMillis());
    }
}
