package io.onevault.jobs.locks.incident;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.DeadlockCount;
import io.onevault.connectors.model.DeadlockProcess;
import io.onevault.connectors.model.DeadlockReport;
import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.LogEvent;
import io.onevault.connectors.model.LogObservation;
import io.onevault.connectors.model.SessionRow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A server with exclusive locks served in the order of requests, which knows the truth: every wait
 * with its end, every deadlock. Time passes only as told.
 */
final class SimulatedServer {

    static final String TARGET = "prod";
    static final String DATABASE = "shop";
    static final long START = 1_700_000_000_000_000L;

    /** A wait as it was. */
    record Truth(int pid, long backendStart, long start, long end, String resolution) {
        String key() {
            return TARGET + "/" + pid + "/" + backendStart + "/" + start;
        }
    }

    private static final class Process {
        final int pid;
        final long backendStart;
        int wants = -1;
        long waitStart;
        long queryStart;
        long stateChange;
        String state = "idle";

        Process(int pid, long backendStart) {
            this.pid = pid;
            this.backendStart = backendStart;
        }
    }

    final List<Truth> waits = new ArrayList<>();
    final List<List<Integer>> deadlocks = new ArrayList<>();
    final List<LogEvent> log = new ArrayList<>();
    long now = START;

    private final Map<Integer, Process> processes = new TreeMap<>();
    private final Map<Integer, Integer> holders = new TreeMap<>();
    private final Map<Integer, Deque<Integer>> queues = new HashMap<>();
    private long line;

    SimulatedServer(int count) {
        for (int pid = 1; pid <= count; pid++) {
            processes.put(pid, new Process(pid, START - 60_000_000L + pid));
        }
    }

    SimulatedServer pass(long micros) {
        now += micros;
        return this;
    }

    boolean waits(int pid) {
        return process(pid).wants >= 0;
    }

    boolean holds(int pid, int table) {
        return holders.getOrDefault(table, 0) == pid;
    }

    long backendStart(int pid) {
        return process(pid).backendStart;
    }

    private Process process(int pid) {
        return processes.get(pid);
    }

    /** Asks for a lock; the process must not wait. */
    SimulatedServer lock(int pid, int table) {
        Process process = process(pid);
        process.queryStart = now;
        process.state = "active";
        process.stateChange = now;
        Integer holder = holders.get(table);
        if (holder == null || holder == pid) {
            holders.put(table, pid);
            process.state = "idle in transaction";
            process.stateChange = now;
        } else {
            process.wants = table;
            process.waitStart = now;
            queue(table).add(pid);
        }
        return this;
    }

    /** Ends a transaction that does not wait. */
    SimulatedServer commit(int pid) {
        release(pid);
        become(pid, "idle");
        return this;
    }

    private void become(int pid, String state) {
        process(pid).state = state;
        process(pid).stateChange = now;
    }

    private Deque<Integer> queue(int table) {
        return queues.computeIfAbsent(table, key -> new ArrayDeque<>());
    }

    private void release(int pid) {
        for (int table : List.copyOf(holders.keySet())) {
            if (holders.get(table) == pid) {
                holders.remove(table);
                Integer next = queue(table).poll();
                if (next != null) {
                    holders.put(table, next);
                    ended(next, "COMPLETED");
                    become(next, "idle in transaction");
                }
            }
        }
    }

    private void ended(int pid, String resolution) {
        Process process = process(pid);
        waits.add(new Truth(pid, process.backendStart, process.waitStart, now, resolution));
        queue(process.wants).remove(pid);
        process.wants = -1;
    }

    private SimulatedServer fail(int pid, String resolution, String kind, String message) {
        if (waits(pid)) {
            ended(pid, resolution);
        }
        release(pid);
        become(pid, "idle in transaction (aborted)");
        write(pid, kind, message, null);
        return this;
    }

    SimulatedServer cancel(int pid) {
        return fail(pid, "CANCELLED", "CANCELLED", "canceling statement due to user request");
    }

    SimulatedServer timeOut(int pid) {
        return fail(pid, "TIMEOUT", "LOCK_TIMEOUT", "canceling statement due to lock timeout");
    }

    SimulatedServer statementTimeOut(int pid) {
        return fail(pid, "TIMEOUT", "CANCELLED", "canceling statement due to statement timeout");
    }

    SimulatedServer terminate(int pid) {
        fail(pid, "TERMINATED", "TERMINATED", "terminating connection");
        processes.put(pid, new Process(pid, now));
        return this;
    }

    /** Ends without a word, as a server that is killed. */
    SimulatedServer killAll() {
        for (int pid : List.copyOf(processes.keySet())) {
            if (waits(pid)) {
                ended(pid, "TERMINATED");
            }
        }
        for (int pid : List.copyOf(processes.keySet())) {
            release(pid);
            processes.put(pid, new Process(pid, now + 1_000_000 + pid));
        }
        return this;
    }

