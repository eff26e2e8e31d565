package io.onevault.jobs.locks.incident;

import io.onevault.connectors.model.LockRow;

/** What is locked, in the words of the server's log; source: {@code DescribeLockTag}, lmgr.c. */
final class LockTagText {

    private LockTagText() {}

    static String of(LockRow row) {
        return switch (row.type()) {
            case "relation" -> relation(row);
            case "extend" -> "extension of " + relation(row);
            case "frozenid" -> "pg_database.datfrozenxid of database " + row.database();
            case "page" -> "page " + row.page() + " of " + relation(row);
            case "tuple" -> "tuple (" + row.page() + "," + row.tuple() + ") of " + relation(row);
            case "transactionid" -> "transaction " + row.transactionId();
            case "virtualxid" -> "virtual transaction " + row.virtualXid();
            case "spectoken" ->
                    "speculative token "
                            + row.objectId()
                            + " of transaction "
                            + row.transactionId();
            case "applytransaction" ->
                    "remote transaction "
                            + row.transactionId()
                            + " of subscription "
                            + row.objectId()
                            + " of database "
                            + row.database();
            case "object" ->
                    "object "
                            + row.objectId()
                            + " of class "
                            + row.classId()
                            + " of database "
                            + row.database();
            case "advisory", "userlock" ->
                    "%s lock [%d,%d,%d,%d]"
                            .formatted(
                                    row.type().equals("advisory") ? "advisory" : "user",
                                    row.database(),
                                    row.classId(),
                                    row.objectId(),
                                    row.objectSubId());
            default -> row.type() + " " + row.objectId();
        };
    }

    private static String relation(LockRow row) {
        return "relation " + row.relation() + " of database " + row.database();
    }
}
