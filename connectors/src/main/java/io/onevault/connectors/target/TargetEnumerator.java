package io.onevault.connectors.target;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.flink.api.connector.source.ReaderInfo;
import org.apache.flink.api.connector.source.SourceSplit;
import org.apache.flink.api.connector.source.SplitEnumerator;
import org.apache.flink.api.connector.source.SplitEnumeratorContext;
import org.apache.flink.api.connector.source.SplitsAssignment;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives every split of a target to the same reader, targets in turn.
 *
 * <p>What is watched is what is configured now: progress of splits that are gone is dropped, new
 * ones begin. Restored readers report their splits instead of keeping them, so that a target is
 * never torn apart when the parallelism changes; nothing is assigned before every reader has
 * reported.
 *
 * @param <S> a split
 * @param <C> what goes into a checkpoint
 */
public class TargetEnumerator<S extends SourceSplit, C> implements SplitEnumerator<S, C> {

    private static final Logger LOG = LoggerFactory.getLogger(TargetEnumerator.class);

    private final SplitEnumeratorContext<S> context;
    private final Map<String, List<S>> splitsByTarget;
    private final boolean bounded;
    private final BinaryOperator<S> newer;
    private final Function<List<S>, C> toState;
    private final Set<String> configured;
    private final Map<String, S> unassigned = new HashMap<>();
    private final Set<Integer> served = new HashSet<>();

    /**
     * @param splitsByTarget the configured splits as they begin, targets in their fixed order
     * @param restored splits of a checkpoint that no reader held
     * @param newer of two states of one split the one that came further
     */
    public TargetEnumerator(
            SplitEnumeratorContext<S> context,
            Map<String, List<S>> splitsByTarget,
            boolean bounded,
            List<S> restored,
            BinaryOperator<S> newer,
            Function<List<S>, C> toState) {
        this.context = context;
        this.splitsByTarget = splitsByTarget;
        this.bounded = bounded;
        this.newer = newer;
        this.toState = toState;
        this.configured =
                splitsByTarget.values().stream()
                        .flatMap(List::stream)
                        .map(SourceSplit::splitId)
                        .collect(Collectors.toUnmodifiableSet());
        restored.forEach(this::remember);
    }

    @Override
    public void start() {}

    @Override
    public void handleSplitRequest(int subtaskId, @Nullable String requesterHostname) {}

    @Override
    public void addSplitsBack(List<S> splits, int subtaskId) {
        splits.forEach(this::remember);
        served.remove(subtaskId);
    }

    @Override
    public void addReader(int subtaskId) {
        ReaderInfo reader = context.registeredReaders().get(subtaskId);
        if (reader != null) {
            reader.<S>getReportedSplitsOnRegistration().forEach(this::remember);
        }
        served.remove(subtaskId);
        if (context.registeredReaders().size() < context.currentParallelism()) {
            return;
        }
        Map<Integer, List<S>> assignment = new HashMap<>();
        int position = 0;
        for (List<S> target : splitsByTarget.values()) {
            int owner = position++ % context.currentParallelism();
            if (!served.contains(owner)) {
                List<S> splits = assignment.computeIfAbsent(owner, subtask -> new ArrayList<>());
                target.forEach(split -> splits.add(take(split)));
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
    public C snapshotState(long checkpointId) {
        return toState.apply(List.copyOf(unassigned.values()));
    }

    @Override
    public void close() {}

    private S take(S initial) {
        S known = unassigned.remove(initial.splitId());
        return known == null ? initial : known;
    }

    /** The newer progress wins where a split comes back by two ways. */
    private void remember(S split) {
        if (!configured.contains(split.splitId())) {
            LOG.info("{} is no longer configured; its progress is dropped", split.splitId());
            return;
        }
        unassigned.merge(split.splitId(), split, newer);
    }
}
