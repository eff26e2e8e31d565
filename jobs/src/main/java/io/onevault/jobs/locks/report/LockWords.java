package io.onevault.jobs.locks.report;

import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import java.util.HashMap;
import java.util.Map;

/** Says in words what is locked. */
public final class LockWords {

    /** By process, the row it has locked before it waits for the row's writer. */
    private final Map<Integer, LockRow> rows = new HashMap<>();

    /** Words for the locks of a snapshot. */
    public LockWords(LockSnapshot snapshot) {
        for (LockRow lock : snapshot.locks()) {
            if (lock.granted() && lock.type().equals("tuple")) {
                rows.putIfAbsent(lock.pid(), lock);
            }
        }
    }

    /** A lock with its mode, e.g. {@code ShareLock on transaction 788, row (0,1) of public.t}. */
    public String lock(LockRow lock) {
        String words = lock.mode() + " on " + what(lock);
        // Who waits for a transaction waits for what it wrote.
        LockRow row = lock.type().equals("transactionid") ? rows.get(lock.pid()) : null;
        return row == null ? words : words + ", " + what(row);
    }

    private static String what(LockRow lock) {
        return switch (lock.type()) {
            case "relation" -> relation(lock);
            case "extend" -> "extension of " + relation(lock);
            case "frozenid" -> "frozen ids of database " + lock.database();
            case "page" -> "page " + lock.page() + " of " + relation(lock);
            case "tuple" -> "row (" + lock.page() + "," + lock.tuple() + ") of " + relation(lock);
            case "transactionid" -> "transaction " + lock.transactionId();
            case "virtualxid" -> "virtual transaction " + lock.virtualXid();
            case "spectoken" -> "an insertion of transaction " + lock.transactionId();
            case "advisory" -> advisory(lock);
            case "applytransaction" -> "remote transaction " + lock.transactionId();
            default -> lock.type() + " " + lock.objectId() + " of catalogue " + lock.classId();
        };
    }

    private static String relation(LockRow lock) {
        return lock.relationName().isEmpty()
                ? "relation " + lock.relation() + " of database " + lock.database()
                : lock.relationName();
    }

    private static String advisory(LockRow lock) {
        return lock.objectSubId() == 1
                ? "advisory key " + (lock.classId() << 32 | lock.objectId())
                : "advisory keys " + (int) lock.classId() + ", " + (int) lock.objectId();
    }
}
