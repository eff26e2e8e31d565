package io.onevault.benchmarks.locks;

import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Many sessions that want to read a table which one holds exclusively, as when a migration forgets
 * to commit, again and again.
 *
 * <p>They want the table and not one row: in a queue for a row each request blocks all later ones,
 * and the server's own deadlock check, which every waiter does after {@code deadlock_timeout} under
 * all locks of the lock manager, takes time with the cube of its length. Two thousand are more than
 * it can bear, watched or alone.
 */
final class Storm implements AutoCloseable {

    private static final String HOLD = "LOCK TABLE contended IN ACCESS EXCLUSIVE MODE";
    private static final String READ = "SELECT n FROM contended WHERE id = 0";
    private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(3);

    private final List<Connection> connections = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(Storm::daemon);
    private final List<Future<?>> waiting = new ArrayList<>();
    private final Connection holder;
    private final Connection observer;

    Storm(PostgresServer server, String database, int waiters) throws SQLException {
        holder = server.connect(database);
        holder.setAutoCommit(false);
        observer = server.connect(database);
        for (int i = 0; i < waiters; i++) {
            connections.add(server.connect(database));
        }
    }

    /** Returns when everybody waits. */
    void gather() throws Exception {
        execute(holder, HOLD);
        for (Connection connection : connections) {
            waiting.add(
                    threads.submit(
                            () -> {
                                execute(connection, READ);
                                return null;
                            }));
        }
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (waiters() < connections.size()) {
            if (System.nanoTime() > deadline) {
                throw new TimeoutException("not all " + connections.size() + " sessions wait");
            }
            TimeUnit.MILLISECONDS.sleep(50);
        }
    }

    private int waiters() throws SQLException {
        try (Statement statement = observer.createStatement();
                ResultSet row =
                        statement.executeQuery(
                                "SELECT count(*) FROM pg_stat_activity"
                                        + " WHERE wait_event_type = 'Lock'")) {
            row.next();
            return row.getInt(1);
        }
    }

    /** Lets the table go; returns after how many seconds everybody had read. */
    double release() throws SQLException, ExecutionException, InterruptedException {
        long start = System.nanoTime();
        holder.commit();
        for (Future<?> one : waiting) {
            one.get();
        }
        waiting.clear();
        return (System.nanoTime() - start) / 1e9;
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "storm");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() throws SQLException {
        holder.close();
        threads.shutdownNow();
        for (Connection connection : connections) {
            connection.close();
        }
        observer.close();
    }
}
