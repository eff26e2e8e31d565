package io.onevault.jobs.locks.graph;

import io.onevault.connectors.model.LockRow;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A node of a blocking chain with all who wait behind it. As deep as the chain, so visit it with a
 * stack of your own.
 *
 * @param node in the graph
 * @param pid 0 for a prepared transaction
 * @param awaits the lock it waits for behind its parent; null at the root
 * @param hard whether the parent holds what it wants, or is only served first
 * @param children by the time they began to wait, the longest first
 */
public record BlockingTree(
        int node, int pid, @Nullable LockRow awaits, boolean hard, List<BlockingTree> children) {}
