package io.onevault.jobs.locks.graph;

import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.SessionRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/** Makes the arrays of a {@link WaitForGraph} from the rows of a snapshot. */
final class GraphBuilder {

    private static final String PARALLEL_WORKER = "parallel worker";
    private static final int MODE_BITS = 4;
    private static final int INDEX_BITS = 20;

    private final List<LockRow> rows;
    private final Map<Integer, Integer> leaders = new HashMap<>();
    private final Map<String, Integer> prepared = new HashMap<>();
    private final List<SessionRow> sessions;

    /** Keys of the nodes, ascending: process ids; for prepared transactions negative numbers. */
    private int[] keys = {};

    GraphBuilder(LockSnapshot snapshot) {
        rows = snapshot.locks();
        sessions = snapshot.sessions();
    }

    WaitForGraph build() {
        List<LockRow> waiting = new ArrayList<>();
        List<LockRow> holding = new ArrayList<>();
        for (LockRow row : rows) {
            // Nobody waits for a lock in the fast path: who would moves it to the shared table.
            if (row.granted() && !row.fastPath()) {
                holding.add(row);
            } else if (!row.granted() && LockConflicts.mode(row.mode()) != 0) {
                waiting.add(row);
            }
        }
        // Arrays of their own, for to look into a list of records reads each one's type.
        LockRow[] requested = waiting.toArray(LockRow[]::new);
        LockRow[] held = new LockRow[requested.length == 0 ? 0 : holding.size()];
        LockTags tags = new LockTags(requested.length);
        int[] requestTag = new int[requested.length];
        for (int i = 0; i < requested.length; i++) {
            requestTag[i] = tags.add(requested[i]);
        }
        int[] holderTag = new int[held.length];
        int count = 0;
        for (int i = 0; i < holderTag.length; i++) {
            int tag = tags.find(holding.get(i));
            if (tag >= 0) {
                held[count] = holding.get(i);
                holderTag[count++] = tag;
            }
        }
        held = Arrays.copyOf(held, count);
        int[] requestNode = new int[requested.length];
        int[] holderNode = new int[count];
        nodes(requested, requestNode, held, holderNode);
        Holders holders = holders(held, holderTag, holderNode, tags.size());
        Requests requests = requests(requested, requestTag, requestNode, tags.size(), holders);
        return new WaitForGraph(pids(), preparedAs(), sessionsByNode(), requests, holders);
    }

    /**
     * Finds who takes part, and writes whose each request and each held lock is. Members of a lock
     * group are one, under their leader's process id.
     */
    private void nodes(LockRow[] requested, int[] requestNode, LockRow[] held, int[] holderNode) {
        for (SessionRow session : sessions) {
            // Parallel apply workers have a leader too, but share no locks with it.
            if (session.leaderPid() != 0 && session.backendType().equals(PARALLEL_WORKER)) {
                leaders.put(session.pid(), session.leaderPid());
            }
        }
        TreeSet<String> transactions = new TreeSet<>();
        for (LockRow row : held) {
            if (row.pid() == 0) {
                transactions.add(row.virtualTransaction());
            }
        }
        for (String transaction : transactions) {
            prepared.put(transaction, -1 - prepared.size());
        }
        int waiting = requested.length;
        long[] byKey = new long[waiting + held.length];
        for (int i = 0; i < byKey.length; i++) {
            LockRow row = i < waiting ? requested[i] : held[i - waiting];
            byKey[i] = (long) key(row) << 32 | i;
        }
        Arrays.sort(byKey);
        int[] found = new int[byKey.length];
        int count = 0;
        for (long entry : byKey) {
            int key = (int) (entry >> 32);
            if (count == 0 || found[count - 1] != key) {
                found[count++] = key;
            }
            int i = (int) entry;
            if (i < waiting) {
                requestNode[i] = count - 1;
            } else {
                holderNode[i - waiting] = count - 1;
            }
        }
        keys = Arrays.copyOf(found, count);
    }

    private int key(LockRow row) {
        if (row.pid() == 0) {
            return prepared.getOrDefault(row.virtualTransaction(), 0);
        }
        return leaders.isEmpty() ? row.pid() : leaders.getOrDefault(row.pid(), row.pid());
    }

    private int[] pids() {
        int[] pids = keys.clone();
        for (int i = 0; i < pids.length; i++) {
            pids[i] = Math.max(0, pids[i]);
        }
        return pids;
    }

    private String[] preparedAs() {
        String[] transactions = new String[prepared.size()];
        prepared.forEach(
                (transaction, key) -> transactions[Arrays.binarySearch(keys, key)] = transaction);
        return transactions;
    }

