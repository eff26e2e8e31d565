package io.onevault.connectors.polling;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricKind;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import java.util.ArrayList;
import java.util.List;

/** Turns readings into samples of what a poll declares; others are left out. */
final class Readings {

    private Readings() {}

    static PollAnswer answer(
            PollTarget target, Poll poll, long at, long counterEpoch, List<Reading> readings) {
        List<Sample> samples = new ArrayList<>();
        for (Reading reading : readings) {
            MetricDefinition metric = poll.metrics().get(reading.metric());
            if (metric != null && Double.isFinite(reading.value())) {
                samples.add(
                        new Sample(
                                new SeriesId(target.name(), "", metric.name(), reading.labels())
                                        .text(),
                                at,
                                reading.value(),
                                reading.per(),
                                metric.kind() == MetricKind.GAUGE ? 0 : counterEpoch));
            }
        }
        return new PollAnswer(at, at, samples, List.of());
    }
}
