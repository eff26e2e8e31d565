package io.onevault.jobs.locks.graph;

import io.onevault.connectors.model.SessionRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Finds the root blockers and who waits behind each, by breadth-first searches against the edges.
 *
 * <p>A search looks at each queue once per mode, whoever holds the lock, so it is linear in
 * requests and holders. A victim belongs to the chain of each root that it waits for. With many
 * roots that share their victims this would be quadratic: once the chains hold twice as many
 * victims as there are requests, and at least {@value #ALWAYS_ROOM}, further ones take only victims
 * that are in no chain yet.
 */
public final class BlockingChains {

    private static final int ALWAYS_ROOM = 10_000;
    private static final int NONE = -1;
    private static final String PREPARED = "prepared";
    private static final int SLOTS = LockConflicts.MODES + 1;

    private final WaitForGraph graph;
    private final Requests requests;
    private final Holders holders;

    /** By node, how long it has waited, in microseconds. */
    private final long[] wait;

    private final int[] heldStart;
    private final int[] heldBy;

    /** The modes requested on each lock. */
    private final int[] wanted;

    private final boolean[] inSomeChain;
    private final int room;
    private int victimsSoFar;

    // Of the search that runs; a stamp tells what belongs to it.
    private final int[] seen;
    private final int[] parent;
    private final int[] through;
    private final boolean[] hard;
    private final int[] order;
    private final int[] place;
    private final int[] lockSeen;
    private final int[] searchedModes;
    private final int[] queueSeen;
    private final int[] searchedFrom;
    private int found;
    private int stamp;
    private boolean complete;

    private BlockingChains(WaitForGraph graph, long nowMicros) {
        this.graph = graph;
        requests = graph.requests();
        holders = graph.holders();
        int nodes = graph.size();
        wait = new long[nodes];
        for (int node = 0; node < nodes; node++) {
            long began = graph.waitStartMicros(node);
            wait[node] = began == 0 ? 0 : Math.max(0, nowMicros - began);
        }
        int tags = requests.tags();
        heldStart = Csr.starts(holders.node(), nodes);
        heldBy = Csr.members(holders.node(), heldStart);
        wanted = new int[tags];
        for (int request = 0; request < requests.size(); request++) {
            wanted[requests.tag()[request]] |= 1 << requests.mode()[request];
        }
        inSomeChain = new boolean[nodes];
        room = Math.max(ALWAYS_ROOM, 2 * requests.size());
        seen = new int[nodes];
        parent = new int[nodes];
        through = new int[nodes];
        hard = new boolean[nodes];
        order = new int[nodes];
        place = new int[nodes];
        lockSeen = new int[tags];
        searchedModes = new int[tags];
        queueSeen = new int[tags];
        searchedFrom = new int[tags * SLOTS];
    }

    /**
     * Finds the chains, those with most victims first.
     *
     * @param nowMicros the server's time of the snapshot, from which waits are counted
     */
    public static List<BlockingChain> of(WaitForGraph graph, long nowMicros) {
        return of(Components.of(graph), nowMicros);
    }

    static List<BlockingChain> of(Components components, long nowMicros) {
        WaitForGraph graph = components.graph();
        BlockingChains search = new BlockingChains(graph, nowMicros);
        List<BlockingChain> chains = new ArrayList<>();
        for (int node = 0; node < graph.size(); node++) {
            if (!graph.waits(node)) {
                search.add(node, false, chains);
            }
        }
        // What is left waits for cycles only. Components come after all that they reach, so the
        // first one left of those that reach each other is where the waiting ends.
        int[] first = new int[components.count()];
        Arrays.fill(first, NONE);
        for (int node = graph.size() - 1; node >= 0; node--) {
            first[components.of(node)] = node;
        }
        for (int node : first) {
            if (node != NONE && graph.waits(node) && !search.inSomeChain[node]) {
                search.add(node, components.isCyclic(components.of(node)), chains);
            }
        }
        chains.sort(
                Comparator.comparingInt((BlockingChain chain) -> -chain.victims().size())
                        .thenComparingLong(chain -> -chain.longestWaitMicros())
                        .thenComparingInt(BlockingChain::root));
        return chains;
    }

    private void add(int root, boolean cyclic, List<BlockingChain> into) {
        complete = true;
        int depth = search(root);
        if (found == 1 && complete) {
            return;
        }
        List<Integer> victims = new ArrayList<>(found - 1);
        long longest = 0;
        long total = 0;
        int[] ascending = Arrays.copyOfRange(order, 1, found);
        Arrays.sort(ascending);
        for (int node : ascending) {
            victims.add(graph.pid(node));
            longest = Math.max(longest, wait[node]);
            total += wait[node];
            inSomeChain[node] = true;
        }
        inSomeChain[root] = true;
        victimsSoFar += victims.size();
        into.add(
                new BlockingChain(
                        root,
                        graph.pid(root),
                        state(root),
                        cyclic,
                        complete,
                        depth,
                        List.copyOf(victims),
                        longest,
                        total,
                        tree()));
    }

    private String state(int root) {
        if (graph.pid(root) == 0) {
            return PREPARED;
        }
        @Nullable SessionRow session = graph.session(root);
        return session == null ? "" : session.state();
    }

    /** Level by level; on each first who wants what is held, then who is served later. */
    private int search(int root) {
        stamp++;
        found = 0;
        seen[root] = stamp;
        parent[root] = NONE;
        through[root] = NONE;
        order[found++] = root;
        int depth = 0;
        int from = 0;
        while (from < found) {
            int to = found;
            for (int i = from; i < to; i++) {
                wantWhatIsHeldBy(order[i]);
            }
            for (int i = from; i < to; i++) {
                waitBehind(order[i]);
            }
            depth += found > to ? 1 : 0;
            from = to;
        }
        return depth;
    }

    private void wantWhatIsHeldBy(int blocker) {
        for (int i = heldStart[blocker]; i < heldStart[blocker + 1]; i++) {
            int tag = holders.tag()[heldBy[i]];
            if (lockSeen[tag] != stamp) {
                lockSeen[tag] = stamp;
                searchedModes[tag] = 0;
            }
            int modes = LockConflicts.conflictsOfAny(holders.modes()[heldBy[i]]) & wanted[tag];
            modes &= ~searchedModes[tag];
            if (modes != 0) {
                searchedModes[tag] |= modes;
                int end = requests.start()[tag + 1];
                for (int request = requests.start()[tag]; request < end; request++) {
                    if ((modes & 1 << requests.mode()[request]) != 0) {
                        found(request, blocker, true);
                    }
                }
            }
        }
    }

    private void waitBehind(int blocker) {
        for (int i = graph.firstRequest(blocker); i < graph.endOfRequests(blocker); i++) {
            int ahead = graph.request(i);
            int tag = requests.tag()[ahead];
            int end = requests.start()[tag + 1];
            if (ahead + 1 == end) {
                continue;
            }
            if (queueSeen[tag] != stamp) {
                queueSeen[tag] = stamp;
                Arrays.fill(searchedFrom, tag * SLOTS, (tag + 1) * SLOTS, end);
            }
            int modes = LockConflicts.conflictsOf(requests.mode()[ahead]) & wanted[tag];
            for (int rest = modes; rest != 0; rest &= rest - 1) {
                int mode = Integer.numberOfTrailingZeros(rest);
                int slot = tag * SLOTS + mode;
                for (int request = ahead + 1; request < searchedFrom[slot]; request++) {
                    if (requests.mode()[request] == mode) {
                        found(request, blocker, false);
                    }
                }
                searchedFrom[slot] = Math.min(searchedFrom[slot], ahead + 1);
            }
        }
    }

    private void found(int request, int blocker, boolean holds) {
        int waiter = requests.node()[request];
        if (seen[waiter] == stamp) {
            return;
        }
        if (victimsSoFar >= room && inSomeChain[waiter]) {
            complete = false;
            return;
        }
        seen[waiter] = stamp;
        parent[waiter] = blocker;
        through[waiter] = request;
        hard[waiter] = holds;
        order[found++] = waiter;
    }

    /** From the leaves up, so that every node finds its children made. */
    private BlockingTree tree() {
        int[] end = new int[found];
        for (int i = 0; i < found; i++) {
            place[order[i]] = i;
        }
        for (int i = 1; i < found; i++) {
            end[place[parent[order[i]]]]++;
        }
        for (int i = 1; i < found; i++) {
            end[i] += end[i - 1];
        }
        BlockingTree[] children = new BlockingTree[found - 1];
        for (int i = found - 1; i > 0; i--) {
            children[--end[place[parent[order[i]]]]] = tree(i, children, end);
        }
        return tree(0, children, end);
    }

    /**
     * @param begin where a node's children begin, for those that have all of them
     */
    private BlockingTree tree(int at, BlockingTree[] children, int[] begin) {
        int node = order[at];
        int end = at + 1 < found ? begin[at + 1] : children.length;
        if (end - begin[at] > 1) {
            Arrays.sort(children, begin[at], end, this::byWait);
        }
        return new BlockingTree(
                node,
                graph.pid(node),
                through[node] == NONE ? null : graph.awaited(through[node]),
                hard[node],
                begin[at] == end
                        ? List.of()
                        : List.of(Arrays.copyOfRange(children, begin[at], end)));
    }

    private int byWait(BlockingTree one, BlockingTree other) {
        int longestFirst = Long.compare(wait[other.node()], wait[one.node()]);
        return longestFirst != 0 ? longestFirst : Integer.compare(one.node(), other.node());
    }
}
