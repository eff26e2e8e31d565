package io.onevault.connectors.polling;

import io.onevault.connectors.polling.pgbouncer.PgBouncerAnswers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Asks PgBouncer's admin console, which knows {@code SHOW} commands, the simple query protocol and
 * no clock: its answers carry the collector's time.
 */
final class PgBouncerExecutor implements PollExecutor {

    private static final String PING = "SHOW VERSION";

    private final PollTarget target;
    private final TargetConnection connection;

    PgBouncerExecutor(PollTarget target, TargetConnection connection) {
        this.target = target;
        this.connection = connection;
    }

    @Override
    public PollAnswer execute(Poll poll) throws PollRefusedException, SQLException {
        boolean reused = connection.isOpen();
        try {
            return ask(poll);
        } catch (SQLException e) {
            disconnect();
            if (!reused) {
                throw e;
            }
            return ask(poll);
        }
    }

    private PollAnswer ask(Poll poll) throws PollRefusedException, SQLException {
        Connection open = connection.open();
        String command = poll.name().equals(Poll.TARGET) ? PING : poll.variants().get(0).sql();
        List<Map<String, String>> rows = new ArrayList<>();
        try (Statement statement = open.createStatement();
                ResultSet result = statement.executeQuery(command)) {
            ResultSetMetaData columns = result.getMetaData();
            while (result.next()) {
                Map<String, String> row = new LinkedHashMap<>();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    String value = result.getString(i);
                    row.put(columns.getColumnLabel(i), value == null ? "" : value);
                }
                rows.add(row);
            }
        }
        return Readings.answer(
                target, poll, connection.now(), 0, PgBouncerAnswers.read(poll.name(), rows));
    }

    @Override
    public void disconnect() {
        connection.close();
    }

    @Override
    public void abort() {
        connection.abort();
    }
}
