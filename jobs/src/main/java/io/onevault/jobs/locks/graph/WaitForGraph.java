package io.onevault.jobs.locks.graph;

import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.SessionRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Who waits for whom, and why.
 *
 * <p>A node is a process, a lock group (a leader and its parallel workers, under the leader's
 * process id), or a prepared transaction (process id 0). Nodes are numbered by process id, prepared
 * transactions first; only who waits, or holds a lock that somebody waits for, is one. An edge
 * leads from who waits to who blocks:
 *
 * <ul>
 *   <li>hard: the blocker holds a mode that excludes the one awaited;
 *   <li>soft: it does not, but waits for such a mode on the same lock and will be served first.
 * </ul>
 *
 * <p>These are the rules of {@code pg_blocking_pids()} ({@code lockfuncs.c}, {@code
 * GetBlockerStatusData} in {@code lock.c}), so the edges are equal to it, for every kind of lock.
 * As there, members of a lock group never block each other. The order of a queue follows from
 * {@link WaitQueue}, whose limits are this graph's.
 *
 * <p>Edges are not stored: n requests for one exclusive lock have n²/2 of them. Requests and
 * holders are, by lock, which is linear in the rows; edges are enumerated on demand.
 */
public final class WaitForGraph {

    private final int[] pids;
    private final String[] preparedAs;
    private final @Nullable SessionRow[] sessions;
    private final Requests requests;
    private final Holders holders;

    /** By node, where its requests begin in {@link #requestsOf}. */
    private final int[] requestStart;

    private final int[] requestsOf;

    WaitForGraph(
            int[] pids,
            String[] preparedAs,
            @Nullable SessionRow[] sessions,
            Requests requests,
            Holders holders) {
        this.pids = pids;
        this.preparedAs = preparedAs;
        this.sessions = sessions;
        this.requests = requests;
        this.holders = holders;
        requestStart = Csr.starts(requests.node(), pids.length);
        requestsOf = Csr.members(requests.node(), requestStart);
    }

    /** Builds the graph of a snapshot. */
    public static WaitForGraph of(LockSnapshot snapshot) {
        return new GraphBuilder(snapshot).build();
    }

    /** An edge. */
    @FunctionalInterface
    public interface EdgeVisitor {
        /**
         * @param waiter its node
         * @param blocker its node
         * @param hard whether the blocker holds what the waiter wants
         * @return whether to go on
         */
        boolean visit(int waiter, int blocker, boolean hard);
    }

    /** How many nodes there are. */
    public int size() {
        return pids.length;
    }

    /** A node's process id, the leader's for a lock group; 0 for a prepared transaction. */
    public int pid(int node) {
        return pids[node];
    }

    /** The virtual transaction of a prepared transaction; empty for other nodes. */
    public String virtualTransaction(int node) {
        return node < preparedAs.length ? preparedAs[node] : "";
    }