    void write(int pid, String kind, String message, DeadlockReport report) {
        log.add(
                new LogEvent(
                        TARGET,
                        now / 1000,
                        kind,
                        pid,
                        process(pid) == null ? 0 : process(pid).backendStart / 1_000_000 * 1000,
                        "s",
                        ++line,
                        "user",
                        DATABASE,
                        "app",
                        "[local]",
                        "client backend",
                        "00000",
                        "ERROR",
                        message,
                        "",
                        "",
                        "",
                        0,
                        report,
                        Map.of()));
    }

    /** The processes of the cycle that a process is in, itself first; empty when it is in none. */
    List<Integer> cycle(int pid) {
        List<Integer> path = new ArrayList<>();
        int at = pid;
        while (waits(at) && path.size() <= processes.size()) {
            path.add(at);
            at = holders.get(process(at).wants);
            if (at == pid) {
                return path;
            }
        }
        return List.of();
    }

    /** The server ends a deadlock. */
    SimulatedServer endDeadlock(int victim, boolean logged) {
        List<Integer> cycle = cycle(victim);
        List<DeadlockProcess> members = new ArrayList<>();
        for (int i = 0; i < cycle.size(); i++) {
            members.add(
                    new DeadlockProcess(
                            cycle.get(i),
                            "ExclusiveLock",
                            "relation " + process(cycle.get(i)).wants + " of database 5",
                            cycle.get((i + 1) % cycle.size()),
                            "LOCK TABLE ?",
                            "f"));
        }
        deadlocks.add(cycle);
        ended(victim, "DEADLOCK");
        release(victim);
        become(victim, "idle in transaction (aborted)");
        if (logged) {
            write(victim, "DEADLOCK", "deadlock detected", new DeadlockReport(members, victim, ""));
        }
        return this;
    }

    LockObservation look() {
        return look(List.of());
    }

    LockObservation look(List<DeadlockCount> counts) {
        List<LockRow> rows = new ArrayList<>();
        List<SessionRow> sessions = new ArrayList<>();
        int waiters = 0;
        for (Map.Entry<Integer, Integer> held : holders.entrySet()) {
            rows.add(row(held.getKey(), held.getValue(), true, 0));
        }
        for (Process process : processes.values()) {
            sessions.add(session(process));
            if (process.wants >= 0) {
                rows.add(row(process.wants, process.pid, false, process.waitStart));
                waiters++;
            }
        }
        return new LockObservation(
                TARGET,
                now / 1000,
                waiters,
                new LockSnapshot(TARGET, now, "18", rows, sessions, List.of(), List.of()),
                null,
                counts);
    }

    static LockRow row(int table, int pid, boolean granted, long waitStart) {
        return new LockRow(
                "relation",
                5,
                table,
                "public.t" + table,
                0,
                0,
                "",
                0,
                0,
                0,
                0,
                pid + "/1",
                pid,
                "ExclusiveLock",
                granted,
                false,
                waitStart);
    }

    private static SessionRow session(Process process) {
        return new SessionRow(
                process.pid,
                process.backendStart,
                "client backend",
                0,
                DATABASE,
                "user",
                false,
                "app",
                "local",
                process.state,
                process.state.equals("idle") ? 0 : process.queryStart,
                process.queryStart,
                process.stateChange,
                "",
                "",
                0,
                "LOCK TABLE ?",
                "f",
                0,
                true);
    }

    LockObservation gap(long from, String reason) {
        return new LockObservation(
                TARGET,
                now / 1000,
                0,
                null,
                new CollectionGap(TARGET, "locks", from / 1000, now / 1000, reason, ""));
    }

    /** The log cannot be read from now on. */
    LogObservation logFails(String reason) {
        long at = now / 1000;
        CollectionGap gap = new CollectionGap(TARGET, "log", at, at, reason, "");
        return new LogObservation(TARGET, at, null, gap);
    }

    /** Lines of this time until now are lost. */
    LogObservation logLoses(long from) {
        long at = now / 1000;
        CollectionGap gap = new CollectionGap(TARGET, "log", from / 1000, at, "LOG_LOST", "");
        return new LogObservation(TARGET, at, null, gap);
    }

    LogObservation readUntilNow() {
        return new LogObservation(TARGET, now / 1000, null, null);
    }

    static LogObservation line(LogEvent event) {
        return new LogObservation(TARGET, event.timestamp(), event, null);
    }

    DeadlockCount count(long many) {
        return new DeadlockCount(DATABASE, many, 0);
    }
}
