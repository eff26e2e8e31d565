package io.onevault.jobs.locks.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.LockRow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class CyclesAndChainsTest {

    @Test
    void chainHasItsRootDepthVictimsAndWaits() {
        LockAnalysis analysis =
                LockAnalysis.of(
                        new Locks()
                                .session(10, "client backend", 0, "idle in transaction (aborted)")
                                .holds(10, "AccessShare", 1)
                                .waits(20, "AccessExclusive", 1, 9)
                                .holds(20, "Exclusive", 2)
                                .waits(30, "AccessShare", 1, 8)
                                .waits(40, "RowShare", 2, 7)
                                .snapshot());
        assertThat(analysis.cycles()).isEmpty();
        assertThat(analysis.chains())
                .singleElement()
                .satisfies(
                        chain -> {
                            assertThat(chain.rootPid()).isEqualTo(10);
                            assertThat(chain.idleInTransaction()).isTrue();
                            assertThat(chain.complete()).isTrue();
                            assertThat(chain.depth()).isEqualTo(2);
                            assertThat(chain.victims()).containsExactly(20, 30, 40);
                            assertThat(chain.longestWaitMicros()).isEqualTo(9_000_000);
                            assertThat(chain.totalWaitMicros()).isEqualTo(24_000_000);
                            assertThat(text(chain.tree())).isEqualTo("10(>20(~30 >40))");
                        });
    }

    @Test
    void upgradeOfTwoIsADeadlock() {
        LockAnalysis analysis =
                LockAnalysis.of(
                        new Locks()
                                .holds(10, "Share", 1)
                                .holds(20, "Share", 1)
                                .waits(20, "AccessExclusive", 1, 2)
                                .waits(10, "AccessExclusive", 1, 1)
                                .waits(30, "AccessShare", 1, 0.5)
                                .snapshot());
        assertThat(analysis.cycles())
                .containsExactly(new DeadlockCycle(List.of(0, 1), List.of(10, 20), true));
        assertThat(analysis.chains())
                .singleElement()
                .satisfies(
                        chain -> {
                            assertThat(chain.cyclic()).isTrue();
                            assertThat(chain.rootPid()).isEqualTo(10);
                            assertThat(chain.victims()).containsExactly(20, 30);
                        });
    }

    @Test
    void cycleThroughAQueueIsNotYetADeadlock() {
        Locks locks =
                new Locks()
                        .holds(10, "AccessShare", 1)
                        .waits(20, "AccessExclusive", 1, 3)
                        .holds(30, "AccessExclusive", 2)
                        .waits(30, "AccessShare", 1, 2)
                        .waits(10, "AccessShare", 2, 1);
        assertThat(LockAnalysis.of(locks.snapshot()).cycles())
                .containsExactly(new DeadlockCycle(List.of(0, 2, 1), List.of(10, 30, 20), false));
    }

    @Test
    void shortestCycleIsReportedAndStartsWithTheLeastProcess() {
        Locks locks = new Locks();
        int[] ring = {50, 20, 40, 30, 60};
        for (int i = 0; i < ring.length; i++) {
            locks.holds(ring[i], "Exclusive", i);
            locks.waits(ring[(i + ring.length - 1) % ring.length], "Exclusive", i, 1);
        }
        assertThat(LockAnalysis.of(locks.snapshot()).cycles())
                .extracting(DeadlockCycle::pids)
                .containsExactly(List.of(20, 40, 30, 60, 50));
    }

    @Test
    void manyRootsOfTheSameVictimsStayWithinBounds() {
        Locks locks = new Locks();
        for (int reader = 1; reader <= 600; reader++) {
            locks.holds(reader, "AccessShare", 1);
        }
        for (int i = 0; i < 600; i++) {
            locks.waits(1000 + i, i == 0 ? "AccessExclusive" : "RowExclusive", 1, 600 - i);
        }
        List<BlockingChain> chains = LockAnalysis.of(locks.snapshot()).chains();
        assertThat(chains).hasSize(600);
        assertThat(chains).filteredOn(BlockingChain::complete).hasSizeBetween(16, 18);
        assertThat(chains.stream().mapToInt(chain -> chain.victims().size()).sum())
                .isLessThanOrEqualTo(11_000);
    }

    @Test
    void deepChainsNeedNoDeepStack() {
        Locks locks = new Locks().holds(1, "Exclusive", 1);
        int length = 50_000;
        for (int pid = 2; pid <= length; pid++) {
            locks.waits(pid, "Exclusive", pid - 1, 1).holds(pid, "Exclusive", pid);
        }
        assertThat(LockAnalysis.of(locks.snapshot()).chains())
                .singleElement()
                .satisfies(chain -> assertThat(chain.depth()).isEqualTo(length - 1));
        locks.waits(1, "Exclusive", length, 1);
        LockAnalysis ring = LockAnalysis.of(locks.snapshot());
        assertThat(ring.cycles())
                .singleElement()
                .satisfies(c -> assertThat(c.pids()).hasSize(length));
        assertThat(ring.chains()).singleElement().satisfies(c -> assertThat(c.cyclic()).isTrue());
    }

    @Test
    void cyclesAndChainsAgreeWithThePlainGraph() {
        int deadlocks = 0;
        int soft = 0;
        for (long seed = 0; seed < 3_000; seed++) {
            LockAnalysis analysis = LockAnalysis.of(new RandomLocks(seed).snapshot().snapshot());
            WaitForGraph graph = analysis.graph();
            Map<Integer, Set<Integer>> all = new HashMap<>();
            Map<Integer, Set<Integer>> hard = new HashMap<>();
            graph.edges(
                    (waiter, blocker, isHard) -> {
                        all.computeIfAbsent(waiter, w -> new TreeSet<>()).add(blocker);
                        if (isHard) {
                            hard.computeIfAbsent(waiter, w -> new TreeSet<>()).add(blocker);
                        }
                        LockRow reason = graph.reason(waiter, blocker);
                        return reason != null && !reason.granted();
                    });
            for (DeadlockCycle cycle : analysis.cycles()) {
                deadlocks += cycle.hard() ? 1 : 0;
                soft += cycle.hard() ? 0 : 1;
                Map<Integer, Set<Integer>> edges = cycle.hard() ? hard : all;
                List<Integer> nodes = cycle.nodes();
                for (int i = 0; i < nodes.size(); i++) {
                    assertThat(edges.get(nodes.get(i)))
                            .as("seed %d, %s", seed, cycle)
                            .contains(nodes.get((i + 1) % nodes.size()));
                }
                assertThat(nodes)
                        .doesNotHaveDuplicates()
                        .startsWith(nodes.stream().min(Integer::compare).orElseThrow());
                assertThat(nodes)
                        .as("seed %d", seed)
                        .hasSize(shortestIn(component(nodes.get(0), edges), edges));
            }
            for (boolean onlyHard : new boolean[] {true, false}) {
                Map<Integer, Set<Integer>> edges = onlyHard ? hard : all;
                for (int node = 0; node < graph.size(); node++) {
                    Set<Integer> component = component(node, edges);
                    if (component.size() > 1) {
                        assertThat(analysis.cycles())
                                .as("seed %d, %s", seed, component)
                                .anyMatch(
                                        c ->
                                                component.containsAll(c.nodes())
                                                        && (c.hard() || !onlyHard));
                    }
                }
            }
            checkChains(seed, analysis, all);
        }
        assertThat(deadlocks).isGreaterThan(100);
        assertThat(soft).isGreaterThan(20);
    }

    private static void checkChains(
            long seed, LockAnalysis analysis, Map<Integer, Set<Integer>> edges) {
        WaitForGraph graph = analysis.graph();
        Set<Integer> roots = new HashSet<>();
        Set<Integer> inChains = new HashSet<>();
        for (BlockingChain chain : analysis.chains()) {
            roots.add(chain.root());
            Set<Integer> victims = new TreeSet<>();
            for (int node : edges.keySet()) {
                if (node != chain.root() && reachable(node, edges).contains(chain.root())) {
                    victims.add(node);
                }
            }
            inChains.addAll(victims);
            inChains.add(chain.root());
            assertThat(chain.victims())
                    .as("seed %d, root %d", seed, chain.rootPid())
                    .containsExactlyElementsOf(victims.stream().map(graph::pid).toList());
            int deepest = 0;
            Deque<BlockingTree> open = new ArrayDeque<>(List.of(chain.tree()));
            Map<Integer, Integer> depth = new HashMap<>(Map.of(chain.root(), 0));
            while (!open.isEmpty()) {
                BlockingTree at = open.pop();
                for (BlockingTree child : at.children()) {
                    assertThat(edges.get(child.node())).contains(at.node());
                    depth.put(child.node(), depth.get(at.node()) + 1);
                    deepest = Math.max(deepest, depth.get(child.node()));
                    open.push(child);
                }
            }
            assertThat(depth).hasSize(victims.size() + 1);
            assertThat(chain.depth()).isEqualTo(deepest);
        }
        for (int node = 0; node < graph.size(); node++) {
            boolean blocks = false;
            for (Set<Integer> blockers : edges.values()) {
                blocks |= blockers.contains(node);
            }
            if (blocks && !edges.containsKey(node)) {
                assertThat(roots).as("seed %d", seed).contains(node);
            }
            if (edges.containsKey(node)) {
                assertThat(inChains).as("seed %d", seed).contains(node);
            }
        }
    }

    private static Set<Integer> reachable(int from, Map<Integer, Set<Integer>> edges) {
        Set<Integer> seen = new TreeSet<>();
        Deque<Integer> open = new ArrayDeque<>(List.of(from));
        while (!open.isEmpty()) {
            for (int next : edges.getOrDefault(open.pop(), Set.of())) {
                if (seen.add(next)) {
                    open.push(next);
                }
            }
        }
        return seen;
    }

    private static Set<Integer> component(int node, Map<Integer, Set<Integer>> edges) {
        Set<Integer> component = new TreeSet<>();
        for (int other : reachable(node, edges)) {
            if (reachable(other, edges).contains(node)) {
                component.add(other);
            }
        }
        return component;
    }

    private static int shortestIn(Set<Integer> component, Map<Integer, Set<Integer>> edges) {
        int shortest = Integer.MAX_VALUE;
        for (int from : component) {
            Map<Integer, Integer> distance = new HashMap<>(Map.of(from, 0));
            Deque<Integer> open = new ArrayDeque<>(List.of(from));
            while (!open.isEmpty()) {
                int at = open.poll();
                for (int next : edges.getOrDefault(at, Set.of())) {
                    if (next == from) {
                        shortest = Math.min(shortest, distance.get(at) + 1);
                    } else if (distance.putIfAbsent(next, distance.get(at) + 1) == null) {
                        open.add(next);
                    }
                }
            }
        }
        return shortest;
    }

    private static String text(BlockingTree tree) {
        List<String> children = new ArrayList<>();
        for (BlockingTree child : tree.children()) {
            children.add((child.hard() ? ">" : "~") + text(child));
        }
        return tree.pid() + (children.isEmpty() ? "" : "(" + String.join(" ", children) + ")");
    }
}
