package io.onevault.connectors.history;

import java.io.Serializable;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.connector.jdbc.JdbcConnectionOptions;
import org.apache.flink.connector.jdbc.datasource.connections.JdbcConnectionProvider;
import org.apache.flink.connector.jdbc.datasource.connections.SimpleJdbcConnectionProvider;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections to a server that may be away: asking for one waits until it answers, with growing
 * pauses, or until nobody wants it any more. For threads that nobody else waits for.
 */
final class PatientConnections implements JdbcConnectionProvider, Serializable {

    private static final long serialVersionUID = 1L;

    private static final Logger LOG = LoggerFactory.getLogger(PatientConnections.class);
    private static final long FIRST_PAUSE = 100;
    private static final long LONGEST_PAUSE = 10_000;
    private static final long NAP = 50;

    private final SimpleJdbcConnectionProvider connections;
    private final AtomicBoolean stopped;

    /**
     * @param stopped true from when on waiting is in vain
     */
    PatientConnections(JdbcConnectionOptions options, AtomicBoolean stopped) {
        this.connections = new SimpleJdbcConnectionProvider(options);
        this.stopped = stopped;
    }

    @Override
    public Connection getOrEstablishConnection() throws SQLException, ClassNotFoundException {
        long pause = FIRST_PAUSE;
        while (true) {
            try {
                return connections.getOrEstablishConnection();
            } catch (SQLException e) {
                if (stopped.get()) {
                    throw e;
                }
                LOG.warn(
                        "The vault's history cannot be read yet, trying again: {}", e.getMessage());
                pause(pause, e);
                pause = Math.min(2 * pause, LONGEST_PAUSE);
            }
        }
    }

    private void pause(long millis, SQLException cause) throws SQLException {
        long left = millis;
        try {
            while (left > 0 && !stopped.get()) {
                Thread.sleep(Math.min(left, NAP));
                left -= NAP;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw cause;
        }
    }

    @Override
    public @Nullable Connection getConnection() {
        return connections.getConnection();
    }

    @Override
    public Properties getProperties() {
        return connections.getProperties();
    }

    @Override
    public boolean isConnectionValid() throws SQLException {
        return connections.isConnectionValid();
    }

    @Override
    public void closeConnection() {
        connections.closeConnection();
    }

    @Override
    public Connection reestablishConnection() throws SQLException, ClassNotFoundException {
        closeConnection();
        return getOrEstablishConnection();
    }
}
