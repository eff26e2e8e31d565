package io.onevault.connectors.polling;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives every split of a target to the same reader, targets in turn.
 *
 * <p>What is polled is what is configured now: progress of polls that are gone is dropped, new ones
 * begin. Restored readers report their splits instead of keeping them, so that a target is never
 * torn apart when the parallelism changes; nothing is assigned before every reader has reported.
 */
final class PollingEnumerator implements SplitEnumerator<PollSplit, PollingEnumeratorState> {

    private static final Logger LOG = LoggerFactory.getLogger(PollingEnumerator.class);

    private final SplitEnumeratorContext<PollSplit> context;
    private final Map<String, List<String>> pollsByTarget;
    private final boolean bounded;
    private final Map<String, PollSplit> unassigned = new HashMap<>();
    private final Set<Integer> served = new HashSet<>();

    /**
     * @param pollsByTarget names of the configured polls by target, targets in their fixed order
     * @param restored what a checkpoint held; empty state on a first start
     */
    PollingEnumerator(
            SplitEnumeratorContext<PollSplit> context,
            Map<String, List<String>> pollsByTarget,
            boolean bounded,
            PollingEnumeratorState restored) {
        this.context = context;
        this.pollsByTarget = pollsByTarget;
        this.bounded = bounded;
        restored.unassigned().forEach(this::remember);
    }

    @Override
    public void start() {}

    @Override
    public void handleSplitRequest(int subtaskId, @Nullable String requesterHostname) {}

    @Override
    public void addSplitsBack(List<PollSplit> splits, int subtaskId) {
        splits.forEach(this::remember);
        served.remove(subtaskId);
    }

    @Override
    public void addReader(int subtaskId) {
        ReaderInfo reader = context.registeredReaders().get(subtaskId);
        if (reader != null) {
            reader.<PollSplit>getReportedSplitsOnRegistration().forEach(this::remember);
        }
        served.remove(subtaskId);
        if (context.registeredReaders().size() < context.currentParallelism()) {
            return;
        }
        Map<Integer, List<PollSplit>> assignment = new HashMap<>();
        int position = 0;
        for (Map.Entry<String, List<String>> target : pollsByTarget.entrySet()) {
            int owner = position++ % context.currentParallelism();
            if (!served.contains(owner)) {
                List<PollSplit> splits =
                        assignment.computeIfAbsent(owner, subtask -> new ArrayList<>());
                target.getValue().forEach(poll -> splits.add(take(target.getKey(), poll)));
            }
        }
        if (!assignment.isEmpty()) {
            context.assignSplits(new SplitsAssignment<>(assignment));
        }
        for (int subtask = 0; subtask < context.currentParallelism(); subtask++) {
            if (served.add(subtask) && bounded) {
                context.signalNoMoreSplits(subtask);
            }
        }
    }

    @Override
    public PollingEnumeratorState snapshotState(long checkpointId) {
        return new PollingEnumeratorState(List.copyOf(unassigned.values()));
    }

    @Override
    public void close() {}

    private PollSplit take(String target, String poll) {
        PollSplit known = unassigned.remove(PollSplit.id(target, poll));
        return known == null ? new PollSplit(target, poll, PollSplit.Progress.NONE) : known;
    }

    /** The newer progress wins where a split comes back by two ways. */
    private void remember(PollSplit split) {
        if (!pollsByTarget.getOrDefault(split.target(), List.of()).contains(split.poll())) {
            LOG.info("{} is no longer configured; its progress is dropped", split.splitId());
            return;
        }
        unassigned.merge(
                split.splitId(),
                split,
                (a, b) -> a.progress().accountedUntil() >= b.progress().accountedUntil() ? a : b);
    }
}
