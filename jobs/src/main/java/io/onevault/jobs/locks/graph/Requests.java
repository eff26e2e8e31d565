package io.onevault.jobs.locks.graph;

import io.onevault.connectors.model.LockRow;

/**
 * Who waits for what, ordered by lock and place in its queue.
 *
 * @param node who
 * @param mode wanted
 * @param tag the lock
 * @param row of the snapshot
 * @param start by lock, where its queue begins
 */
record Requests(int[] node, int[] mode, int[] tag, LockRow[] row, int[] start) {

    int size() {
        return node.length;
    }

    int tags() {
        return start.length - 1;
    }
}
