package io.onevault.connectors.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one run of one poll against one target brought.
 *
 * @param target the configured name of the watched server
 * @param poll the poll's name in the catalogue
 * @param timestamp the watched server's clock, estimated from earlier runs while it is down;
 *     milliseconds since the epoch
 * @param durationMillis how long the run took, connection included
 * @param samples observations; empty when the run failed
 * @param facts descriptions; empty for most polls
 * @param gap why there is nothing, or null
 */
public record PollResult(
        String target,
        String poll,
        long timestamp,
        long durationMillis,
        List<Sample> samples,
        List<Fact> facts,
        @Nullable CollectionGap gap) {}
