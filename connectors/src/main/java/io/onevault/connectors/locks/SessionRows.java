package io.onevault.connectors.locks;

import io.onevault.connectors.model.SessionRow;
import io.onevault.connectors.statement.StatementText;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads the rows of sessions, keeps those wanted, and takes the literals out of statements. */
final class SessionRows {

    private static final Pattern CONTROLS = Pattern.compile("[\\x00-\\x1f\\x7f-\\x9f]+");
    private static final String HIDDEN = "<insufficient privilege>";

    /** In a lock storm all run the same few statements. */
    private final Map<String, StatementText> statements = new HashMap<>();

    /**
     * @param wanted processes that stand in the lock table
     */
    void read(ResultSet result, Set<Integer> wanted, List<SessionRow> into) throws SQLException {
        while (result.next()) {
            int pid = result.getInt(1);
            if (wanted.contains(pid)) {
                into.add(row(pid, result));
            }
        }
    }

    private SessionRow row(int pid, ResultSet row) throws SQLException {
        String query = row.getString(18);
        boolean visible = !HIDDEN.equals(query);
        StatementText statement =
                query == null || !visible
                        ? StatementText.NONE
                        : statements.computeIfAbsent(query, StatementText::of);
        return new SessionRow(
                pid,
                row.getLong(2),
                shown(row.getString(3)),
                row.getInt(4),
                shown(row.getString(5)),
                shown(row.getString(6)),
                row.getBoolean(7),
                shown(row.getString(8)),
                shown(row.getString(9)),
                shown(row.getString(10)),
                row.getLong(11),
                row.getLong(12),
                row.getLong(13),
                shown(row.getString(14)),
                shown(row.getString(15)),
                row.getLong(16),
                statement.text(),
                statement.fingerprint(),
                row.getLong(17),
                visible);
    }

    /** A client may call itself anything. */
    static String shown(@Nullable String text) {
        if (text == null) {
            return "";
        }
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                return CONTROLS.matcher(text).replaceAll(" ");
            }
        }
        return text;
    }
}
