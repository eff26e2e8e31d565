package io.onevault.jobs.locks.graph;

import java.util.List;

/**
 * A root blocker and all who wait because of it.
 *
 * <p>The root waits for nobody, but for a cycle that nobody outside of it ends: its node of least
 * process id then stands for all of it.
 *
 * @param root its node
 * @param rootPid 0 for a prepared transaction
 * @param rootState as the server names a session's state, {@code prepared} for a prepared
 *     transaction, empty when the session has ended or is hidden
 * @param cyclic whether the root is part of a cycle
 * @param complete whether all victims are here; otherwise those of earlier chains were left out to
 *     keep the whole within bounds
 * @param depth how many locks lie between the root and who is farthest from it, by the shortest
 *     way; 1 when everybody waits for the root itself
 * @param victims process ids of all who wait, ascending
 * @param longestWaitMicros of one victim
 * @param totalWaitMicros of all victims together
 * @param tree each victim once, below the blocker that is nearest to the root
 */
public record BlockingChain(
        int root,
        int rootPid,
        String rootState,
        boolean cyclic,
        boolean complete,
        int depth,
        List<Integer> victims,
        long longestWaitMicros,
        long totalWaitMicros,
        BlockingTree tree) {

    private static final String IDLE_IN_TRANSACTION = "idle in transaction";

    /** Whether the root keeps its locks while its client does nothing, also after an error. */
    public boolean idleInTransaction() {
        return rootState.startsWith(IDLE_IN_TRANSACTION);
    }
}
