package io.onevault.jobs.metrics;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.MetricKind;
import io.onevault.connectors.model.PollResult;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.polling.Poll;
import java.util.Map;
import org.apache.flink.streaming.api.functions.ProcessFunction;
import org.apache.flink.util.Collector;

/**
 * The pipeline as a series of its own: how old a look at a target is when its samples enter the
 * windows. A pipeline that cannot keep up, or is held by an absent vault, shows here; a target's
 * clock that is behind shows as well, see {@code clock_skew_ms}.
 *
 * <p>One sample for each run of the built-in poll {@value Poll#TARGET}.
 */
final class PipelineLag extends ProcessFunction<PollResult, Sample> {

    private static final long serialVersionUID = 1L;

    static final MetricDefinition DEFINITION =
            new MetricDefinition(
                    "pipeline_lag_ms",
                    MetricKind.GAUGE,
                    "ms",
                    "AVAILABILITY",
                    30_000,
                    120_000,
                    Direction.ABOVE,
                    "Age of a look at the target when its samples enter the windows");

    @Override
    public void processElement(PollResult result, Context context, Collector<Sample> out) {
        if (result.poll().equals(Poll.TARGET)) {
            long age = context.timerService().currentProcessingTime() - result.timestamp();
            String series = new SeriesId(result.target(), "", DEFINITION.name(), Map.of()).text();
            out.collect(Sample.gauge(series, result.timestamp(), Math.max(0, age)));
        }
    }
}
