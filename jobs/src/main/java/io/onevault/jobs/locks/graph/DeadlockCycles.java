package io.onevault.jobs.locks.graph;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;

/**
 * Finds deadlocks: for each set of nodes that wait for each other, one shortest cycle.
 *
 * <p>Sets are the strongly connected components of {@link Components}, in linear time. A set that
 * is connected by hard edges alone is a deadlock for sure; one that is not is reported as a soft
 * cycle. Within a set the shortest cycle comes from breadth-first searches from each node; in sets
 * so large that this would take more than {@value #MOST_STEPS} steps, from as many nodes as that
 * allows, the first by process id, and then a shorter cycle may exist elsewhere.
 */
public final class DeadlockCycles {

    private static final int MOST_STEPS = 50_000;
    private static final int NONE = -1;

    private final Components components;
    private final WaitForGraph graph;
    private final int[] parent;
    private final int[] seen;
    private int search;

    private DeadlockCycles(Components components) {
        this.components = components;
        graph = components.graph();
        parent = new int[graph.size()];
        seen = new int[components.size()];
    }

    /** Finds the deadlocks of a graph, in the order of their first process ids. */
    public static List<DeadlockCycle> of(WaitForGraph graph) {
        return of(Components.of(graph));
    }

    static List<DeadlockCycle> of(Components all) {
        List<DeadlockCycle> cycles = new ArrayList<>();
        boolean[] explained = new boolean[all.count()];
        if (!hasCycle(all)) {
            return cycles;
        }
        Components hard = all.hard();
        new DeadlockCycles(hard).find(true, new boolean[hard.count()], cycles);
        for (DeadlockCycle cycle : cycles) {
            explained[all.of(cycle.nodes().get(0))] = true;
        }
        new DeadlockCycles(all).find(false, explained, cycles);
        cycles.sort(Comparator.comparing(cycle -> cycle.nodes().get(0)));
        return cycles;
    }

    private static boolean hasCycle(Components components) {
        for (int i = 0; i < components.count(); i++) {
            if (components.isCyclic(i)) {
                return true;
            }
        }
        return false;
    }

    /** One cycle for every component that is not yet explained. */
    private void find(boolean hard, boolean[] explained, List<DeadlockCycle> into) {
        int[][] best = new int[components.count()][];
        int[] steps = new int[components.count()];
        for (int node = 0; node < graph.size(); node++) {
            int component = components.of(node);
            if (!components.isCyclic(component)
                    || explained[component]
                    || steps[component] > MOST_STEPS
                    || best[component] != null && best[component].length == 2) {
                continue;
            }
            int below = best[component] == null ? Integer.MAX_VALUE : best[component].length;
            int[] cycle = shortestThrough(node, below, steps);
            if (cycle.length > 0) {
                best[component] = cycle;
            }
        }
        for (int[] cycle : best) {
            if (cycle != null) {
                into.add(cycle(cycle, hard));
            }
        }
    }

    private DeadlockCycle cycle(int[] members, boolean hard) {
        List<Integer> nodes = new ArrayList<>(members.length);
        for (int member : members) {
            nodes.add(member);
        }
        Collections.rotate(nodes, -nodes.indexOf(Collections.min(nodes)));
        return new DeadlockCycle(nodes, nodes.stream().map(graph::pid).toList(), hard);
    }

    /**
     * The shortest cycle through a node, in the order of waiting; empty when there is none of less
     * than {@code below} nodes.
     */
    private int[] shortestThrough(int from, int below, int[] steps) {
        search += 2;
        int component = components.of(from);
        int[] level = {from};
        int size = 1;
        int[] helpers = new int[16];
        seen[from] = search;
        parent[from] = NONE;
        for (int length = 1; size > 0 && length < below; length++) {
            int[] nextLevel = new int[16];
            int nextSize = 0;
            for (int i = 0; i < size; i++) {
                int waiter = level[i];
                int open = 1;
                helpers[0] = waiter;
                // Helpers cost nothing, so all behind them is as near as what they stand for.
                while (open > 0) {
                    int at = helpers[--open];
                    for (int e = components.firstEdge(at); e < components.endOfEdges(at); e++) {
                        int to = components.target(e);
                        steps[component]++;
                        if (to == from && waiter != from) {
                            return path(waiter);
                        }
                        if (components.of(to) != component || seen[to] == search) {
                            continue;
                        }
                        boolean helper = to >= graph.size();
                        // What leads the first node to itself leads others to it as well, so its
                        // helpers are met once more.
                        int stamp = helper && waiter == from ? search - 1 : search;
                        if (seen[to] == stamp) {
                            continue;
                        }
                        seen[to] = stamp;
                        if (!helper) {
                            parent[to] = waiter;
                            nextLevel = with(nextLevel, nextSize++, to);
                        } else {
                            helpers = with(helpers, open++, to);
                        }
                    }
                }
            }
            level = nextLevel;
            size = nextSize;
        }
        return new int[0];
    }

    private static int[] with(int[] numbers, int at, int number) {
        int[] room = at < numbers.length ? numbers : Arrays.copyOf(numbers, at * 2);
        room[at] = number;
        return room;
    }

    private int[] path(int last) {
        int length = 0;
        for (int node = last; node != NONE; node = parent[node]) {
            length++;
        }
        int[] path = new int[length];
        for (int node = last; node != NONE; node = parent[node]) {
            path[--length] = node;
        }
        return path;
    }
}
