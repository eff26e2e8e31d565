package io.onevault.jobs.locks.graph;

import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.SessionRow;
import java.util.ArrayList;
import java.util.List;

/** Snapshots as tests write them: who holds what, and who waits since when. */
final class Locks {

    static final long NOW = 1_000_000_000L;

    private final List<LockRow> rows = new ArrayList<>();
    private final List<SessionRow> sessions = new ArrayList<>();

    Locks holds(int pid, String mode, int table) {
        return add("relation", table, pid, pid + "/1", mode, true, 0);
    }

    /**
     * @param since seconds before {@link #NOW}; 0 for a wait without a time
     */
    Locks waits(int pid, String mode, int table, double since) {
        long start = since == 0 ? 0 : NOW - (long) (since * 1e6);
        return add("relation", table, pid, pid + "/1", mode, false, start);
    }

    Locks preparedHolds(String virtualTransaction, String mode, int table) {
        return add("relation", table, 0, virtualTransaction, mode, true, 0);
    }

    Locks worker(int pid, int leader) {
        sessions.add(session(pid, leader, "parallel worker", "active"));
        return this;
    }

    Locks session(int pid, String type, int leader, String state) {
        sessions.add(session(pid, leader, type, state));
        return this;
    }

    Locks add(
            String type,
            long relation,
            int pid,
            String virtualTransaction,
            String mode,
            boolean granted,
            long since) {
        rows.add(
                new LockRow(
                        type,
                        5,
                        relation,
                        "",
                        0,
                        0,
                        "",
                        0,
                        0,
                        0,
                        0,
                        virtualTransaction,
                        pid,
                        mode + (mode.endsWith("Lock") ? "" : "Lock"),
                        granted,
                        false,
                        since));
        return this;
    }

    Locks add(LockRow row) {
        rows.add(row);
        return this;
    }

    LockSnapshot snapshot() {
        return new LockSnapshot("t", NOW, "18.6", rows, sessions, List.of(), List.of());
    }

    WaitForGraph graph() {
        return WaitForGraph.of(snapshot());
    }

    private static SessionRow session(int pid, int leader, String type, String state) {
        return new SessionRow(
                pid, 1, type, leader, "db", "user", false, "app", "local", state, 0, 0, 0, "", "",
                0, "", "", 0, true);
    }
}
