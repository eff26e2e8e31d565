package io.onevault.jobs.locks.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.LockRow;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class WaitForGraphTest {

    @Test
    void holderBlocksHardAndWhoIsAheadSoftly() {
        Locks locks =
                new Locks()
                        .holds(10, "AccessShare", 1)
                        .waits(20, "AccessExclusive", 1, 5)
                        .waits(30, "AccessShare", 1, 4)
                        .waits(40, "RowExclusive", 1, 3);
        assertThat(edges(locks)).containsExactly("20>10", "30~20", "40~20");
        assertThat(locks.graph().waiters()).isEqualTo(3);
    }

    @Test
    void orderOfTheQueueIsThatOfWaiting() {
        Locks locks =
                new Locks()
                        .holds(10, "Share", 1)
                        .waits(20, "RowExclusive", 1, 1)
                        .waits(30, "Exclusive", 1, 2)
                        .waits(40, "RowExclusive", 1, 0);
        assertThat(edges(locks)).containsExactly("20>10", "20~30", "30>10", "40>10", "40~30");
    }

    /** Who holds what an earlier request is excluded by goes before it (ProcSleep). */
    @Test
    void whoHoldsWhatOthersWaitForGoesBeforeThem() {
        Locks locks =
                new Locks()
                        .holds(10, "Share", 1)
                        .holds(40, "AccessShare", 1)
                        .waits(20, "RowExclusive", 1, 9)
                        .waits(30, "AccessExclusive", 1, 8)
                        .waits(40, "RowExclusive", 1, 7);
        assertThat(edges(locks)).containsExactly("20>10", "30>10", "30>40", "30~20", "40>10");
    }

    @Test
    void lockGroupsAreOneAndNeverBlockThemselves() {
        Locks locks =
                new Locks()
                        .worker(11, 10)
                        .worker(12, 10)
                        .holds(10, "AccessExclusive", 1)
                        .waits(11, "AccessShare", 1, 5)
                        .holds(20, "AccessExclusive", 2)
                        .waits(12, "AccessShare", 2, 5)
                        .waits(30, "AccessShare", 1, 4);
        assertThat(edges(locks)).containsExactly("10>20", "30>10");
    }

    @Test
    void leaderOfAnApplyWorkerSharesNoLocks() {
        Locks locks =
                new Locks()
                        .session(11, "logical replication parallel worker", 10, "active")
                        .holds(10, "AccessExclusive", 1)
                        .waits(11, "AccessShare", 1, 5);
        assertThat(edges(locks)).containsExactly("11>10");
    }

    @Test
    void preparedTransactionsBlockAsZero() {
        Locks locks =
                new Locks()
                        .preparedHolds("-1/77", "AccessExclusive", 1)
                        .preparedHolds("3/4", "AccessShare", 2)
                        .waits(20, "AccessShare", 1, 5)
                        .waits(30, "AccessExclusive", 2, 5);
        assertThat(edges(locks)).containsExactly("20>0", "30>0");
        assertThat(locks.graph().size()).isEqualTo(4);
    }

    @Test
    void everyPartOfALockTagTellsLocksApart() {
        LockRow base =
                new LockRow(
                        "object",
                        1,
                        2,
                        "",
                        3,
                        4,
                        "5/6",
                        7,
                        8,
                        9,
                        10,
                        "1/1",
                        1,
                        "ExclusiveLock",
                        true,
                        false,
                        0);
        List<LockRow> others =
                List.of(
                        tag("advisory", 1, 2, 3, 4, "5/6", 7, 8, 9, 10),
                        tag("object", 9, 2, 3, 4, "5/6", 7, 8, 9, 10),
                        tag("object", 1, 9, 3, 4, "5/6", 7, 8, 9, 10),
                        tag("object", 1, 2, 9, 4, "5/6", 7, 8, 9, 10),
                        tag("object", 1, 2, 3, 9, "5/6", 7, 8, 9, 10),
                        tag("object", 1, 2, 3, 4, "5/9", 7, 8, 9, 10),
                        tag("object", 1, 2, 3, 4, "5/6", 9, 8, 9, 10),
                        tag("object", 1, 2, 3, 4, "5/6", 7, 9, 9, 10),
                        tag("object", 1, 2, 3, 4, "5/6", 7, 8, 8, 10),
                        tag("object", 1, 2, 3, 4, "5/6", 7, 8, 9, 9));
        for (LockRow other : others) {
            assertThat(edges(new Locks().add(base).add(other))).as(other.toString()).isEmpty();
        }
        assertThat(edges(new Locks().add(base).add(tag("object", 1, 2, 3, 4, "5/6", 7, 8, 9, 10))))
                .containsExactly("2>1");
    }

    private static LockRow tag(
            String type,
            long database,
            long relation,
            long page,
            int tuple,
            String virtualXid,
            long xid,
            long classId,
            long objectId,
            int objectSubId) {
        return new LockRow(
                type,
                database,
                relation,
                "",
                page,
                tuple,
                virtualXid,
                xid,
                classId,
                objectId,
                objectSubId,
                "2/1",
                2,
                "ShareLock",
                false,
                false,
                1);
    }

    @Test
    void fastPathAndPredicateLocksBlockNobody() {
        LockRow fast =
                new LockRow(
                        "relation",
                        5,
                        1,
                        "",
                        0,
                        0,
                        "",
                        0,
                        0,
                        0,
                        0,
                        "9/1",
                        9,
                        "AccessShareLock",
                        true,
                        true,
                        0);
        Locks locks =
                new Locks().add(fast).holds(8, "SIReadLock", 1).waits(20, "AccessExclusive", 1, 5);
        assertThat(edges(locks)).isEmpty();
    }

    @Test
    void edgesEqualTheRulesOnAnyState() {
        for (long seed = 0; seed < 3_000; seed++) {
            RandomLocks random = new RandomLocks(seed);
            WaitForGraph graph = random.snapshot().graph();
            for (int node = 0; node < graph.size(); node++) {
                List<Integer> pids = new ArrayList<>();
                for (int blocker : graph.blockersOf(node)) {
                    pids.add(graph.pid(blocker));
                }
                assertThat(pids)
                        .as("seed %d, blockers of %d", seed, graph.pid(node))
                        .containsExactlyInAnyOrderElementsOf(random.blockersOf(graph.pid(node)));
            }
        }
    }

    static List<String> edges(Locks locks) {
        WaitForGraph graph = locks.graph();
        List<String> edges = new ArrayList<>();
        graph.edges(
                (waiter, blocker, hard) ->
                        edges.add(graph.pid(waiter) + (hard ? ">" : "~") + graph.pid(blocker)));
        edges.sort(null);
        return edges;
    }
}
