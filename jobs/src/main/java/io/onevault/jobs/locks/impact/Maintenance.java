package io.onevault.jobs.locks.impact;

import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Which known maintenance a session does, by what it is, how its program calls itself and what its
 * statement begins with.
 */
public final class Maintenance {

    /** A session that changes tables; nothing is lost but time when it is ended. */
    public static final String DDL = "DDL";

    public static final String BASE_BACKUP = "base backup";
    public static final String REPLICATION = "replication";
    public static final String AUTOVACUUM = "autovacuum";

    /** Autovacuum that must not be ended. */
    public static final String AUTOVACUUM_WRAPAROUND = "autovacuum (wraparound)";

    /** How programs call themselves that copy or restore a database. */
    public static final List<String> BACKUP_TOOLS =
            List.of(
                    "pg_dump",
                    "pg_dumpall",
                    "pg_restore",
                    "pg_basebackup",
                    "pg_receivewal",
                    "pg_rman",
                    "pg_probackup",
                    "pgBackRest",
                    "barman",
                    "barman_receive_wal",
                    "barman_streaming_backup",
                    "barman_cloud_backup",
                    "pgcopydb",
                    "pg_upgrade",
                    "wal-g",
                    "repmgr");

    /** How programs call themselves that run maintenance statements. */
    public static final List<String> MAINTENANCE_TOOLS =
            List.of("vacuumdb", "reindexdb", "clusterdb", "pg_amcheck", "pg_repack", "pg_squeeze");

    private static final String BASE_BACKUP_COMMAND = "BASE_BACKUP";

    private static final Set<String> BACKUP_CALLS =
            Set.of("PG_BACKUP_START", "PG_BACKUP_STOP", "PG_START_BACKUP", "PG_STOP_BACKUP");

    /** What statements begin with that say of themselves what they do. */
    private static final Set<String> KNOWN =
            Set.of(
                    "ABORT",
                    "ALTER",
                    "ANALYSE",
                    "ANALYZE",
                    "BEGIN",
                    "CALL",
                    "CHECKPOINT",
                    "CLOSE",
                    "CLUSTER",
                    "COMMENT",
                    "COMMIT",
                    "COPY",
                    "CREATE",
                    "DEALLOCATE",
                    "DECLARE",
                    "DELETE",
                    "DISCARD",
                    "DO",
                    "DROP",
                    "END",
                    "EXPLAIN",
                    "FETCH",
                    "GRANT",
                    "IMPORT",
                    "INSERT",
                    "LISTEN",
                    "LOCK",
                    "MERGE",
                    "MOVE",
                    "NOTIFY",
                    "REASSIGN",
                    "REFRESH",
                    "REINDEX",
                    "RELEASE",
                    "RESET",
                    "REVOKE",
                    "ROLLBACK",
                    "SAVEPOINT",
                    "SELECT",
                    "SET",
                    "SHOW",
                    "START",
                    "TABLE",
                    "TRUNCATE",
                    "UNLISTEN",
                    "UPDATE",
                    "VACUUM",
                    "VALUES",
                    "WITH");

    /** What statements begin with that read or change rows, and nothing else. */
    private static final Set<String> OF_ROWS =
            Set.of("SELECT", "INSERT", "UPDATE", "DELETE", "WITH");

    /** Cursors of pg_dump, for rows and for large objects. */
    private static final Set<String> DUMP_CURSORS = Set.of("_PG_DUMP_CURSOR", "BLOBCURSOR");

    /** How {@code StatementText} ends what it did not keep to the end. */
    private static final char ELLIPSIS = '…';

    private static final Set<String> PRELUDES =
            Set.of("SET", "RESET", "BEGIN", "START", "SAVEPOINT", "SHOW");

    private static final Set<String> OFF = Set.of("FALSE", "OFF", "?");

    private Maintenance() {}

