package io.onevault.jobs.locks.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.SessionRow;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * On the same state of the lock table, who blocks whom is what {@code pg_blocking_pids()} says, for
 * every process that waits. States are made by real sessions, from seeds that are named when
 * something differs; {@code -Donevault.test.seed=N} plays others.
 */
class BlockingOracleIT {

    private static final long SEED = Long.getLong("onevault.test.seed", 20_261_121L);
    private static final int ATTEMPTS = 200;

    /** What was awaited, and what else scenarios showed; a test that shows nothing is none. */
    private final Map<String, Integer> shown = new TreeMap<>();

    @ParameterizedTest
    @CsvSource({"14, 120", "15, 25", "16, 25", "17, 25", "18, 120"})
    void edgesAreThoseOfTheServer(int version, int scenarios) throws Exception {
        try (Stage stage = new Stage(version)) {
            for (int i = 0; i < scenarios; i++) {
                long seed = SEED + 1000L * version + i;
                new Scenario(stage, seed).play();
                compare(stage, "PostgreSQL " + version + ", seed " + seed);
                stage.clear();
            }
        }
        System.out.println("PostgreSQL " + version + ", seed " + SEED + ": " + shown);
        if (scenarios >= 100) {
            assertThat(shown)
                    .containsKeys(
                            "relation",
                            "tuple",
                            "transactionid",
                            "virtualxid",
                            "advisory of 64 bits",
                            "advisory of two keys",
                            "object",
                            "spectoken",
                            "hard edge",
                            "soft edge",
                            "prepared transaction",
                            "lock group",
                            "queue jump",
                            "deadlock");
        }
    }

    private void compare(Stage stage, String where) throws SQLException {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            LockSnapshot before = stage.snapshot();
            Map<Integer, Set<Integer>> expected = stage.blockingPids();
            LockSnapshot after = stage.snapshot();
            // A worker that is just starting, say.
            if (!state(before, stage).equals(state(after, stage))) {
                continue;
            }
            LockAnalysis analysis = LockAnalysis.of(before);
            assertThat(blockers(before, analysis.graph())).as(where).isEqualTo(expected);
            for (DeadlockCycle cycle : analysis.cycles()) {
                List<Integer> pids = cycle.pids();
                for (int i = 0; i < pids.size(); i++) {
                    int next = pids.get((i + 1) % pids.size());
                    assertThat(blockersOf(pids.get(i), before, expected))
                            .as("%s, cycle %s", where, pids)
                            .contains(next);
                }
                show(cycle.hard() ? "deadlock" : "soft cycle");
            }
            count(before, analysis.graph());
            return;
        }
        throw new AssertionError(where + ": the state of the lock table does not come to rest");
    }

    /** By waiting process, as the server counts: workers have their leader's blockers. */
    private static Map<Integer, Set<Integer>> blockers(LockSnapshot snapshot, WaitForGraph graph) {
        Map<Integer, Integer> leaders = leaders(snapshot);
        Map<Integer, Set<Integer>> blockers = new TreeMap<>();
        for (LockRow row : snapshot.locks()) {
            if (!row.granted()) {
                Set<Integer> pids = new TreeSet<>();
                int leader = leaders.getOrDefault(row.pid(), row.pid());
                for (int blocker : graph.blockersOf(graph.nodeOf(leader))) {
                    pids.add(graph.pid(blocker));
                }
                blockers.put(row.pid(), pids);
            }
        }
        return blockers;
    }

    /** Also when only a worker waits, not its leader. */
    private static Set<Integer> blockersOf(
            int leader, LockSnapshot snapshot, Map<Integer, Set<Integer>> blockers) {
        Map<Integer, Integer> leaders = leaders(snapshot);
        Set<Integer> all = new TreeSet<>();
        blockers.forEach(
                (pid, ofPid) -> {
                    if (leaders.getOrDefault(pid, pid) == leader) {
                        all.addAll(ofPid);
                    }
                });
        return all;
    }

    private static Map<Integer, Integer> leaders(LockSnapshot snapshot) {
        Map<Integer, Integer> leaders = new HashMap<>();
        for (SessionRow session : snapshot.sessions()) {
            if (session.leaderPid() != 0) {
                leaders.put(session.pid(), session.leaderPid());
            }
        }
        return leaders;
    }

    private static List<LockRow> state(LockSnapshot snapshot, Stage stage) {
        return snapshot.locks().stream()
                .filter(row -> !row.fastPath() && row.pid() != stage.observerPid())
                .sorted(Comparator.comparing(LockRow::toString))
                .toList();
    }

    private void count(LockSnapshot snapshot, WaitForGraph graph) {
        for (LockRow row : snapshot.locks()) {
            if (!row.granted()) {
                show(
                        !row.type().equals("advisory")
                                ? row.type()
                                : row.objectSubId() == 1
                                        ? "advisory of 64 bits"
                                        : "advisory of two keys");
            }
        }
        Set<Integer> waiting = new TreeSet<>();
        graph.edges(
                (waiter, blocker, hard) -> {
                    waiting.add(waiter);
                    show(hard ? "hard edge" : "soft edge");
                    if (graph.pid(blocker) == 0) {
                        show("prepared transaction");
                    }
                    return true;
                });
        for (int node : waiting) {
            if (graph.awaitedBy(node).size() > 1) {
                show("lock group");
            }
        }
        Requests requests = graph.requests();
        for (int i = 1; i < requests.size(); i++) {
            if (requests.tag()[i] == requests.tag()[i - 1]
                    && graph.awaited(i).waitStartMicros()
                            < graph.awaited(i - 1).waitStartMicros()) {
                show("queue jump");
            }
        }
    }

    private void show(String what) {
        shown.merge(what, 1, Integer::sum);
    }
}
