package io.onevault.jobs.locks.incident;

import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.SessionRow;
import io.onevault.jobs.locks.graph.WaitForGraph;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Follows each wait from the first look that shows it to the first that does not, and finds out how
 * it ended: from the server's log where it can be read, else from what the sessions show.
 */
final class WaitTracker {

    static final String COMPLETED = "COMPLETED";
    static final String CANCELLED = "CANCELLED";
    static final String TIMEOUT = "TIMEOUT";
    static final String DEADLOCK = "DEADLOCK";
    static final String TERMINATED = "TERMINATED";

    private static final int MOST_BLOCKERS = 100;

    /** With so many waits a change of their blockers is told once a second. */
    private static final int MANY = 50;

    private static final long SECOND = TimeUnit.SECONDS.toMicros(1);

    private final String target;
    private final EpisodeState state;
    private final Evidence evidence;

    /** By process, the key of its present wait. */
    private final Map<Integer, String> present = new TreeMap<>();

    /** Keys of those that are no longer seen and not yet settled. */
    private final SortedSet<String> pending = new TreeSet<>();

    WaitTracker(String target, EpisodeState state, Evidence evidence) {
        this.target = target;
        this.state = state;
        this.evidence = evidence;
        for (OpenWait wait : state.waits.values()) {
            if (wait.lasts()) {
                present.put(wait.row().pid(), wait.key());
            } else {
                pending.add(wait.key());
            }
        }
    }

    /** Takes in who waits now. New waits get no row yet, see {@link #tell}. */
    void look(Look look) {
        List<Integer> gone = new ArrayList<>();
        for (int pid : present.keySet()) {
            if (!look.awaited().containsKey(pid)) {
                gone.add(pid);
            }
        }
        gone.forEach(pid -> end(pid, null, look));
        for (LockRow row : look.awaited().values()) {
            OpenWait wait = ofProcess(row.pid());
            if (wait != null && !isSame(wait, row, look)) {
                end(row.pid(), row, look);
                wait = null;
            }
            if (wait == null) {
                open(row, look);
            } else if (wait.estimated() && wait.statedMicros() == 0 && look.waitStart(row) != 0) {
                state.waits.put(wait.key(), wait.began(look.waitStart(row)));
            }
        }
    }

    private static boolean isSame(OpenWait wait, LockRow row, Look look) {
        SessionRow session = look.session(row.pid());
        long backend = session == null ? 0 : session.backendStartMicros();
        if (backend != 0
                && wait.row().backendStartMicros() != 0
                && backend != wait.row().backendStartMicros()) {
            return false;
        }
        if (wait.statedMicros() != 0) {
            return wait.statedMicros() == row.waitStartMicros();
        }
        if (look.waitStart(row) == 0 || wait.estimated()) {
            return wait.lock().equals(Look.lock(row));
        }
        return wait.row().waitStartMicros() == row.waitStartMicros();
    }

    private void open(LockRow row, Look look) {
        SessionRow session = look.session(row.pid());
        long backend = session == null ? 0 : session.backendStartMicros();
        boolean estimated = look.waitStart(row) == 0;
        long start = estimated ? look.atMicros() : look.waitStart(row);
        String key = target + "/" + row.pid() + "/" + backend + "/" + start;
        OpenWait missed = state.waits.get(key);
        if (missed != null) {
            state.waits.put(key, missed.missing(0, 0, 0, ""));
            present.put(row.pid(), key);
            pending.remove(key);
            return;
        }
        LockWait first =
                new LockWait(
                        key,
                        target,
                        "",
                        session == null ? "" : session.database(),
                        row.pid(),
                        backend,
                        session == null ? "" : session.user(),
                        session == null ? "" : session.application(),
                        row.type(),
                        row.mode(),
                        look.relation(row),
                        List.of(),
                        start,
                        0,
                        0,
                        session == null ? "" : session.query(),
                        session == null ? "" : session.queryFingerprint(),
                        false,
                        "",
                        0,
                        "",
                        "");
        state.waits.put(
                key,
                new OpenWait(
                        first,
                        Look.lock(row),
                        session == null ? 0 : session.queryStartMicros(),
                        estimated,
                        look.isOfOtherClock(row) ? row.waitStartMicros() : 0,
                        look.leader(row.pid()),
                        0,
                        0,
                        0,
                        0,
                        "",
                        List.of()));
        present.put(row.pid(), key);
    }

