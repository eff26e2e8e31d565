package io.onevault.jobs.locks.graph;

import java.util.List;

/**
 * Nodes of which each waits for the next and the last for the first; the one with the least process
 * id comes first.
 *
 * @param nodes at least two
 * @param pids theirs
 * @param hard whether each holds what the one before wants. Such a deadlock ends only when one of
 *     them gives up. Otherwise the cycle leads through a place in a wait queue, and the server may
 *     end it by another order when {@code deadlock_timeout} is over.
 */
public record DeadlockCycle(List<Integer> nodes, List<Integer> pids, boolean hard) {

    public DeadlockCycle {
        nodes = List.copyOf(nodes);
        pids = List.copyOf(pids);
    }
}
