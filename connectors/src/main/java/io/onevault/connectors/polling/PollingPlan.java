package io.onevault.connectors.polling;

import java.io.Serializable;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is polled, where, and how often: everything a {@link PollingSource} is configured with.
 *
 * @param targets in their fixed order
 * @param catalogue of polls
 * @param intervals by poll name, where they differ from the catalogue's
 * @param options bounds
 * @param maxRuns after how many runs a split is done; 0 for never
 */
record PollingPlan(
        List<PollTarget> targets,
        PollCatalogue catalogue,
        Map<String, Duration> intervals,
        PollingOptions options,
        long maxRuns)
        implements Serializable {

    PollingPlan {
        targets = List.copyOf(targets);
        intervals = Map.copyOf(intervals);
    }

    PollTarget target(String name) {
        return targets.stream()
                .filter(target -> target.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no target " + name));
    }

    Duration interval(Poll poll) {
        return intervals.getOrDefault(poll.name(), poll.interval());
    }

    /** Names of the polls by target, targets in order. */
    Map<String, List<String>> pollsByTarget() {
        Map<String, List<String>> names = new LinkedHashMap<>();
        for (PollTarget target : targets) {
            names.put(
                    target.name(),
                    catalogue.polls().stream().filter(target::takes).map(Poll::name).toList());
        }
        return names;
    }

    /** The split whose output carries all results of {@code target}: its most reliable one. */
    String leader(String target) {
        List<String> polls = pollsByTarget().getOrDefault(target, List.of());
        return PollSplit.id(target, polls.contains(Poll.TARGET) ? Poll.TARGET : polls.get(0));
    }
}
