package io.onevault.connectors.target;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;

/**
 * One connection to a target, opened when needed and bounded in everything: time to connect, time
 * of a statement, wait for a lock, silence on the network.
 *
 * <p>The session reads only, looks up names in {@code pg_catalog} only, and does not compile
 * queries. Used by one thread; {@link #abort} by any.
 */
public final class TargetSession {

    private static final int OLDEST_VERSION = 140_000;

    private final ServerTarget target;
    private final String application;
    private final SessionLimits limits;
    private volatile @Nullable Connection connection;
    private volatile boolean aborted;

    /**
     * @param application the session's name among the server's activity
     */
    public TargetSession(ServerTarget target, String application, SessionLimits limits) {
        this.target = target;
        this.application = application;
        this.limits = limits;
    }

    /** The driver's settings for a connection whose silence ends by itself. */
    public static Properties properties(
            ServerTarget target, String application, Duration connect, Duration answer) {
        Properties properties = new Properties();
        PGProperty.USER.set(properties, target.user());
        if (!target.password().isEmpty()) {
            PGProperty.PASSWORD.set(properties, target.password().reveal());
        }
        PGProperty.CONNECT_TIMEOUT.set(properties, seconds(connect));
        PGProperty.SOCKET_TIMEOUT.set(properties, seconds(answer));
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.APPLICATION_NAME.set(properties, application);
        PGProperty.ALLOW_ENCODING_CHANGES.set(properties, true);
        return properties;
    }

    public boolean isOpen() {
        return connection != null;
    }

    /**
     * The open connection, or a new one.
     *
     * @throws ServerFailureException when none could be made
     */
    public Connection open() throws ServerFailureException {
        Connection open = connection;
        if (open != null) {
            return open;
        }
        try {
            open = connect();
        } catch (SQLException e) {
            throw new ServerFailureException(
                    ServerFailure.whileConnecting(target.name(), target.user(), e));
        }
        connection = open;
        if (aborted) {
            abort();
        }
        return open;
    }

    private Connection connect() throws SQLException, ServerFailureException {
        Connection open =
                new Driver()
                        .connect(
                                target.url(),
                                properties(target, application, limits.connect(), limits.answer()));
        if (open == null) {
            throw new SQLException("the driver does not accept the url", "3D000");
        }
        try {
            prepare(open);
            return open;
        } catch (SQLException | ServerFailureException e) {
            try (open) {
                throw e;
            }
        }
    }

    private void prepare(Connection open) throws SQLException, ServerFailureException {
        try (Statement statement = open.createStatement()) {
            statement.execute(
                    "SET statement_timeout = "
                            + limits.statement().toMillis()
                            + "; SET lock_timeout = "
                            + limits.lock().toMillis()
                            + "; SET idle_in_transaction_session_timeout = 60000"
                            + "; SET default_transaction_read_only = on"
                            + "; SET search_path = pg_catalog"
                            + "; SET jit = off");
            String encoding = open.unwrap(PGConnection.class).getParameterStatus("server_encoding");
            if ("SQL_ASCII".equals(encoding)) {
                // Texts that are no UTF-8 would make the server refuse the whole answer.
                statement.execute("SET client_encoding = 'LATIN1'");
            }
            try (ResultSet row =
                    statement.executeQuery("SELECT current_setting('server_version_num')::int")) {
                row.next();
                int version = row.getInt(1);
                if (version < OLDEST_VERSION) {
                    throw new ServerFailureException(
                            ServerFailure.of(
                                    "VERSION",
                                    "%s runs PostgreSQL %d. Upgrade it to version 14 or newer.",
                                    target.name(),
                                    version / 10_000));
                }
            }
        }
    }

    /** The driver would read 0 as "no limit". */
    private static int seconds(Duration duration) {
        return (int) Math.max(1, duration.toSeconds());
    }

    /** Gives the connection up; the next use opens another. */
    public void close() {
        Connection open = connection;
        connection = null;
        if (open != null) {
            try {
                open.close();
            } catch (SQLException e) {
                // It was broken already; the server ends the session by itself.
                abort(open);
            }
        }
    }

    /** Closes the socket under a running statement, now and ever after. */
    public void abort() {
        aborted = true;
        Connection open = connection;
        if (open != null) {
            abort(open);
        }
    }

    private static void abort(Connection open) {
        try {
            open.abort(Runnable::run);
        } catch (SQLException e) {
            throw new IllegalStateException("the driver cannot abort a connection", e);
        }
    }
}
