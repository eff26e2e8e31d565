package io.onevault.connectors.locks;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.locks.SignalRequest.Signal;
import io.onevault.connectors.locks.SignalRequest.Waiter;
import io.onevault.embedded.postgres.PostgresServer;
import java.io.IOException;
import java.io.OutputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;

/** One session that has changed a row and another one that waits for it. */
final class Contention implements AutoCloseable {

    private static final long LIMIT_SECONDS = 60;
    private static final String CHANGE = "UPDATE t SET v = 'x' WHERE id = 1";

    private final Connection admin;
    private final Connection root;
    private final Connection victim;
    private final int rootPid;
    private final int victimPid;
    private CompletableFuture<String> running = CompletableFuture.completedFuture("");
    private CompletableFuture<String> waiting = CompletableFuture.completedFuture("");

    Contention(PostgresServer server, String database, String user, String application)
            throws SQLException {
        admin = server.connect(database);
        Properties properties = new Properties();
        properties.setProperty("user", user);
        root = DriverManager.getConnection(server.jdbcUrl(database), properties);
        root.setClientInfo("ApplicationName", application);
        victim = server.connect(database, "app", "");
        rootPid = root.unwrap(PGConnection.class).getBackendPID();
        victimPid = victim.unwrap(PGConnection.class).getBackendPID();
    }

    /**
     * Begins.
     *
     * @param active whether the root goes on with a long statement; otherwise it idles
     */
    void run(boolean active) throws SQLException {
        root.setAutoCommit(false);
        execute(root, CHANGE);
        waiting = start(victim, CHANGE);
        until("SELECT cardinality(pg_blocking_pids(" + victimPid + ")) = 1");
        if (active) {
            running = start(root, "SELECT pg_sleep(600)");
        }
        until(
                "SELECT state = '"
                        + (active ? "active" : "idle in transaction")
                        + "' AND query LIKE '"
                        + (active ? "SELECT" : "UPDATE")
                        + "%' FROM pg_stat_activity WHERE pid = "
                        + rootPid);
    }

    /**
     * Begins with a root that only reads, and a victim that wants the table.
     *
     * @param snapshot whether the root keeps one snapshot, as dumps do
     */
    void read(boolean snapshot) throws SQLException {
        root.setTransactionIsolation(
                snapshot
                        ? Connection.TRANSACTION_REPEATABLE_READ
                        : Connection.TRANSACTION_READ_COMMITTED);
        root.setAutoCommit(false);
        execute(root, "SELECT v FROM t");
        execute(root, "SELECT 1");
        waiting = start(victim, "BEGIN; LOCK TABLE t; ROLLBACK");
        until("SELECT cardinality(pg_blocking_pids(" + victimPid + ")) = 1");
    }

    /** The root, having changed the row, copies what takes long. */
    void copy() throws SQLException {
        running =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                root.unwrap(PGConnection.class)
                                        .getCopyAPI()
                                        .copyOut(
                                                "COPY (SELECT pg_sleep(600)) TO STDOUT",
                                                OutputStream.nullOutputStream());
                                return "";
                            } catch (SQLException | IOException e) {
                                return e.toString();
                            }
                        },
                        task -> new Thread(task, "contention").start());
        until("SELECT count(*) = 1 FROM pg_stat_progress_copy WHERE pid = " + rootPid);
    }

    /** The root runs one more short statement. */
    void touch(String sql) throws SQLException {
        execute(root, sql);
        until("SELECT state <> 'active' FROM pg_stat_activity WHERE pid = " + rootPid);
    }

    void awaitWaiting(int seconds) throws SQLException {
        until(
                "SELECT count(*) = 1 FROM pg_locks WHERE NOT granted AND pid = %d AND waitstart < clock_timestamp() - interval '%d s'"
                        .formatted(victimPid, seconds));
    }

    SignalRequest request(Signal signal) throws SQLException {
        return request(signal, 0);
    }

    SignalRequest request(Signal signal, long minimumWaitMicros) throws SQLException {
        return request(signal, rootPid, victimPid, minimumWaitMicros);
    }

    SignalRequest requestAgainstVictim() throws SQLException {
        SignalRequest about = request(Signal.CANCEL, victimPid, victimPid, 0);
        return new SignalRequest(
                Signal.CANCEL,
                about.pid(),
                about.backendStartMicros(),
                about.xactStartMicros(),
                false,
                about.victims(),
                0,
                0,
                about.notAfterMicros());
    }

    private SignalRequest request(Signal signal, int pid, int waiter, long minimumWaitMicros)
            throws SQLException {
        String micros = "(extract(epoch FROM %s) * 1000000)::bigint";
        try (PreparedStatement statement =
                admin.prepareStatement(
                        "SELECT "
                                + micros.formatted("r.backend_start")
                                + ", "
                                + micros.formatted("r.xact_start")
                                + ", r.state <> 'active', "
                                + micros.formatted("v.backend_start")
                                + ", "
                                + micros.formatted("clock_timestamp()")
                                + " FROM pg_stat_activity r, pg_stat_activity v"
                                + " WHERE r.pid = ? AND v.pid = ?")) {
            statement.setInt(1, pid);
            statement.setInt(2, waiter);
            try (ResultSet row = statement.executeQuery()) {
                row.next();
                return new SignalRequest(
                        signal,
                        pid,
                        row.getLong(1),
                        row.getLong(2),
                        row.getBoolean(3),
                        List.of(new Waiter(waiter, row.getLong(4))),
                        0,
                        minimumWaitMicros,
                        row.getLong(5) + TimeUnit.SECONDS.toMicros(LIMIT_SECONDS));
            }
        }
    }

    void letGo() throws Exception {
        root.rollback();
        assertThat(waiting.get(LIMIT_SECONDS, TimeUnit.SECONDS)).isEmpty();
    }

    void beginAnew() throws SQLException {
        run(false);
    }

    /** Whether it is there and its statement goes on. A signal would act within this time. */
    boolean rootIsUntouched() throws SQLException, InterruptedException, ExecutionException {
        if (!running.isDone()) {
            try {
                return running.get(300, TimeUnit.MILLISECONDS).isEmpty();
            } catch (TimeoutException e) {
                return true;
            }
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
        return running.get().isEmpty() && root.isValid(10);
    }

    /** Whether the server ended its statement on request. */
    boolean rootWasCancelled() throws Exception {
        return running.get(LIMIT_SECONDS, TimeUnit.SECONDS).equals("57014");
    }

    void awaitRootGone() throws SQLException {
        until("SELECT NOT EXISTS (SELECT FROM pg_stat_activity WHERE pid = " + rootPid + ")");
    }

    private void until(String condition) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
        while (true) {
            try (Statement statement = admin.createStatement();
                    ResultSet row = statement.executeQuery(condition)) {
                row.next();
                if (row.getBoolean(1)) {
                    return;
                }
            }
            assertThat(System.nanoTime()).as(condition).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    /** The SQLSTATE it ends with, empty for success. */
    private static CompletableFuture<String> start(Connection connection, String sql) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        execute(connection, sql);
                        return "";
                    } catch (SQLException e) {
                        return String.valueOf(e.getSQLState());
                    }
                },
                task -> new Thread(task, "contention").start());
    }

    @Override
    public void close() throws SQLException {
        // Statements that still run would hold the row for the next one.
        try (Statement statement = admin.createStatement()) {
            statement.execute(
                    "SELECT pg_terminate_backend(p, 30000) FROM unnest(ARRAY[%d, %d]) p"
                            .formatted(rootPid, victimPid));
        }
        root.close();
        victim.close();
        admin.close();
    }
}
