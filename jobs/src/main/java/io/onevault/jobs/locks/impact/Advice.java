package io.onevault.jobs.locks.impact;

import io.onevault.jobs.locks.incident.Blocker;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.Victim;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Comparator;
import java.util.Optional;

/**
 * What a database administrator should do about an incident, in one or two sentences. What it says
 * of signals, locks and autovacuum stands in PostgreSQL's manual: "Server Signaling Functions",
 * "Explicit Locking", "Routine Vacuuming", "Two-Phase Transactions". Advice is stored as clear
 * text, hence it names no user and no address.
 */
final class Advice {

    private Advice() {}

    /**
     * @param kind of maintenance the root does, as {@link Maintenance#kind} says
     */
    static String on(BlockingIncident incident, String kind) {
        String advice = onRoot(incident, kind);
        return queue(incident).map(queue -> advice + ' ' + queue).orElse(advice);
    }

    private static String onRoot(BlockingIncident incident, String kind) {
        Blocker root = incident.root();
        if (root.pid() == 0) {
            return prepared(root);
        }
        String who = "Process " + root.pid() + who(root.application());
        if (!root.visible()) {
            return who
                    + " blocks, but its state and statement are hidden from the collector: GRANT"
                    + " pg_monitor to the collector's role, then decide.";
        }
        if (incident.cyclic()) {
            return who
                    + " is part of a deadlock, of which the server ends one member after"
                    + " deadlock_timeout: cancel nobody, and let the programs lock in one order.";
        }
        if (!root.backendType().equals("client backend")) {
            return background(root, kind);
        }
        if (isDump(kind)) {
            return who
                    + " is a backup or restore ("
                    + kind
                    + "): wait until it ends, and run what waits for it at another time.";
        }
        // What idles in its transaction has done its maintenance and keeps the locks for nothing.
        if (!kind.isEmpty() && !kind.equals(Maintenance.DDL) && !root.idleInTransaction()) {
            return who
                    + " does maintenance ("
                    + kind
                    + "): wait, or reschedule it. SELECT pg_cancel_backend("
                    + root.pid()
                    + ") frees the others, and its work so far is lost.";
        }
        if (advisory(incident)) {
            return who
                    + " holds an advisory lock, which means what its program wants it to mean: let"
                    + " the program release it. One of session level outlives transactions and"
                    + " cancelled statements; only pg_advisory_unlock and the end of the session"
                    + " release it.";
        }
        return client(root, who);
    }

    private static String client(Blocker root, String who) {
        if (root.idleInTransaction()) {
            return who
                    + " has been "
                    + root.state()
                    + since(root.stateChangeMicros())
                    + ": let its program commit or roll back. pg_cancel_backend does nothing to"
                    + " it; SELECT pg_terminate_backend("
                    + root.pid()
                    + ") rolls it back, and idle_in_transaction_session_timeout prevents the next"
                    + " one.";
        }
        if (root.state().equals("active")) {
            return who
                    + " still runs its statement, in a transaction"
                    + since(root.xactStartMicros())
                    + ": wait, or free the others by SELECT pg_cancel_backend("
                    + root.pid()
                    + "), which cancels that statement.";
        }
        return who
                + " holds its locks while its state is "
                + (root.state().isEmpty() ? "unknown" : root.state())
                + ": find out from its program why before it is ended.";
    }

    private static String prepared(Blocker root) {
        String gid = root.gid().replace("'", "''");
        return "Prepared transaction '%s' holds its locks%s; no session can be cancelled for it. Ask its transaction manager, or connect to %s and run COMMIT PREPARED '%s' or ROLLBACK PREPARED '%s'."
                .formatted(
                        gid,
                        since(root.backendStartMicros()),
                        root.database().isEmpty() ? "its database" : "database " + root.database(),
                        gid,
                        gid);
    }

    private static String background(Blocker root, String kind) {
        String who = "Process " + root.pid();
        if (kind.equals(Maintenance.AUTOVACUUM_WRAPAROUND)) {
            return who
                    + " is an autovacuum to prevent wraparound, which does not give way: do not"
                    + " cancel it, for it would begin again at once. Let it finish, and withdraw"
                    + " what wants the table's lock until then.";
        }
        if (kind.equals(Maintenance.AUTOVACUUM)) {
            return who
                    + " is an autovacuum, which gives way by itself once somebody has waited for"
                    + " deadlock_timeout: do nothing.";
        }
        return who
                + " is a "
                + root.backendType()
                + (kind.isEmpty() ? "" : " (" + kind + ")")
                + ", not a client's session: wait for it, and look into the server's log when it"
                + " does not go on.";
    }

    /** One strong request that all later ones queue behind. */
    private static Optional<String> queue(BlockingIncident incident) {
        return incident.victims().stream()
                .filter(v -> v.lockMode().equals("AccessExclusiveLock"))
                .filter(v -> v.lockType().equals("relation"))
                .min(Comparator.comparingInt(Victim::depth))
                .filter(
                        ddl ->
                                incident.victims().stream()
                                        .anyMatch(v -> v.blockedBy() == ddl.pid()))
                .map(
                        ddl ->
                                "Others queue behind process %d, which waits for %s%s: SELECT pg_cancel_backend(%d) lets them go on, and it should be repeated with lock_timeout set."
                                        .formatted(
                                                ddl.pid(),
                                                ddl.lockMode(),
                                                ddl.relation().isEmpty()
                                                        ? ""
                                                        : " on " + ddl.relation(),
                                                ddl.pid()));
    }

    private static boolean advisory(BlockingIncident incident) {
        return incident.victims().stream()
                        .anyMatch(v -> v.depth() == 1 && v.lockType().equals("advisory"))
                && incident.victims().stream()
                        .allMatch(v -> v.depth() > 1 || v.lockType().equals("advisory"));
    }

    private static boolean isDump(String kind) {
        return kind.equals(Maintenance.BASE_BACKUP) || Maintenance.BACKUP_TOOLS.contains(kind);
    }

    private static String who(String application) {
        return application.isEmpty() ? "" : " (" + application + ")";
    }

    private static String since(long micros) {
        return micros == 0
                ? ""
                : " since "
                        + Instant.ofEpochSecond(Math.floorDiv(micros, 1_000_000L))
                                .truncatedTo(ChronoUnit.SECONDS);
    }
}
