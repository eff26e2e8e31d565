package io.onevault.connectors.locks;

import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.probe.Server;
import io.onevault.connectors.probe.ServerFinding;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;

/**
 * A connection that looks at one server's locks and speaks of failures in sentences, for those who
 * know no JDBC. Used by one thread.
 */
public final class LockObserver implements AutoCloseable {

    private static final String APPLICATION = "onevault-locks";
    private static final Duration STATEMENT_TIMEOUT = Duration.ofSeconds(5);
    private static final int OLDEST = 140_000;

    private final Server server;
    private final Connection connection;
    private final LockSnapshots snapshots;

    private LockObserver(Server server, Connection connection) throws SQLException {
        this.server = server;
        this.connection = connection;
        this.snapshots = new LockSnapshots(connection, server.address(), STATEMENT_TIMEOUT);
    }

    /**
     * Connects.
     *
     * @throws LockAccessException when the server cannot be reached, refuses the user, or is older
     *     than PostgreSQL 14
     */
    public static LockObserver connect(Server server) throws LockAccessException {
        try {
            Connection connection = server.connect(APPLICATION);
            try {
                checkVersion(server, connection);
                return new LockObserver(server, connection);
            } catch (SQLException | LockAccessException e) {
                try (connection) {
                    throw e;
                }
            }
        } catch (SQLException e) {
            throw new LockAccessException(server.explain(e), e);
        }
    }

    private static void checkVersion(Server server, Connection connection)
            throws SQLException, LockAccessException {
        try (Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("SELECT current_setting('server_version_num')")) {
            row.next();
            int version = row.getInt(1);
            if (version < OLDEST) {
                throw new LockAccessException(
                        new ServerFinding(
                                "url",
                                server.address(),
                                "runs PostgreSQL "
                                        + version / 10_000
                                        + ", whose lock table lacks what is needed",
                                "upgrade it to version 14 or newer",
                                true),
                        new IllegalStateException("version " + version));
            }
        }
    }

    /**
     * Takes a snapshot.
     *
     * @throws LockAccessException when the connection broke or the server did not answer in time
     */
    public LockSnapshot snapshot() throws LockAccessException {
        try {
            return snapshots.take();
        } catch (SQLException e) {
            throw new LockAccessException(server.explain(e), e);
        }
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IllegalStateException("the driver cannot close a connection", e);
        }
    }
}
