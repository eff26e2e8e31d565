package io.onevault.connectors.polling;

import io.onevault.connectors.model.Fact;
import io.onevault.connectors.model.Sample;
import java.util.List;

/**
 * What a run of a poll was answered.
 *
 * @param measuredAt the watched server's clock, milliseconds since the epoch
 * @param askedAt the middle of the round trip on the collector's clock, milliseconds since the
 *     epoch
 * @param samples observations
 * @param facts descriptions
 */
public record PollAnswer(long measuredAt, long askedAt, List<Sample> samples, List<Fact> facts) {

    public PollAnswer {
        samples = List.copyOf(samples);
        facts = List.copyOf(facts);
    }
}
