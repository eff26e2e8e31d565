package io.onevault.connectors.polling;

import io.onevault.connectors.target.TargetSession;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGConnection;
import org.postgresql.PGProperty;
import org.postgresql.core.Utils;

/**
 * One connection to a target, opened when needed and bounded in everything: time to connect, time
 * of a statement, wait for a lock, silence on the network.
 *
 * <p>The session is named {@value #APPLICATION}, reads only, looks up names in {@code pg_catalog}
 * only, and does not compile queries. Two of these exist per target, one a lane. Used by one
 * thread; {@link #abort} by any.
 */
final class TargetConnection {

    static final String APPLICATION = "onevault-collector";

    private final PollTarget target;
    private final PollingOptions options;
    private final Duration statementTimeout;
    private final TargetState state;
    private final Clock clock;
    private volatile @Nullable Connection connection;
    private volatile boolean aborted;

    TargetConnection(
            PollTarget target,
            PollingOptions options,
            Duration statementTimeout,
            TargetState state,
            Clock clock) {
        this.target = target;
        this.options = options;
        this.statementTimeout = statementTimeout;
        this.state = state;
        this.clock = clock;
    }

    boolean isOpen() {
        return connection != null;
    }

    /** The collector's clock, milliseconds since the epoch. */
    long now() {
        return clock.millis();
    }

    /**
     * The open connection, or a new one.
     *
     * @throws PollRefusedException when the target is down, or the next attempt is not due yet
     */
    Connection open() throws PollRefusedException {
        Connection open = connection;
        if (open != null) {
            return open;
        }
        PollFailure refusal = state.refusal();
        if (refusal != null) {
            throw new PollRefusedException(refusal);
        }
        try {
            open = connect();
        } catch (SQLException e) {
            PollFailure failure = PollFailure.whileConnecting(target, e);
            state.failed(failure);
            throw new PollRefusedException(failure);
        }
        connection = open;
        if (aborted) {
            abort();
        }
        return open;
    }

    private Connection connect() throws SQLException {
        Properties properties =
                TargetSession.properties(
                        target.server(),
                        APPLICATION,
                        options.connectTimeout(),
                        statementTimeout.plus(options.networkGrace()));
        // One round trip for all statements of a poll, and nothing prepared on the server.
        PGProperty.PREFER_QUERY_MODE.set(properties, "simple");
        if (target.kind() == PollTarget.Kind.PGBOUNCER) {
            // The admin console refuses the SET that the driver begins with. The driver leaves it
            // out whenever this property has a value; nothing is replicated.
            PGProperty.REPLICATION.set(properties, "false");
        }
        Connection open = new Driver().connect(target.url(), properties);
        if (open == null) {
            throw new SQLException("the driver does not accept the url", "3D000");
        }
        if (target.kind() == PollTarget.Kind.POSTGRES) {
            try (Statement statement = open.createStatement()) {
                statement.execute(session());
                readAnyByte(open, statement);
                if (target.hostMetrics() && target.dataDirectory().isEmpty()) {
                    dataDirectory(statement);
                }
            } catch (SQLException e) {
                try (open) {
                    throw e;
                }
            }
        }
        return open;
    }

    private String session() throws SQLException {
        return "SET statement_timeout = "
                + statementTimeout.toMillis()
                + "; SET lock_timeout = "
                + options.lockTimeout().toMillis()
                + "; SET idle_in_transaction_session_timeout = 60000"
                + "; SET default_transaction_read_only = on"
                + "; SET search_path = pg_catalog"
                + "; SET jit = off"
                + "; SET onevault.top_n = "
                + target.topN()
                + "; SET onevault.top_relations = "
                + target.topRelations()
                + "; SET onevault.tenant_of_role = "
                + literal(target.tenantOfRole())
                + "; SET onevault.tenant_of_schema = "
                + literal(target.tenantOfSchema());
    }

    /**
     * A database without an encoding may hold names that are no UTF-8, and the server would refuse
     * the whole answer because of one of them: its bytes are taken as Latin-1.
     */
    private static void readAnyByte(Connection open, Statement statement) throws SQLException {
        String encoding = open.unwrap(PGConnection.class).getParameterStatus("server_encoding");
        if ("SQL_ASCII".equals(encoding)) {
            statement.execute("SET client_encoding = 'LATIN1'");
        }
    }

    private void dataDirectory(Statement statement) throws SQLException {
        try (ResultSet rows =
                statement.executeQuery(
                        "SELECT setting FROM pg_settings WHERE name = 'data_directory'")) {
            if (rows.next()) {
                state.dataDirectory(rows.getString(1));
            }
        }
    }

    private static String literal(String text) throws SQLException {
        // With E'' the result does not depend on standard_conforming_strings.
        return " E'" + Utils.escapeLiteral(null, text.replace("\\", "\\\\"), true) + "'";
    }

    void close() {
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

    /** Closes the socket under a running statement. */
    void abort() {
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
