package io.onevault.connectors.locks;

import io.onevault.connectors.model.LockRow;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the rows of the lock table; equal texts in them are one object. */
final class LockRows {

    private final List<LockRow> rows = new ArrayList<>();
    private final Map<String, String> texts = new HashMap<>();

    void read(ResultSet result) throws SQLException {
        while (result.next()) {
            rows.add(
                    new LockRow(
                            text(result.getString(1)),
                            result.getLong(2),
                            result.getLong(3),
                            "",
                            // An int on the wire, though pages are counted without a sign.
                            Integer.toUnsignedLong((int) result.getLong(4)),
                            (int) result.getLong(5) & 0xFFFF,
                            text(result.getString(6)),
                            result.getLong(7),
                            result.getLong(8),
                            result.getLong(9),
                            (int) result.getLong(10) & 0xFFFF,
                            text(result.getString(11)),
                            result.getInt(12),
                            text(result.getString(13)),
                            result.getBoolean(14),
                            result.getBoolean(15),
                            result.getLong(16)));
        }
    }

    private String text(@Nullable String value) {
        if (value == null) {
            return "";
        }
        String known = texts.putIfAbsent(value, value);
        return known == null ? value : known;
    }

    /** Processes that hold or await a lock. */
    Set<Integer> processes() {
        Set<Integer> pids = new HashSet<>();
        for (LockRow row : rows) {
            pids.add(row.pid());
        }
        return pids;
    }

    /**
     * The relations that are locked; only those of {@code database} and those that all databases
     * share, for the same number means another relation elsewhere.
     */
    Set<Long> relationsWorthNaming(long database) {
        Set<Long> relations = new HashSet<>();
        for (LockRow row : rows) {
            if (isOf(database, row)) {
                relations.add(row.relation());
            }
        }
        return relations;
    }

    private static boolean isOf(long database, LockRow row) {
        return row.relation() != 0 && (row.database() == database || row.database() == 0);
    }

    List<LockRow> rows(Map<Long, String> names, long database) {
        if (names.isEmpty()) {
            return List.copyOf(rows);
        }
        return rows.stream()
                .map(row -> isOf(database, row) ? named(row, names.get(row.relation())) : row)
                .toList();
    }

    private static LockRow named(LockRow row, @Nullable String name) {
        return name == null
                ? row
                : new LockRow(
                        row.type(),
                        row.database(),
                        row.relation(),
                        name,
                        row.page(),
                        row.tuple(),
                        row.virtualXid(),
                        row.transactionId(),
                        row.classId(),
                        row.objectId(),
                        row.objectSubId(),
                        row.virtualTransaction(),
                        row.pid(),
                        row.mode(),
                        row.granted(),
                        row.fastPath(),
                        row.waitStartMicros());
    }
}
