package io.onevault.jobs.locks.graph;

import java.util.Arrays;

/**
 * The order in which requests for one lock are served. The lock table does not show it, but how it
 * came about is known ({@code ProcSleep} of PostgreSQL's {@code proc.c}): a request goes to the
 * end, unless its process already holds a mode on this lock that excludes an earlier request, and
 * then it goes before the first such one. Requests of one lock group do not count against each
 * other.
 *
 * <p>An arrival costs at most as many steps as there are modes, because the first request that a
 * held mode excludes is the first one of its mode; only groups with several requests for one lock
 * are compared one by one.
 *
 * <p>Two things are unknown and may make an order wrong: requests that have left the queue, and
 * reordering by the server's deadlock detector, which acts once in {@code deadlock_timeout} on a
 * cycle that a new order breaks.
 */
final class WaitQueue {

    private static final int NONE = -1;

    private final int[] node;
    private final int[] mode;
    private final int[] next;
    private final int[] previous;

    /** Modes that are requested, by the place of their first request. */
    private final int[] modes = new int[LockConflicts.MODES];

    private final int[] first = new int[LockConflicts.MODES + 1];
    private int modeCount;
    private int head;
    private int tail;

    /**
     * @param node whose request each is, for all locks
     * @param mode of each request
     */
    WaitQueue(int[] node, int[] mode) {
        this.node = node;
        this.mode = mode;
        next = new int[node.length];
        previous = new int[node.length];
    }

    void clear() {
        head = NONE;
        tail = NONE;
        modeCount = 0;
        Arrays.fill(first, NONE);
    }

    /**
     * A request arrives.
     *
     * @param held the modes its lock group holds on this lock
     * @param again whether an earlier request of its group waits here
     */
    void arrive(int request, int held, boolean again) {
        int excluded = LockConflicts.conflictsOfAny(held);
        if (again && excluded != 0) {
            insert(request, firstExcluded(node[request], excluded));
            return;
        }
        for (int i = 0; i < modeCount && excluded != 0; i++) {
            if ((excluded & 1 << modes[i]) != 0) {
                insert(request, first[modes[i]]);
                return;
            }
        }
        insert(request, NONE);
    }

    private int firstExcluded(int group, int excluded) {
        for (int other = head; other != NONE; other = next[other]) {
            if (node[other] != group && (excluded & 1 << mode[other]) != 0) {
                return other;
            }
        }
        return NONE;
    }

    private void insert(int request, int before) {
        int after = before == NONE ? tail : previous[before];
        next[request] = before;
        previous[request] = after;
        if (after == NONE) {
            head = request;
        } else {
            next[after] = request;
        }
        if (before == NONE) {
            tail = request;
        } else {
            previous[before] = request;
        }
        remember(request, before);
    }

    /** Keeps {@link #modes} in order. */
    private void remember(int request, int before) {
        int own = mode[request];
        if (before == NONE) {
            if (first[own] == NONE) {
                first[own] = request;
                modes[modeCount++] = own;
            }
        } else if (first[mode[before]] == before) {
            int place = 0;
            while (modes[place] != mode[before]) {
                if (modes[place++] == own) {
                    return;
                }
            }
            int old = place;
            while (old < modeCount && modes[old] != own) {
                old++;
            }
            if (old == modeCount) {
                modeCount++;
            }
            System.arraycopy(modes, place, modes, place + 1, old - place);
            modes[place] = own;
            first[own] = request;
        } else {
            rememberAll();
        }
    }

    private void rememberAll() {
        modeCount = 0;
        Arrays.fill(first, NONE);
        for (int request = head; request != NONE; request = next[request]) {
            if (first[mode[request]] == NONE) {
                first[mode[request]] = request;
                modes[modeCount++] = mode[request];
            }
        }
    }

    /** Writes the requests in their order to {@code into}, from {@code at} on. */
    void copyTo(int[] into, int at) {
        int place = at;
        for (int request = head; request != NONE; request = next[request]) {
            into[place++] = request;
        }
    }
}
