package io.onevault.connectors.polling;

import io.onevault.connectors.target.TargetEnumerator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;

/** Gives every poll of a target to the same reader. */
final class PollingEnumerator extends TargetEnumerator<PollSplit, PollingEnumeratorState> {

    /**
     * @param pollsByTarget names of the configured polls by target, targets in their fixed order
     * @param restored what a checkpoint held; empty state on a first start
     */
    PollingEnumerator(
            SplitEnumeratorContext<PollSplit> context,
            Map<String, List<String>> pollsByTarget,
            boolean bounded,
            PollingEnumeratorState restored) {
        super(
                context,
                splits(pollsByTarget),
                bounded,
                restored.unassigned(),
                (a, b) -> a.progress().accountedUntil() >= b.progress().accountedUntil() ? a : b,
                PollingEnumeratorState::new);
    }

    private static Map<String, List<PollSplit>> splits(Map<String, List<String>> pollsByTarget) {
        Map<String, List<PollSplit>> splits = new LinkedHashMap<>();
        pollsByTarget.forEach(
                (target, polls) ->
                        splits.put(
                                target,
                                polls.stream()
                                        .map(
                                                poll ->
                                                        new PollSplit(
                                                                target,
                                                                poll,
                                                                PollSplit.Progress.NONE))
                                        .toList()));
        return splits;
    }
}