    /**
     * @param next what the process waits for now, or null
     */
    private void end(int pid, @Nullable LockRow next, Look look) {
        OpenWait wait = ofProcess(pid);
        present.remove(pid);
        if (wait == null) {
            return;
        }
        SessionRow session = look.session(pid);
        long backend = wait.row().backendStartMicros();
        if (session != null && backend != 0 && backend != session.backendStartMicros()) {
            // Another one has the number now.
            session = null;
        }
        boolean blind = state.time().blind();
        long lastSeen = Math.max(state.time().lookMicros(), wait.row().waitStartMicros());
        long end = blind ? lastSeen : look.atMicros();
        if (session != null) {
            end = earlier(end, session.stateChangeMicros(), lastSeen, look.atMicros());
            end = earlier(end, session.queryStartMicros(), lastSeen, look.atMicros());
            if (next != null) {
                end = earlier(end, look.waitStart(next), lastSeen, look.atMicros());
            }
        }
        long lastSign = lastSign(wait, session, lastSeen, look.atMicros());
        String guess = guess(wait, session);
        state.waits.put(wait.key(), wait.missing(end, look.atMicros(), lastSign, guess));
        pending.add(wait.key());
        if (session != null && (look.holds(pid, wait.lock()) || goesOn(wait, session))) {
            evidence.completed(wait.key());
        }
    }

    /** The earliest sign of what came after the wait bounds its end, unless it is too old. */
    private static long earlier(long end, long sign, long lastSeen, long now) {
        return sign > lastSeen && sign <= now ? Math.min(end, sign) : end;
    }

    /** What the log tells after the statement is over is not about this wait. */
    private long lastSign(OpenWait wait, @Nullable SessionRow session, long lastSeen, long now) {
        if (session == null || wait.queryStartMicros() == 0) {
            return evidence.lastSign(now);
        }
        if (session.queryStartMicros() > Math.max(wait.queryStartMicros(), lastSeen)) {
            return session.queryStartMicros();
        }
        boolean over = !session.state().equals("active") && session.stateChangeMicros() > lastSeen;
        return over ? session.stateChangeMicros() : evidence.lastSign(now);
    }

    /** Whether the statement that waited still runs, or succeeded within its transaction. */
    private static boolean goesOn(OpenWait wait, SessionRow session) {
        boolean well =
                session.state().equals("active") || session.state().equals("idle in transaction");
        return well
                && wait.queryStartMicros() != 0
                && session.queryStartMicros() == wait.queryStartMicros();
    }

    /**
     * That a session is gone does not say whether it was ended, or went with its work done; that it
     * is idle, or in another transaction, not whether the one that waited failed.
     */
    private static String guess(OpenWait wait, @Nullable SessionRow session) {
        if (session == null) {
            return "";
        }
        if (session.state().equals("idle in transaction (aborted)")) {
            if (session.queryStartMicros() > wait.queryStartMicros()) {
                return "";
            }
            return wait.row().deadlock() ? DEADLOCK : CANCELLED;
        }
        boolean same =
                session.xactStartMicros() != 0
                        && session.xactStartMicros() <= wait.row().waitStartMicros();
        return session.visible() && same ? COMPLETED : "";
    }

