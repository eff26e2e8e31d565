package io.onevault.jobs.locks.graph;

import io.onevault.connectors.model.LockSnapshot;
import java.util.List;

/**
 * Everything one snapshot says of blocking.
 *
 * @param graph who waits for whom
 * @param chains root blockers and their victims, those with most victims first
 * @param cycles deadlocks, by process id
 */
public record LockAnalysis(
        WaitForGraph graph, List<BlockingChain> chains, List<DeadlockCycle> cycles) {

    /** Analyses a snapshot. */
    public static LockAnalysis of(LockSnapshot snapshot) {
        WaitForGraph graph = WaitForGraph.of(snapshot);
        if (graph.size() == 0) {
            return new LockAnalysis(graph, List.of(), List.of());
        }
        Components components = Components.of(graph);
        return new LockAnalysis(
                graph,
                BlockingChains.of(components, snapshot.capturedAtMicros()),
                DeadlockCycles.of(components));
    }
}