    /**
     * The kind of maintenance, empty for none.
     *
     * @param backendType as {@code pg_stat_activity} has it, empty when unknown
     * @param query without literals
     */
    public static String kind(String backendType, String application, String query) {
        if (backendType.equals("autovacuum worker")) {
            return query.endsWith("(to prevent wraparound)") ? AUTOVACUUM_WRAPAROUND : AUTOVACUUM;
        }
        if (backendType.equals("walsender")) {
            return StatementWords.of(query).stream()
                            .anyMatch(words -> words.get(0).equals(BASE_BACKUP_COMMAND))
                    ? BASE_BACKUP
                    : REPLICATION;
        }
        Optional<String> tool =
                ToolNames.find(application, BACKUP_TOOLS)
                        .or(() -> ToolNames.find(application, MAINTENANCE_TOOLS));
        if (tool.isPresent()) {
            return tool.get();
        }
        for (List<String> words : StatementWords.of(query)) {
            if (!PRELUDES.contains(words.get(0))) {
                String kind = ofStatement(words);
                return kind.isEmpty() && callsBackup(words) ? BASE_BACKUP : kind;
            }
        }
        return "";
    }

    /**
     * Why a session is protected by its statement; empty when it is not. Whoever is to be ended
     * must be known to do neither a backup nor maintenance. Who has written does no dump: as long
     * as all it shows reads or changes rows it may be cut, and read the catalogs, as drivers do.
     *
     * @param query without literals
     * @param cut whether the server shows only its beginning
     * @param wrote whether the transaction is known to have written
     */
    public static String protectedStatement(String query, boolean cut, boolean wrote) {
        List<List<String>> statements = StatementWords.of(query);
        boolean ofRows =
                wrote && statements.stream().allMatch(words -> OF_ROWS.contains(words.get(0)));
        String backup = backupStatement(query);
        if (backup.isEmpty()
                && !ofRows
                && statements.stream().anyMatch(Maintenance::readsCatalogs)) {
            backup = "it reads the system catalogs, as dumps do";
        }
        if (!backup.isEmpty()) {
            return backup;
        }
        String kind = maintenanceStatement(query);
        if (!kind.isEmpty()) {
            return "it does maintenance (" + kind + ")";
        }
        if (!ofRows && (cut || query.indexOf(ELLIPSIS) >= 0)) {
            return "its statement is not known to its end";
        }
        return unclearStatement(statements);
    }

    private static String unclearStatement(List<List<String>> statements) {
        if (statements.isEmpty()) {
            return "it shows no statement";
        }
        for (List<String> words : statements) {
            if (words.get(0).equals("EXECUTE") || words.get(0).equals("PREPARE")) {
                return "it runs a prepared statement by its name";
            }
            if (!KNOWN.contains(words.get(0)) && !isBackup(words.get(0))) {
                return "its statement is of no known kind";
            }
        }
        return "";
    }

    /**
     * Whether some statement of {@code query} is part of a backup or a restore, also one as dumps
     * send it whose program has been given another name; returns why, empty when not. What a COPY
     * or LOCK does must be seen, or it counts as a dump's.
     */
    private static String backupStatement(String query) {
        for (List<String> words : StatementWords.of(query)) {
            String first = words.get(0);
            if (isBackup(first)) {
                return "its statement is " + first;
            }
            if (callsBackup(words)) {
                return "its statement begins or ends a base backup";
            }
            if (first.equals("COPY") && !copiesIn(words)) {
                return "it copies a table out, as dumps do";
            }
            if (first.equals("LOCK") && !locksMoreThanDumps(words)) {
                return "it locks tables as dumps do";
            }
            if (sharesSnapshot(words)) {
                return "it shares its snapshot, as dumps do";
            }
            if (words.stream().anyMatch(DUMP_CURSORS::contains)) {
                return "it reads by a cursor of dumps";
            }
        }
        return "";
    }

    private static boolean isBackup(String first) {
        return first.equals("BACKUP")
                || first.equals("RESTORE")
                || first.equals(BASE_BACKUP_COMMAND);
    }

