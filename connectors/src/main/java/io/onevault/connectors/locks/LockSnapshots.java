package io.onevault.connectors.locks;

import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.PreparedRow;
import io.onevault.connectors.model.SessionRow;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.postgresql.PGConnection;

/**
 * Takes snapshots over one connection, which it keeps in auto-commit and does not close. The role
 * {@code pg_monitor} suffices; with less a snapshot says what is missing from it.
 *
 * <p>The session reads only, never waits longer than {@value #LOCK_TIMEOUT_MILLIS} ms for a lock
 * (on a catalogue; no other relation is touched) and ends a statement at the given timeout. Used by
 * one thread. After an {@link SQLException} from a broken connection, open another.
 */
public final class LockSnapshots {

    private static final int LOCK_TIMEOUT_MILLIS = 250;
    private static final String LOCK_NOT_AVAILABLE = "55P03";

    private final Connection connection;
    private final String target;
    private final RecentProcesses recent;
    private final boolean privileged;

    /**
     * Prepares the session.
     *
     * @param target the server's name in every snapshot
     */
    public LockSnapshots(Connection connection, String target, Duration statementTimeout)
            throws SQLException {
        this(connection, target, statementTimeout, new RecentProcesses());
    }

    LockSnapshots(
            Connection connection, String target, Duration statementTimeout, RecentProcesses recent)
            throws SQLException {
        this.connection = connection;
        this.recent = recent;
        this.target = target;
        connection.setAutoCommit(true);
        try (Statement statement = connection.createStatement()) {
            statement.execute(
                    "SET statement_timeout = "
                            + statementTimeout.toMillis()
                            + "; SET lock_timeout = "
                            + LOCK_TIMEOUT_MILLIS
                            + "; SET default_transaction_read_only = on"
                            + "; SET search_path = pg_catalog"
                            + "; SET jit = off");
            String encoding =
                    connection.unwrap(PGConnection.class).getParameterStatus("server_encoding");
            if ("SQL_ASCII".equals(encoding)) {
                // Texts that are no UTF-8 would make the server refuse the whole answer.
                statement.execute("SET client_encoding = 'LATIN1'");
            }
            try (ResultSet row =
                    statement.executeQuery("SELECT pg_has_role('pg_read_all_stats', 'USAGE')")) {
                row.next();
                privileged = row.getBoolean(1);
            }
        }
    }

    /** Takes a snapshot. */
    public LockSnapshot take() throws SQLException {
        LockRows locks = new LockRows();
        List<SessionRow> sessions = new ArrayList<>();
        List<PreparedRow> prepared = new ArrayList<>();
        List<String> limits = new ArrayList<>();
        long capturedAt;
        String version;
        long database;
        try (PreparedStatement statement = connection.prepareStatement(LockQueries.SNAPSHOT)) {
            statement.execute();
            try (ResultSet row = statement.getResultSet()) {
                row.next();
                capturedAt = row.getLong(1);
                version = row.getString(2);
                database = row.getLong(3);
            }
            try (ResultSet rows = next(statement)) {
                locks.read(rows);
            }
            try (ResultSet rows = next(statement)) {
                new SessionRows().read(rows, recent.with(locks.processes(), capturedAt), sessions);
            }
            try (ResultSet rows = next(statement)) {
                while (rows.next()) {
                    prepared.add(preparedRow(rows));
                }
            }
        }
        if (!privileged && sessions.stream().anyMatch(s -> !s.visible())) {
            limits.add(
                    "Statements, states, addresses and parallel leaders of other users' sessions"
                            + " are hidden; run GRANT pg_monitor to see them.");
        }
        return new LockSnapshot(
                target,
                capturedAt,
                version,
                withNames(locks, database, limits),
                List.copyOf(sessions),
                List.copyOf(prepared),
                List.copyOf(limits));
    }

    private static ResultSet next(Statement statement) throws SQLException {
        statement.getMoreResults();
        return statement.getResultSet();
    }

    private static PreparedRow preparedRow(ResultSet row) throws SQLException {
        return new PreparedRow(
                row.getLong(1),
                SessionRows.shown(row.getString(2)),
                row.getLong(3),
                SessionRows.shown(row.getString(4)),
                SessionRows.shown(row.getString(5)));
    }

    /** Names are asked for only when they will be shown, and cost at most the lock timeout. */
    private List<LockRow> withNames(LockRows locks, long database, List<String> limits)
            throws SQLException {
        Set<Long> wanted = locks.relationsWorthNaming(database);
        if (wanted.isEmpty()) {
            return locks.rows(Map.of(), database);
        }
        try {
            return locks.rows(names(wanted), database);
        } catch (SQLException e) {
            if (!LOCK_NOT_AVAILABLE.equals(e.getSQLState())) {
                throw e;
            }
            limits.add(
                    "Names of relations are missing, because somebody has locked the catalogue of"
                            + " relations.");
            return locks.rows(Map.of(), database);
        }
    }

    private Map<Long, String> names(Set<Long> wanted) throws SQLException {
        Map<Long, String> names = new HashMap<>();
        Array relations = connection.createArrayOf("oid", wanted.toArray());
        try (PreparedStatement statement =
                connection.prepareStatement(LockQueries.RELATION_NAMES)) {
            statement.setArray(1, relations);
            try (ResultSet rows = statement.executeQuery()) {
                while (rows.next()) {
                    names.put(rows.getLong(1), SessionRows.shown(rows.getString(2)));
                }
            }
        } finally {
            relations.free();
        }
        return names;
    }
}