    /** The node of a process or lock group; -1 when it neither waits nor blocks. */
    public int nodeOf(int pid) {
        for (int low = 0, high = pids.length - 1; low <= high; ) {
            int middle = low + high >>> 1;
            if (pids[middle] == pid) {
                return pid == 0 ? -1 : middle;
            }
            if (pids[middle] < pid) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -1;
    }

    /** The session of a node; null for a prepared transaction and a session that has ended. */
    public @Nullable SessionRow session(int node) {
        return sessions[node];
    }

    /** Whether a node waits for a lock. */
    public boolean waits(int node) {
        return requestStart[node] < requestStart[node + 1];
    }

    /** How many nodes wait. */
    public int waiters() {
        int count = 0;
        for (int node = 0; node < pids.length; node++) {
            if (waits(node)) {
                count++;
            }
        }
        return count;
    }

    /**
     * Since when a node waits; of a lock group the member that waits longest.
     *
     * @return microseconds since the epoch; 0 when the server did not say yet, or it does not wait
     */
    public long waitStartMicros(int node) {
        long earliest = 0;
        for (int i = requestStart[node]; i < requestStart[node + 1]; i++) {
            long began = awaited(requestsOf[i]).waitStartMicros();
            if (began != 0 && (earliest == 0 || began < earliest)) {
                earliest = began;
            }
        }
        return earliest;
    }

    /** What a node waits for; of a lock group each member's. */
    public List<LockRow> awaitedBy(int node) {
        List<LockRow> awaited = new ArrayList<>();
        for (int i = requestStart[node]; i < requestStart[node + 1]; i++) {
            awaited.add(awaited(requestsOf[i]));
        }
        return awaited;
    }

    /** Whom a node waits for, by number, each once. */
    public int[] blockersOf(int node) {
        Blockers blockers = new Blockers();
        int[] found = new int[pids.length];
        int[] count = new int[1];
        blockers.visit(
                node,
                (waiter, blocker, hard) -> {
                    found[count[0]++] = blocker;
                    return true;
                });
        int[] result = Arrays.copyOf(found, count[0]);
        Arrays.sort(result);
        return result;
    }

    /** Finds the first blockers of one node after another. */
    public interface FirstBlockers {
        /**
         * Process ids of those who block a node, who hold the lock before who waits for it; 0 for a
         * prepared transaction. To be asked once for each node.
         */
        List<Integer> of(int node);
    }

    /**
     * At most so many blockers of each node, in time for those alone: of n requests for one lock
     * each has up to n.
     */
    public FirstBlockers firstBlockers(int most) {
        Blockers blockers = new Blockers();
        return node -> {
            List<Integer> found = new ArrayList<>();
            blockers.visit(
                    node,
                    (waiter, blocker, hard) -> {
                        found.add(pids[blocker]);
                        return found.size() < most;
                    });
            return List.copyOf(found);
        };
    }

    /**
     * Enumerates all edges, by waiter, each pair once and as hard when it is both; takes time for
     * each edge, and there may be many.
     */
    public void edges(EdgeVisitor visitor) {
        Blockers blockers = new Blockers();
        for (int node = 0; node < pids.length; node++) {
            if (waits(node) && !blockers.visit(node, visitor)) {
                return;
            }
        }
    }

    /**
     * Through which lock one node waits for another.
     *
     * @return the awaited lock; null when there is no such edge
     */
    public @Nullable LockRow reason(int waiter, int blocker) {
        for (int i = requestStart[waiter]; i < requestStart[waiter + 1]; i++) {
            int request = requestsOf[i];
            int conflicts = LockConflicts.conflictsOf(requests.mode()[request]);
            int tag = requests.tag()[request];
            if ((holders.modes(tag, blocker) & conflicts) != 0) {
                return awaited(request);
            }
            for (int ahead = requests.start()[tag]; ahead < request; ahead++) {
                if (requests.node()[ahead] == blocker
                        && (conflicts & 1 << requests.mode()[ahead]) != 0) {
                    return awaited(request);
                }
            }
        }
        return null;
    }

    Requests requests() {
        return requests;
    }

    Holders holders() {
        return holders;
    }

    LockRow awaited(int request) {
        return requests.row()[request];
    }

    int firstRequest(int node) {
        return requestStart[node];
    }

    int endOfRequests(int node) {
        return requestStart[node + 1];
    }

    int request(int place) {
        return requestsOf[place];
    }

    /** Enumerates blockers, each once for a waiter. */
    private final class Blockers {
        private final int[] seen = new int[pids.length];

        Blockers() {
            Arrays.fill(seen, -1);
        }

        boolean visit(int waiter, EdgeVisitor visitor) {
            // A waiter's own group blocks it as little as itself.
            seen[waiter] = waiter;
            for (int i = requestStart[waiter]; i < requestStart[waiter + 1]; i++) {
                int tag = requests.tag()[requestsOf[i]];
                int conflicts = LockConflicts.conflictsOf(requests.mode()[requestsOf[i]]);
                for (int h = holders.start()[tag]; h < holders.start()[tag + 1]; h++) {
                    if ((holders.modes()[h] & conflicts) != 0
                            && isNew(waiter, holders.node()[h])
                            && !visitor.visit(waiter, holders.node()[h], true)) {
                        return false;
                    }
                }
            }
            for (int i = requestStart[waiter]; i < requestStart[waiter + 1]; i++) {
                int request = requestsOf[i];
                int tag = requests.tag()[request];
                int conflicts = LockConflicts.conflictsOf(requests.mode()[request]);
                for (int ahead = requests.start()[tag]; ahead < request; ahead++) {
                    if ((conflicts & 1 << requests.mode()[ahead]) != 0
                            && isNew(waiter, requests.node()[ahead])
                            && !visitor.visit(waiter, requests.node()[ahead], false)) {
                        return false;
                    }
                }
            }
            return true;
        }

        private boolean isNew(int waiter, int blocker) {
            if (seen[blocker] == waiter) {
                return false;
            }
            seen[blocker] = waiter;
            return true;
        }
    }
}