    /** {@code COPY t (a, b) FROM}; the FROM within {@code COPY (SELECT …) TO} is another. */
    private static boolean copiesIn(List<String> words) {
        int depth = 0;
        for (String word : words) {
            switch (word) {
                case "(" -> depth++;
                case ")" -> depth--;
                case "FROM", "TO" -> {
                    if (depth == 0) {
                        return word.equals("FROM");
                    }
                }
                default -> {}
            }
        }
        return false;
    }

    private static boolean locksMoreThanDumps(List<String> words) {
        int in = words.lastIndexOf("IN");
        int mode = words.lastIndexOf("MODE");
        return in > 0
                && mode > in + 1
                && !words.subList(in + 1, mode).equals(List.of("ACCESS", "SHARE"));
    }

    private static boolean sharesSnapshot(List<String> words) {
        return calls(words, "PG_EXPORT_SNAPSHOT")
                || words.get(0).equals("SET") && follow(words, "TRANSACTION", "SNAPSHOT");
    }

    private static boolean calls(List<String> words, String function) {
        int at = words.indexOf(function);
        return at >= 0 && at + 1 < words.size() && words.get(at + 1).equals("(");
    }

    /**
     * Tables of the catalog, and functions that write definitions; others are called by anybody.
     */
    private static boolean readsCatalogs(List<String> words) {
        for (int i = 0; i < words.size(); i++) {
            String word = words.get(i);
            if (word.startsWith("PG_") && !word.equals("PG_CATALOG")) {
                boolean called = i + 1 < words.size() && words.get(i + 1).equals("(");
                if (!called || word.startsWith("PG_GET_")) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Whether some statement of {@code query} is maintenance that is lost when it is ended; returns
     * its kind, empty when not.
     */
    private static String maintenanceStatement(String query) {
        for (List<String> words : StatementWords.of(query)) {
            String kind = ofStatement(words);
            if (!kind.isEmpty() && !kind.equals(DDL)) {
                return kind;
            }
        }
        return "";
    }

    private static String ofStatement(List<String> words) {
        return switch (words.get(0)) {
            case "VACUUM" -> isFull(words) ? "VACUUM FULL" : "VACUUM";
            case "ANALYZE", "ANALYSE" -> "ANALYZE";
            case "REINDEX" -> "REINDEX";
            case "CLUSTER" -> "CLUSTER";
            case "REFRESH" -> "REFRESH MATERIALIZED VIEW";
            case "CREATE" -> isIndex(words) ? "CREATE INDEX" : DDL;
            case "ALTER", "DROP", "TRUNCATE", "COMMENT", "GRANT", "REVOKE" -> DDL;
            default -> "";
        };
    }

    private static boolean isIndex(List<String> words) {
        return words.size() > 1
                && (words.get(1).equals("INDEX")
                        || words.get(1).equals("UNIQUE")
                                && words.size() > 2
                                && words.get(2).equals("INDEX"));
    }

    /** {@code VACUUM FULL}, {@code VACUUM (VERBOSE, FULL)}, not {@code VACUUM (FULL off)}. */
    private static boolean isFull(List<String> words) {
        if (words.size() > 1 && words.get(1).equals("FULL")) {
            return true;
        }
        int end = words.indexOf(")");
        int full = words.indexOf("FULL");
        return words.size() > 1
                && words.get(1).equals("(")
                && full > 0
                && full < end
                && !OFF.contains(words.get(full + 1));
    }

    private static boolean callsBackup(List<String> words) {
        for (int i = 0; i + 1 < words.size(); i++) {
            if (BACKUP_CALLS.contains(words.get(i)) && words.get(i + 1).equals("(")) {
                return true;
            }
        }
        return false;
    }

    private static boolean follow(List<String> words, String... wanted) {
        return Collections.indexOfSubList(words, List.of(wanted)) > 0;
    }
}
