package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.CdcOptions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.postgresql.replication.LogSequenceNumber;

/**
 * Where a server's history left an earlier one. After a failover, or when a database was restored
 * to an earlier time, the log goes on under another number and its places have other content.
 */
final class Timelines {

    private Timelines() {}

    /**
     * Whether a position on an earlier timeline lies in the history of the current one. A position
     * is the end of a commit: of a transaction after it that was handed on before the next
     * heartbeat it is not known whether the server still has it.
     */
    static boolean holds(CdcOptions options, int current, int earlier, long position)
            throws SQLException {
        if (current == earlier) {
            return true;
        }
        if (current < earlier) {
            return false;
        }
        try (Connection connection = Connections.openForReplication(options);
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("TIMELINE_HISTORY " + current)) {
            row.next();
            Long end = endOf(earlier, row.getString(2).lines().toList());
            return end != null && position <= end;
        }
    }

    /** Where a timeline ended, by the lines of a history file; null when it is none of them. */
    static @Nullable Long endOf(int timeline, List<String> history) {
        for (String line : history) {
            List<String> parts = List.of(line.strip().split("\\s+", 3));
            if (parts.size() > 1 && parts.get(0).equals(Integer.toString(timeline))) {
                return LogSequenceNumber.valueOf(parts.get(1)).asLong();
            }
        }
        return null;
    }
}
