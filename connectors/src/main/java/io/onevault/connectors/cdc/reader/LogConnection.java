package io.onevault.connectors.cdc.reader;

import io.debezium.connector.postgresql.connection.Lsn;
import io.debezium.connector.postgresql.connection.PostgresConnection;
import io.debezium.connector.postgresql.connection.ReplicationConnection;
import io.debezium.connector.postgresql.connection.ReplicationStream;
import io.debezium.connector.postgresql.connection.WalPositionLocator;
import io.debezium.connector.postgresql.spi.SlotCreationResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.postgresql.replication.LogSequenceNumber;
import org.postgresql.replication.PGReplicationStream;

/**
 * The engine's replication connection. Creates neither publication nor slot: a slot that vanished
 * since it was checked is an error and never made anew.
 */
final class LogConnection implements ReplicationConnection {

    private static final int STATUS_SECONDS = 10;

    private final RunContext run;
    private final PostgresConnection catalogue;
    private @Nullable Connection connection;

    LogConnection(RunContext run, PostgresConnection catalogue) {
        this.run = run;
        this.catalogue = catalogue;
    }

    @Override
    public ReplicationStream startStreaming(WalPositionLocator walPosition) throws SQLException {
        throw new SQLException("a change stream never starts without a position");
    }

    @Override
    public ReplicationStream startStreaming(Lsn offset, WalPositionLocator walPosition)
            throws SQLException {
        PGReplicationStream stream =
                open().unwrap(PGConnection.class)
                        .getReplicationAPI()
                        .replicationStream()
                        .logical()
                        .withSlotName(run.options().slot())
                        .withStartPosition(LogSequenceNumber.valueOf(offset.asLong()))
                        .withAutomaticFlush(false)
                        .withStatusInterval(STATUS_SECONDS, TimeUnit.SECONDS)
                        .withSlotOption("proto_version", 1)
                        .withSlotOption(
                                "publication_names",
                                "\"" + run.options().publication().replace("\"", "\"\"") + "\"")
                        .withSlotOption("messages", true)
                        .start();
        return new LogStream(run, catalogue, stream, offset);
    }

    private synchronized Connection open() throws SQLException {
        Connection current = connection;
        if (current == null || current.isClosed()) {
            current = Connections.openForReplication(run.options());
            connection = current;
        }
        return current;
    }

    @Override
    public Optional<SlotCreationResult> createReplicationSlot() throws SQLException {
        throw new SQLException(
                "replication slot %s does not exist".formatted(run.options().slot()));
    }

    @Override
    public void initConnection() {}

    @Override
    public synchronized boolean isConnected() throws SQLException {
        Connection current = connection;
        return current != null && !current.isClosed();
    }

    @Override
    public void reconnect() throws SQLException {
        close();
        open();
    }

    @Override
    public void close() throws SQLException {
        Connection current;
        synchronized (this) {
            current = connection;
            connection = null;
        }
        if (current != null) {
            // Ends a read that waits as well; close would wait for it.
            current.abort(Runnable::run);
        }
    }
}
