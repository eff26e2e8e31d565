package io.onevault.benchmarks.locks;

import io.onevault.benchmarks.Benchmark;
import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.Rounds;
import io.onevault.benchmarks.RunOptions;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.jobs.locks.graph.DeadlockCycles;
import io.onevault.jobs.locks.graph.LockAnalysis;
import io.onevault.jobs.locks.graph.WaitForGraph;
import java.util.ArrayList;
import java.util.List;
import org.jgrapht.Graph;
import org.jgrapht.alg.connectivity.GabowStrongConnectivityInspector;
import org.jgrapht.graph.DefaultEdge;
import org.jgrapht.graph.SimpleDirectedGraph;

/**
 * One snapshot to edges, chains and cycles, at three sizes; its cycles beside JGraphT's strongly
 * connected components, once with and once without the time to make its graph from the edges; and
 * the edges at 200 waiters beside {@code pg_blocking_pids()} for every waiter on a real server.
 */
public final class LockGraphBenchmark implements Benchmark {

    private static final int[] SIZES = {100, 1_000, 10_000};
    private static final int[] QUICK_SIZES = {50, 100, 200};
    private static final int SESSIONS_PER_MEASURE = 100_000;
    private static final int EDGES_PER_MEASURE = 100_000;
    private static final int WAITERS = 200;
    private static final int QUICK_WAITERS = 10;
    private static final double TARGET_MILLIS = 20;

    /** A queue of 10,000 has 50 million edges, which JGraphT would have to hold. */
    private static final int MOST_EDGES_OF_PEER = 2_000_000;

    private static final String OWN = "own";
    private static final String PEER = "peer";
    private static final String PEER_READY = "peer, graph ready";
    private static final String MS = "ms";

    @SuppressWarnings("unused") // So that no work is for nothing.
    private static volatile long sink;

    @Override
    public String name() {
        return "lock-graph";
    }

    @Override
    public String description() {
        return "lock table to edges, chains, cycles, beside JGraphT";
    }

    @Override
    public List<Result> run(RunOptions options) throws Exception {
        List<Result> results = new ArrayList<>();
        int[] sizes = options.quick() ? QUICK_SIZES : SIZES;
        for (boolean hot : new boolean[] {true, false}) {
            double[] rows = new double[sizes.length];
            double[] costs = new double[sizes.length];
            for (int i = 0; i < sizes.length; i++) {
                String name = (hot ? "hot row, " : "random, ") + sizes[i] + " sessions";
                options.progress().accept("lock-graph: " + name);
                LockSnapshot snapshot =
                        hot ? SampleLocks.hotRow(sizes[i]) : SampleLocks.random(sizes[i], 7);
                int repeats = options.quick() ? 1 : SESSIONS_PER_MEASURE / sizes[i];
                rows[i] = snapshot.locks().size();
                costs[i] = whole(name, snapshot, repeats, options, results);
                cycles(name, snapshot, repeats, options, results);
            }
            results.add(
                    Result.against(
                            (hot ? "hot row" : "random") + ", growth with lock rows",
                            Rounds.growthExponent(rows, costs),
                            "",
                            "linear",
                            1));
        }
        int waiters = options.quick() ? QUICK_WAITERS : WAITERS;
        options.progress().accept("lock-graph: " + waiters + " waiters on a server");
        try (HotRow server = new HotRow(waiters)) {
            server.compare(options, results);
        }
        return results;
    }

    private static double whole(
            String name,
            LockSnapshot snapshot,
            int repeats,
            RunOptions options,
            List<Result> results)
            throws Exception {
        double own =
                new Rounds()
                        .with(
                                OWN,
                                () ->
                                        millis(
                                                repeats,
                                                () -> LockAnalysis.of(snapshot).chains().size()))
                        .run(options.rounds())
                        .of(OWN);
        results.add(
                Result.against(
                        name + ", edges, chains and cycles", own, MS, "target", TARGET_MILLIS));
        return own;
    }

    private static void cycles(
            String name,
            LockSnapshot snapshot,
            int repeats,
            RunOptions options,
            List<Result> results)
            throws Exception {
        WaitForGraph graph = WaitForGraph.of(snapshot);
        int edges = edges(graph);
        if (edges > MOST_EDGES_OF_PEER) {
            return;
        }
        Graph<Integer, DefaultEdge> ready = peerGraph(graph);
        int own = DeadlockCycles.of(graph).size();
        int peers = peerCycles(ready);
        if (own != peers) {
            throw new IllegalStateException(
                    "%s: %d cycles, JGraphT has %d".formatted(name, own, peers));
        }
        int peerRepeats = options.quick() ? 1 : Math.max(1, EDGES_PER_MEASURE / edges);
        Rounds.Medians medians =
                new Rounds()
                        .with(OWN, () -> millis(repeats, () -> DeadlockCycles.of(graph).size()))
                        .with(PEER, () -> millis(peerRepeats, () -> peerCycles(peerGraph(graph))))
                        .with(PEER_READY, () -> millis(peerRepeats, () -> peerCycles(ready)))
                        .run(options.rounds());
        results.add(
                Result.against(
                        name + ", cycles", medians.of(OWN), MS, "JGraphT", medians.of(PEER)));
        results.add(
                Result.against(
                        name + ", cycles",
                        medians.of(OWN),
                        MS,
                        "JGraphT, graph ready",
                        medians.of(PEER_READY)));
    }

    private static int edges(WaitForGraph graph) {
        int[] count = new int[1];
        graph.edges((waiter, blocker, hard) -> ++count[0] <= MOST_EDGES_OF_PEER);
        return count[0];
    }

    private static Graph<Integer, DefaultEdge> peerGraph(WaitForGraph graph) {
        Graph<Integer, DefaultEdge> peer = new SimpleDirectedGraph<>(DefaultEdge.class);
        for (int node = 0; node < graph.size(); node++) {
            peer.addVertex(node);
        }
        graph.edges(
                (waiter, blocker, hard) -> {
                    peer.addEdge(waiter, blocker);
                    return true;
                });
        return peer;
    }

    private static int peerCycles(Graph<Integer, DefaultEdge> peer) {
        int cycles = 0;
        for (var component : new GabowStrongConnectivityInspector<>(peer).stronglyConnectedSets()) {
            if (component.size() > 1) {
                cycles++;
            }
        }
        return cycles;
    }

    /** Work whose result is a number, so that it is not left out. */
    @FunctionalInterface
    interface Work {
        long run() throws Exception;
    }

    /** Milliseconds of one run. */
    static double millis(int repeats, Work work) throws Exception {
        long total = 0;
        long start = System.nanoTime();
        for (int i = 0; i < repeats; i++) {
            total += work.run();
        }
        double millis = (System.nanoTime() - start) / 1e6 / repeats;
        sink = total;
        return millis;
    }
}
