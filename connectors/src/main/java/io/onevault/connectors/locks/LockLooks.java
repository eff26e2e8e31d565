package io.onevault.connectors.locks;

import io.onevault.connectors.model.DeadlockCount;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.target.ServerFailureException;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.target.TargetSession;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks at one target over one connection, which it opens when needed. Used by one thread; {@link
 * #abort} by any.
 */
final class LockLooks {

    static final String APPLICATION = "onevault-locks";

    private final ServerTarget target;
    private final TargetSession session;
    private final Duration statementTimeout;
    private final double lastingSeconds;
    private final double idleHolderSeconds;
    private final RecentProcesses recent = new RecentProcesses();
    private boolean privileged = true;
    private @Nullable LockSnapshots snapshots;

    LockLooks(ServerTarget target, LockSamplerOptions options) {
        this.target = target;
        this.session = new TargetSession(target, APPLICATION, options.limits());
        this.statementTimeout = options.limits().statement();
        this.lastingSeconds = options.lastingAge().toMillis() / 1e3;
        this.idleHolderSeconds = options.idleHolderAge().toMillis() / 1e3;
    }

    /** Asks whether somebody waits: one round trip, a second one when the lock table is asked. */
    LockProbe probe(boolean askLockTable) throws SQLException, ServerFailureException {
        Connection connection = session.open();
        LockProbe probe = ask(connection);
        if (probe.privileged() != privileged) {
            privileged = probe.privileged();
            // Its prepared statements and what it says of hidden columns depend on it.
            snapshots = null;
            probe = ask(connection);
        }
        if (!askLockTable) {
            return probe;
        }
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(LockQueries.SAMPLER_DANGER)) {
            row.next();
            return new LockProbe(
                    probe.serverMicros(),
                    probe.privileged(),
                    probe.waiters(),
                    probe.lasting(),
                    probe.idleHolders(),
                    row.getBoolean(1)
                            ? LockProbe.LockTable.DANGEROUS
                            : LockProbe.LockTable.HARMLESS);
        }
    }

    private LockProbe ask(Connection connection) throws SQLException {
        String query =
                privileged ? LockQueries.SAMPLER_PROBE : LockQueries.SAMPLER_PROBE_UNPRIVILEGED;
        // The driver keeps it prepared on the server from its fifth use on.
        try (PreparedStatement statement = connection.prepareStatement(query)) {
            statement.setDouble(1, lastingSeconds);
            statement.setDouble(2, idleHolderSeconds);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new LockProbe(
                        row.getLong(1),
                        row.getBoolean(2),
                        row.getInt(3),
                        row.getInt(4),
                        row.getInt(5),
                        LockProbe.LockTable.NOT_ASKED);
            }
        }
    }

    /** Reads the whole lock table. */
    LockSnapshot snapshot() throws SQLException, ServerFailureException {
        Connection connection = session.open();
        LockSnapshots reader = snapshots;
        if (reader == null) {
            reader = new LockSnapshots(connection, target.name(), statementTimeout, recent);
            snapshots = reader;
        }
        return reader.take();
    }

    /** Reads how many deadlocks each database has counted. */
    List<DeadlockCount> deadlocks() throws SQLException, ServerFailureException {
        List<DeadlockCount> counts = new ArrayList<>();
        try (Statement statement = session.open().createStatement();
                ResultSet row = statement.executeQuery(LockQueries.DEADLOCK_COUNTS)) {
            while (row.next()) {
                counts.add(
                        new DeadlockCount(
                                SessionRows.shown(row.getString(1)),
                                row.getLong(2),
                                row.getLong(3)));
            }
        }
        return List.copyOf(counts);
    }

    void close() {
        snapshots = null;
        session.close();
    }

    void abort() {
        session.abort();
    }
}