    private SessionRow[] sessionsByNode() {
        SessionRow[] byNode = new SessionRow[keys.length];
        for (SessionRow session : sessions) {
            int node = Arrays.binarySearch(keys, session.pid());
            if (node >= 0) {
                byNode[node] = session;
            }
        }
        return byNode;
    }

    /** All modes that a node holds on a lock become one entry; ordered by lock and node. */
    private static Holders holders(LockRow[] held, int[] tag, int[] who, int tags) {
        int count = who.length;
        long[] entries = new long[count];
        for (int i = 0; i < count; i++) {
            entries[i] =
                    ((long) tag[i] << 32 | who[i]) << MODE_BITS
                            | LockConflicts.mode(held[i].mode());
        }
        // Lock numbers stay far below 2^27, so nothing is lost on the left.
        Arrays.sort(entries);
        int[] node = new int[count];
        int[] modes = new int[count];
        int[] ofTag = new int[count];
        int[] start = new int[tags + 1];
        int size = 0;
        for (int i = 0; i < count; i++) {
            int own = (int) (entries[i] >>> MODE_BITS);
            int lock = (int) (entries[i] >>> 32 + MODE_BITS);
            int mode = 1 << (entries[i] & (1 << MODE_BITS) - 1);
            if (size > 0 && node[size - 1] == own && ofTag[size - 1] == lock) {
                modes[size - 1] |= mode;
            } else {
                node[size] = own;
                ofTag[size] = lock;
                modes[size] = mode;
                start[lock + 1]++;
                size++;
            }
        }
        for (int i = 0; i < tags; i++) {
            start[i + 1] += start[i];
        }
        return new Holders(
                Arrays.copyOf(node, size),
                Arrays.copyOf(modes, size),
                Arrays.copyOf(ofTag, size),
                start);
    }

    private Requests requests(
            LockRow[] requested, int[] tag, int[] node, int tags, Holders holders) {
        int count = node.length;
        int[] mode = new int[count];
        int[] start = new int[tags + 1];
        long earliest = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            LockRow wanted = requested[i];
            mode[i] = LockConflicts.mode(wanted.mode());
            start[tag[i] + 1]++;
            if (wanted.waitStartMicros() != 0) {
                earliest = Math.min(earliest, wanted.waitStartMicros());
            }
        }
        for (int i = 0; i < tags; i++) {
            start[i + 1] += start[i];
        }
        int[] arrivals = arrivals(requested, tag, start, earliest);
        WaitQueue queue = new WaitQueue(node, mode);
        int[] order = new int[count];
        int[] lastTag = new int[keys.length];
        Arrays.fill(lastTag, -1);
        for (int lock = 0; lock < tags; lock++) {
            queue.clear();
            for (int i = start[lock]; i < start[lock + 1]; i++) {
                int request = arrivals[i];
                int own = node[request];
                queue.arrive(request, holders.modes(lock, own), lastTag[own] == lock);
                lastTag[own] = lock;
            }
            queue.copyTo(order, start[lock]);
        }
        int[] orderedNode = new int[count];
        int[] orderedMode = new int[count];
        LockRow[] orderedRow = new LockRow[count];
        int[] orderedTag = new int[count];
        for (int i = 0; i < count; i++) {
            orderedNode[i] = node[order[i]];
            orderedMode[i] = mode[order[i]];
            orderedRow[i] = requested[order[i]];
            orderedTag[i] = tag[order[i]];
        }
        return new Requests(orderedNode, orderedMode, orderedTag, orderedRow, start);
    }

    /**
     * Requests by lock and time; of equal times by process id. A request without a time has just
     * begun to wait.
     */
    private static int[] arrivals(LockRow[] requested, int[] tag, int[] start, long earliest) {
        int count = requested.length;
        if (count >= 1 << INDEX_BITS) {
            throw new IllegalArgumentException(count + " waiting processes are not plausible");
        }
        long[] byProcess = new long[count];
        for (int i = 0; i < count; i++) {
            byProcess[i] = (long) requested[i].pid() << 32 | i;
        }
        Arrays.sort(byProcess);
        long latest = (1L << 63 - INDEX_BITS) - 1;
        long[] byTime = new long[count];
        int[] next = start.clone();
        for (int place = 0; place < count; place++) {
            int i = (int) byProcess[place];
            long began = requested[i].waitStartMicros();
            long since = began == 0 ? latest : Math.min(latest, began - earliest);
            byTime[next[tag[i]]++] = since << INDEX_BITS | place;
        }
        for (int lock = 0; lock + 1 < start.length; lock++) {
            Arrays.sort(byTime, start[lock], start[lock + 1]);
        }
        int[] arrivals = new int[count];
        for (int i = 0; i < count; i++) {
            arrivals[i] = (int) byProcess[(int) (byTime[i] & (1 << INDEX_BITS) - 1)];
        }
        return arrivals;
    }
}
