package io.onevault.jobs.locks.incident;

import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.PreparedRow;
import io.onevault.connectors.model.SessionRow;
import io.onevault.jobs.locks.graph.LockAnalysis;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A snapshot with what all trackers ask of it. */
final class Look {

    private final LockAnalysis analysis;
    private final long atMicros;
    private final boolean afterStep;
    private final Map<Integer, SessionRow> sessions = new HashMap<>();
    private final Map<Integer, LockRow> awaited = new TreeMap<>();
    private final Map<Integer, String> rowOf = new HashMap<>();
    private final Map<String, PreparedRow> prepared = new HashMap<>();
    private final Map<Integer, List<LockRow>> granted = new HashMap<>();

    /**
     * @param snapshot null when the server only said that nobody waits
     * @param afterStep whether it is the first one after the clock was set back
     */
    Look(String target, @Nullable LockSnapshot snapshot, long atMicros, boolean afterStep) {
        this.atMicros = atMicros;
        this.afterStep = afterStep;
        LockSnapshot shown =
                snapshot == null
                        ? new LockSnapshot(
                                target, atMicros, "", List.of(), List.of(), List.of(), List.of())
                        : snapshot;
        analysis = LockAnalysis.of(shown);
        shown.sessions().forEach(session -> sessions.put(session.pid(), session));
        Map<Long, PreparedRow> transactions = new HashMap<>();
        shown.prepared().forEach(row -> transactions.put(row.transactionId(), row));
        for (LockRow row : shown.locks()) {
            if (!row.granted()) {
                awaited.putIfAbsent(row.pid(), row);
            } else if (row.pid() != 0) {
                if (row.type().equals("tuple")) {
                    rowOf.putIfAbsent(row.pid(), row.relationName());
                }
                granted.computeIfAbsent(row.pid(), pid -> new ArrayList<>(4)).add(row);
            } else if (row.type().equals("transactionid")) {
                PreparedRow owner = transactions.get(row.transactionId());
                if (owner != null) {
                    prepared.put(row.virtualTransaction(), owner);
                }
            }
        }
    }

    LockAnalysis analysis() {
        return analysis;
    }

    long atMicros() {
        return atMicros;
    }

    @Nullable SessionRow session(int pid) {
        return sessions.get(pid);
    }

    /** By process, what it waits for. */
    Map<Integer, LockRow> awaited() {
        return awaited;
    }

    /** The process whose lock group a process belongs to. */
    int leader(int pid) {
        SessionRow session = sessions.get(pid);
        return session != null
                        && session.leaderPid() != 0
                        && session.backendType().equals("parallel worker")
                ? session.leaderPid()
                : pid;
    }

    /** The table a wait is about; who waits for a row's writer has locked the row. */
    String relation(LockRow row) {
        return row.relationName().isEmpty()
                ? rowOf.getOrDefault(row.pid(), "")
                : row.relationName();
    }

    /**
     * When a wait began, 0 when that is not known: the server has not said it yet, or its clock was
     * set back since.
     */
    long waitStart(LockRow row) {
        return isOfOtherClock(row) ? 0 : row.waitStartMicros();
    }

    /** Whether the beginning of a wait is a time of the clock as it was before it was set back. */
    boolean isOfOtherClock(LockRow row) {
        return afterStep || row.waitStartMicros() > atMicros + LockEpisodes.STEP;
    }

    @Nullable PreparedRow prepared(String virtualTransaction) {
        return prepared.get(virtualTransaction);
    }

    boolean holds(int pid, String lock) {
        for (LockRow row : granted.getOrDefault(pid, List.of())) {
            if (lock(row).equals(lock)) {
                return true;
            }
        }
        return false;
    }

    /** What is locked and how, as one text. */
    static String lock(LockRow row) {
        return row.mode() + " on " + LockTagText.of(row);
    }
}
