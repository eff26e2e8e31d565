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
                    "wal-g",
                    "repmgr");

    /** How programs call themselves that run maintenance statements. */
    public static final List<String> MAINTENANCE_TOOLS =
            List.of("vacuumdb", "reindexdb", "clusterdb", "pg_repack", "pg_squeeze");

    private static final Set<String> BACKUP_CALLS =
            Set.of("PG_BACKUP_START", "PG_BACKUP_STOP", "PG_START_BACKUP", "PG_STOP_BACKUP");

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
            return backupStatement(query).isEmpty() ? REPLICATION : BASE_BACKUP;
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
     * Whether some statement of {@code query} is part of a backup or a restore, also one as dumps
     * send it whose program has been given another name; returns why, empty when not.
     */
    public static String backupStatement(String query) {
        for (List<String> words : StatementWords.of(query)) {
            String first = words.get(0);
            if (first.equals("BACKUP") || first.equals("RESTORE") || first.equals("BASE_BACKUP")) {
                return "its statement is " + first;
            }
            if (callsBackup(words)) {
                return "its statement begins or ends a base backup";
            }
            if (first.equals("COPY") && follow(words, "TO", "STDOUT")) {
                return "it copies a table out, as dumps do";
            }
            if (first.equals("LOCK") && follow(words, "IN", "ACCESS", "SHARE", "MODE")) {
                return "it locks tables as dumps do";
            }
        }
        return "";
    }

    /**
     * Whether some statement of {@code query} is maintenance that is lost when it is ended; returns
     * its kind, empty when not.
     */
    public static String maintenanceStatement(String query) {
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
