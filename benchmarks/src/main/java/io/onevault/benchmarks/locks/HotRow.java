package io.onevault.benchmarks.locks;

import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.Rounds;
import io.onevault.benchmarks.RunOptions;
import io.onevault.connectors.locks.LockSnapshots;
import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.locks.graph.WaitForGraph;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A server where many sessions wait for one row, and the ways to learn who blocks whom there. */
final class HotRow implements AutoCloseable {

    private static final int REPEATS = 20;
    private static final int SPARE_CONNECTIONS = 20;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(60);

    private final PostgresServer server;
    private final List<Connection> connections = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final int waiters;

    HotRow(int waiters) throws Exception {
        this.waiters = waiters;
        server =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("max_connections", String.valueOf(waiters + SPARE_CONNECTIONS))
                        .setting("deadlock_timeout", "1h")
                        .start();
        server.execute(
                "postgres",
                "CREATE TABLE hot (id int PRIMARY KEY, n int)",
                "INSERT INTO hot VALUES (1, 0)");
        connect().execute("UPDATE hot SET n = n + 1");
        for (int i = 0; i < waiters; i++) {
            Statement statement = connect();
            Thread thread =
                    new Thread(
                            () -> {
                                try {
                                    statement.execute("UPDATE hot SET n = n + 1 WHERE id = 1");
                                } catch (SQLException serverWasStopped) {
                                    Thread.currentThread().interrupt();
                                }
                            },
                            "waiter-" + i);
            thread.setDaemon(true);
            thread.start();
            threads.add(thread);
        }
    }

    private Statement connect() throws SQLException {
        Connection connection = server.connect("postgres");
        connection.setAutoCommit(false);
        connections.add(connection);
        return connection.createStatement();
    }

    private static long waiting(LockSnapshot snapshot) {
        return snapshot.locks().stream()
                .filter(lock -> !lock.granted())
                .mapToInt(LockRow::pid)
                .distinct()
                .count();
    }

    void compare(RunOptions options, List<Result> results) throws Exception {
        try (Connection connection = server.connect("postgres");
                Statement statement = connection.createStatement()) {
            LockSnapshots snapshots = new LockSnapshots(connection, "hot", Duration.ofSeconds(10));
            long deadline = System.nanoTime() + LIMIT_NANOS;
            while (waiting(snapshots.take()) < waiters) {
                if (System.nanoTime() > deadline) {
                    throw new TimeoutException("not all " + waiters + " sessions wait");
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
            LockSnapshot snapshot = snapshots.take();
            long edges = edges(snapshot);
            if (edges != blockingPids(statement)) {
                throw new IllegalStateException("the server sees other edges");
            }
            int repeats = options.quick() ? 1 : REPEATS;
            Rounds.Medians medians =
                    new Rounds()
                            .with(
                                    "graph",
                                    () ->
                                            LockGraphBenchmark.millis(
                                                    repeats * REPEATS, () -> edges(snapshot)))
                            .with(
                                    "look and graph",
                                    () ->
                                            LockGraphBenchmark.millis(
                                                    repeats, () -> edges(snapshots.take())))
                            .with(
                                    "server",
                                    () ->
                                            LockGraphBenchmark.millis(
                                                    repeats, () -> blockingPids(statement)))
                            .run(options.rounds());
            double peer = medians.of("server");
            String peerName = "pg_blocking_pids of each";
            results.add(
                    Result.against(
                            waiters + " waiters, all " + edges + " edges from a snapshot",
                            medians.of("graph"),
                            "ms",
                            peerName,
                            peer));
            results.add(
                    Result.against(
                            waiters + " waiters, the same with taking the snapshot",
                            medians.of("look and graph"),
                            "ms",
                            peerName,
                            peer));
        }
    }

    private static long edges(LockSnapshot snapshot) {
        long[] count = new long[1];
        WaitForGraph.of(snapshot)
                .edges(
                        (waiter, blocker, hard) -> {
                            count[0]++;
                            return true;
                        });
        return count[0];
    }

    private static long blockingPids(Statement statement) throws SQLException {
        long count = 0;
        try (ResultSet rows =
                statement.executeQuery(
                        "SELECT pid, pg_blocking_pids(pid) FROM pg_locks WHERE NOT granted")) {
            while (rows.next()) {
                count += ((Object[]) rows.getArray(2).getArray()).length;
            }
        }
        return count;
    }

    @Override
    public void close() throws Exception {
        server.close();
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(5));
        }
        for (Connection connection : connections) {
            connection.close();
        }
    }
}
