package io.onevault.demo.workload;

import io.onevault.demo.workload.Ledger.Event;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's connection, opened when first needed and again, with a bounded backoff, after it was
 * lost. Failures are counted in the ledger and end the transaction; they are never thrown.
 *
 * <p>Used by one thread at a time, except {@link #cancelRunning()}.
 */
final class Session implements AutoCloseable {

    /** A piece of a transaction. */
    @FunctionalInterface
    interface Work {
        void run(Session session) throws SQLException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Session.class);

    private static final Duration FIRST_BACKOFF = Duration.ofMillis(100);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(2);

    private final Settings settings;
    private final String role;
    private final String applicationName;
    private final Ledger ledger;
    private final StopSignal stop;
    private final Map<String, Long> uncommittedRows = new HashMap<>();
    private @Nullable Connection connection;
    private boolean connectedBefore;
    private @Nullable String lastFailure;
    private volatile @Nullable Statement running;

    Session(
            Settings settings,
            String role,
            String applicationName,
            Ledger ledger,
            StopSignal stop) {
        this.settings = settings;
        this.role = role;
        this.applicationName = applicationName;
        this.ledger = ledger;
        this.stop = stop;
    }

    Ledger ledger() {
        return ledger;
    }

    /** Runs {@code work} and commits; returns whether that succeeded. */
    boolean transact(Work work) {
        return run(work) && commit();
    }

    /** Runs {@code work} and leaves the transaction open; a failure rolls it back. */
    boolean run(Work work) {
        lastFailure = null;
        try {
            if (!connected()) {
                return false;
            }
            work.run(this);
            return true;
        } catch (SQLException e) {
            failed(e);
            return false;
        }
    }

    boolean commit() {
        Connection open = connection;
        if (open == null) {
            return false;
        }
        try {
            open.commit();
            ledger.count(Event.TRANSACTION);
            uncommittedRows.forEach(ledger::rows);
            uncommittedRows.clear();
            return true;
        } catch (SQLException e) {
            failed(e);
            return false;
        }
    }

    void rollback() {
        uncommittedRows.clear();
        Connection open = connection;
        if (open == null) {
            return;
        }
        try {
            open.rollback();
        } catch (SQLException e) {
            disconnect();
        }
    }

    /** Whether the last {@link #run} or commit failed with {@code sqlState}. */
    boolean failedWith(String sqlState) {
        return sqlState.equals(lastFailure);
    }

    /** Runs a statement and returns the number of rows it changed. */
    int execute(String sql, @Nullable Object... parameters) throws SQLException {
        try (PreparedStatement statement = prepare(sql, parameters)) {
            running = statement;
            if (statement.execute()) {
                drain(statement.getResultSet());
                return 0;
            }
            return statement.getUpdateCount();
        } finally {
            running = null;
        }
    }

    /** Runs a statement whose changed rows count for {@code tenant} once they are committed. */
    void write(Tenant tenant, String sql, @Nullable Object... parameters) throws SQLException {
        long written = execute(sql, parameters);
        uncommittedRows.merge(tenant.name(), written, Long::sum);
    }

    /** Runs a query and returns the first column of its first row, null when there is none. */
    <T> @Nullable T value(Class<T> type, String sql, @Nullable Object... parameters)
            throws SQLException {
        try (PreparedStatement statement = prepare(sql, parameters)) {
            running = statement;
            try (ResultSet rows = statement.executeQuery()) {
                return rows.next() ? rows.getObject(1, type) : null;
            }
        } finally {
            running = null;
        }
    }

    /** Keeps the transaction open without a statement for {@code duration}. */
    void dawdle(Duration duration) {
        stop.pause(duration);
    }

    /** Asks the server to cancel what this session is running; callable from any thread. */
    void cancelRunning() {
        Statement statement = running;
        if (statement == null) {
            return;
        }
        try {
            statement.cancel();
        } catch (SQLException e) {
            LOG.debug("nothing left to cancel for {}", applicationName, e);
        }
    }

    /** Tries to log in as a role that does not exist; the refusal is counted. */
    void knockAsUnknownRole() {
        Properties properties = properties("app_nobody", "");
        try (Connection unexpected = DriverManager.getConnection(settings.jdbcUrl(), properties)) {
            LOG.warn("the server let an unknown role in: {}", unexpected.getMetaData().getURL());
        } catch (SQLException e) {
            ledger.error(SqlStates.of(e));
            if (!SqlStates.connectionLost(e)) {
                ledger.count(Event.UNKNOWN_ROLE_LOGIN);
            }
        }
    }

    /** Rolls back and disconnects. */
    @Override
    public void close() {
        rollback();
        disconnect();
    }

    private PreparedStatement prepare(String sql, @Nullable Object... parameters)
            throws SQLException {
        Connection open = connection;
        if (open == null) {
            throw new SQLException("the connection is gone", "08003");
        }
        PreparedStatement statement = open.prepareStatement(sql);
        try {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
        return statement;
    }

    private static void drain(ResultSet rows) throws SQLException {
        try (rows) {
            while (rows.next()) {
                // Rows are read and dropped, as a page that shows them would.
                rows.getObject(1);
            }
        }
    }

    /** Connects if need be, trying until it works or the workload ends. */
    private boolean connected() {
        Duration backoff = FIRST_BACKOFF;
        while (connection == null && !stop.raised()) {
            try {
                Connection opened =
                        DriverManager.getConnection(
                                settings.jdbcUrl(),
                                properties(role, Seeds.password(settings.seed(), role)));
                opened.setAutoCommit(false);
                connection = opened;
                if (connectedBefore) {
                    ledger.count(Event.RECONNECT);
                }
                connectedBefore = true;
            } catch (SQLException e) {
                ledger.error(SqlStates.of(e));
                LOG.debug("{} cannot connect, next try in {}", applicationName, backoff, e);
                stop.pause(backoff);
                backoff = backoff.multipliedBy(2);
                if (backoff.compareTo(LONGEST_BACKOFF) > 0) {
                    backoff = LONGEST_BACKOFF;
                }
            }
        }
        return connection != null && !stop.raised();
    }

    private Properties properties(String user, String password) {
        Properties properties = new Properties();
        properties.setProperty("user", user);
        properties.setProperty("password", password);
        properties.setProperty("ApplicationName", applicationName);
        properties.setProperty("connectTimeout", "2");
        properties.setProperty("loginTimeout", "3");
        properties.setProperty("socketTimeout", "20");
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("options", "-c statement_timeout=10000");
        return properties;
    }

    private void failed(SQLException e) {
        lastFailure = SqlStates.of(e);
        ledger.error(lastFailure);
        LOG.debug("{} failed", applicationName, e);
        if (SqlStates.connectionLost(e)) {
            uncommittedRows.clear();
            disconnect();
        } else {
            rollback();
        }
    }

    private void disconnect() {
        Connection open = connection;
        connection = null;
        if (open == null) {
            return;
        }
        try {
            open.close();
        } catch (SQLException e) {
            LOG.debug("{} was disconnected already", applicationName, e);
        }
    }
}