    /** Writes rows of new, changed and lasting waits; after incidents and deadlocks are known. */
    void tell(Look look, Episodes out) {
        WaitForGraph graph = look.analysis().graph();
        WaitForGraph.FirstBlockers first = graph.firstBlockers(MOST_BLOCKERS);
        Map<Integer, List<Integer>> known = new HashMap<>();
        long pace = present.size() > MANY ? SECOND : 0;
        long now = look.atMicros();
        for (String key : present.values()) {
            OpenWait wait = get(key);
            LockWait row = wait.row();
            boolean isNew = row.observedAtMicros() == 0;
            String incident = incident(wait);
            boolean deadlock = row.deadlock() || evidence.isDeadlocked(key);
            boolean joins = row.incident().isEmpty() && !incident.isEmpty();
            boolean urgent = isNew || joins || deadlock != row.deadlock();
            if (!urgent && now < row.observedAtMicros() + pace && now < wait.nextTellMicros()) {
                continue;
            }
            int node = graph.nodeOf(wait.leader());
            List<Integer> blockers =
                    node < 0 ? List.of() : known.computeIfAbsent(node, which -> first.of(which));
            if (urgent
                    || now >= wait.nextTellMicros()
                    || !blockers.equals(row.blockingPids())
                    || !incident.equals(row.incident())) {
                LockWait told = Rows.lasting(row, blockers, now, deadlock, incident);
                long age = Math.max(SECOND, now - row.waitStartMicros());
                state.waits.put(key, wait.told(told, row.waitStartMicros() + 2 * age));
                out.wait(told);
            }
        }
    }

    private static String incident(OpenWait wait) {
        return wait.memberships().isEmpty()
                ? wait.row().incident()
                : wait.memberships().get(0).incident();
    }

    /** Closes those whose end is known by now; returns them. */
    List<OpenWait> settle(Episodes out) {
        return settle(List.copyOf(pending), out);
    }

    /** The same of one process, for lines come by thousands when thousands waited. */
    List<OpenWait> settle(int pid, Episodes out) {
        return settle(List.copyOf(pendingOf(pid)), out);
    }

    private SortedSet<String> pendingOf(int pid) {
        String prefix = target + "/" + pid + "/";
        return pending.subSet(prefix, prefix + Character.MAX_VALUE);
    }

    private List<OpenWait> settle(List<String> keys, Episodes out) {
        List<OpenWait> settled = new ArrayList<>();
        for (String key : keys) {
            OpenWait wait = get(key);
            Evidence.End end = evidence.endOf(wait);
            if (end != null) {
                settled.add(close(wait, end, out));
            }
        }
        settled.sort(Comparator.comparing(OpenWait::key));
        return settled;
    }

    private OpenWait close(OpenWait wait, Evidence.End end, Episodes out) {
        boolean deadlock =
                wait.row().deadlock()
                        || evidence.isDeadlocked(wait.key())
                        || end.resolution().equals(DEADLOCK);
        LockWait row =
                Rows.ended(
                        wait.row(),
                        end.atMicros(),
                        Math.max(state.time().newestMicros(), end.atMicros()),
                        deadlock,
                        end.resolution(),
                        incident(wait));
        OpenWait closed = wait.told(row, 0);
        state.waits.remove(wait.key());
        pending.remove(wait.key());
        out.wait(row);
        return closed;
    }

    /** Ends everything, for nobody looks any more. */
    void forget() {
        for (Map.Entry<Integer, String> entry : List.copyOf(present.entrySet())) {
            OpenWait wait = get(entry.getValue());
            long seen = Math.max(state.time().lookMicros(), wait.row().waitStartMicros());
            state.waits.put(wait.key(), wait.missing(seen, seen, seen, ""));
            pending.add(wait.key());
            present.remove(entry.getKey());
        }
    }

    @Nullable OpenWait ofProcess(int pid) {
        String key = present.get(pid);
        return key == null ? null : state.waits.get(key);
    }

    /** The latest wait of a process whose end is not settled. */
    @Nullable OpenWait latestOf(int pid) {
        OpenWait latest = null;
        for (String key : pendingOf(pid)) {
            OpenWait wait = get(key);
            if (latest == null || wait.row().waitStartMicros() > latest.row().waitStartMicros()) {
                latest = wait;
            }
        }
        return latest;
    }

    /** Whether a wait lasts. */
    boolean lasts(String key) {
        OpenWait wait = state.waits.get(key);
        return wait != null && wait.lasts();
    }

    int count() {
        return present.size();
    }

    boolean hasPending() {
        return !pending.isEmpty();
    }

    boolean hasPending(int pid) {
        return !pendingOf(pid).isEmpty();
    }

    private OpenWait get(String key) {
        OpenWait wait = state.waits.get(key);
        if (wait == null) {
            throw new IllegalStateException("no wait " + key);
        }
        return wait;
    }
}
