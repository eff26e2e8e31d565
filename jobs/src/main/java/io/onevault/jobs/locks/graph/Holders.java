package io.onevault.jobs.locks.graph;

import java.util.Arrays;

/**
 * Who holds what of the locks that somebody waits for, ordered by lock and node.
 *
 * @param node who
 * @param modes the set of modes it holds
 * @param tag the lock
 * @param start by lock, where its entries begin
 */
record Holders(int[] node, int[] modes, int[] tag, int[] start) {

    int size() {
        return node.length;
    }

    /** The modes that {@code who} holds on a lock; 0 when none. */
    int modes(int lock, int who) {
        int at = Arrays.binarySearch(node, start[lock], start[lock + 1], who);
        return at < 0 ? 0 : modes[at];
    }
}
