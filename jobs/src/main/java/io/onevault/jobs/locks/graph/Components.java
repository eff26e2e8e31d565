package io.onevault.jobs.locks.graph;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The strongly connected components of a graph, by the algorithm of R. Tarjan, "Depth-first search
 * and linear graph algorithms", SIAM Journal on Computing 1 (1972), with a stack of its own instead
 * of recursion. Time and memory are linear in the requests and holders, not in the edges, since it
 * works on a smaller graph in which the same nodes reach each other:
 *
 * <ul>
 *   <li>a request leads to one helper per lock and mode, and that to the holders who exclude the
 *       mode;
 *   <li>and for each mode that excludes it, to the last such request ahead, which leads to its node
 *       and to the one of its mode before it.
 * </ul>
 *
 * <p>A helper may lead a node back to itself; that is not a cycle, and a component with one node is
 * none.
 */
final class Components {

    private static final int UNSEEN = 0;
    private static final int NONE = -1;

    private final WaitForGraph graph;
    private final int nodes;
    private final int firstHelper;
    private final int[] start;
    private int[] target = new int[64];
    private int edges;

    private final int[] component;
    private int[] realMembers = new int[16];
    private int count;

    /** Null when soft edges count; otherwise the components in which hard ones are looked at. */
    private final @Nullable Components within;

    private Components(WaitForGraph graph) {
        this.graph = graph;
        this.within = null;
        this.nodes = graph.size();
        Requests requests = graph.requests();
        int helpers = nodes + 2 * requests.size();
        firstHelper = helpers;
        int[] helperOf = new int[requests.tags() * (LockConflicts.MODES + 1)];
        Arrays.fill(helperOf, NONE);
        int[] lockAndMode = new int[Math.min(helperOf.length, requests.size())];
        int[] starts = new int[helpers + lockAndMode.length + 1];
        for (int node = 0; node < nodes; node++) {
            starts[node] = edges;
            for (int i = graph.firstRequest(node); i < graph.endOfRequests(node); i++) {
                add(waiting(graph.request(i)));
            }
        }
        int used = 0;
        int[] last = new int[LockConflicts.MODES + 1];
        for (int request = 0; request < requests.size(); request++) {
            int tag = requests.tag()[request];
            int mode = requests.mode()[request];
            if (request == requests.start()[tag]) {
                Arrays.fill(last, NONE);
            }
            starts[waiting(request)] = edges;
            int helper = tag * (LockConflicts.MODES + 1) + mode;
            if (helperOf[helper] == NONE) {
                lockAndMode[used] = helper;
                helperOf[helper] = helpers + used++;
            }
            add(helperOf[helper]);
            for (int rest = LockConflicts.conflictsOf(mode); rest != 0; rest &= rest - 1) {
                int ahead = last[Integer.numberOfTrailingZeros(rest)];
                if (ahead != NONE) {
                    add(served(ahead));
                }
            }
            starts[served(request)] = edges;
            add(requests.node()[request]);
            if (last[mode] != NONE) {
                add(served(last[mode]));
            }
            last[mode] = request;
        }
        Holders holders = graph.holders();
        for (int i = 0; i < used; i++) {
            starts[helpers + i] = edges;
            int tag = lockAndMode[i] / (LockConflicts.MODES + 1);
            int conflicts = LockConflicts.conflictsOf(lockAndMode[i] % (LockConflicts.MODES + 1));
            for (int h = holders.start()[tag]; h < holders.start()[tag + 1]; h++) {
                if ((holders.modes()[h] & conflicts) != 0) {
                    add(holders.node()[h]);
                }
            }
        }
        starts[helpers + used] = edges;
        start = Arrays.copyOf(starts, helpers + used + 1);
        component = new int[helpers + used];
        tarjan();
    }

    private Components(Components all) {
        graph = all.graph;
        within = all;
        nodes = all.nodes;
        firstHelper = all.firstHelper;
        start = all.start;
        target = all.target;
        edges = all.edges;
        component = new int[all.component.length];
        tarjan();
    }

    /** Finds those that hard and soft edges make. */
    static Components of(WaitForGraph graph) {
        return new Components(graph);
    }

    /**
     * Finds those that hard edges alone make, of nodes that are in a cycle; no others are in one.
     */
    Components hard() {
        return new Components(this);
    }

    private int waiting(int request) {
        return nodes + 2 * request;
    }

    private int served(int request) {
        return nodes + 2 * request + 1;
    }

    private void add(int to) {
        if (edges == target.length) {
            target = Arrays.copyOf(target, edges * 2);
        }
        target[edges++] = to;
    }

    private void tarjan() {
        int size = component.length;
        int[] order = new int[size];
        int[] low = new int[size];
        int[] next = new int[size];
        int[] path = new int[size];
        int[] open = new int[size];
        Arrays.fill(component, NONE);
        int seen = UNSEEN;
        int openSize = 0;
        for (int root = 0; root < nodes; root++) {
            if (order[root] != UNSEEN || isLeftOut(root, root)) {
                continue;
            }
            int depth = 0;
            path[0] = root;
            order[root] = low[root] = ++seen;
            next[root] = start[root];
            open[openSize++] = root;
            while (depth >= 0) {
                int at = path[depth];
                if (next[at] < endOfEdges(at)) {
                    int to = target[next[at]++];
                    if (isLeftOut(at, to)) {
                        continue;
                    }
                    if (order[to] == UNSEEN) {
                        order[to] = low[to] = ++seen;
                        next[to] = start[to];
                        open[openSize++] = to;
                        path[++depth] = to;
                    } else if (component[to] == NONE) {
                        low[at] = Math.min(low[at], order[to]);
                    }
                } else {
                    if (low[at] == order[at]) {
                        openSize = close(at, open, openSize);
                    }
                    if (--depth >= 0) {
                        low[path[depth]] = Math.min(low[path[depth]], low[at]);
                    }
                }
            }
        }
    }

    private boolean isLeftOut(int from, int to) {
        return within != null
                && (within.component[from] != within.component[to]
                        || !within.isCyclic(within.component[to]));
    }

    private int close(int root, int[] open, int size) {
        if (count == realMembers.length) {
            realMembers = Arrays.copyOf(realMembers, count * 2);
        }
        int left = size;
        int member;
        do {
            member = open[--left];
            component[member] = count;
            if (member < nodes) {
                realMembers[count]++;
            }
        } while (member != root);
        count++;
        return left;
    }

    /** How many there are; a component comes after all that it reaches. */
    int count() {
        return count;
    }

    /** Which one a node, or a helper, belongs to. */
    int of(int member) {
        return component[member];
    }

    /** Whether several nodes wait for each other; not so for -1, which nodes left out have. */
    boolean isCyclic(int which) {
        return which != NONE && realMembers[which] > 1;
    }

    /** The number of nodes, requests' helpers and others that edges may lead to. */
    int size() {
        return component.length;
    }

    int firstEdge(int member) {
        return start[member];
    }

    int endOfEdges(int member) {
        boolean request = member >= nodes && member < firstHelper && (member - nodes) % 2 == 0;
        // The first edge of a request leads to the holders, the others to who is ahead.
        return within != null && request ? start[member] + 1 : start[member + 1];
    }

    int target(int edge) {
        return target[edge];
    }

    WaitForGraph graph() {
        return graph;
    }
}
