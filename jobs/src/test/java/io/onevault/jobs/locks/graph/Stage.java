package io.onevault.jobs.locks.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.locks.LockSnapshots;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Array;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.postgresql.PGConnection;

/**
 * A server on which many sessions run into each other, and everything it can say about that. Its
 * {@code deadlock_timeout} is an hour, so deadlocks stay to be looked at.
 */
final class Stage implements AutoCloseable {

    static final int ROWS = 4;
    static final int TABLES = 3;
    private static final int ACTORS = 12;
    private static final long LIMIT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final PostgresServer server;
    private final Connection observer;
    private final Statement observing;
    private final Connection admin;
    private final LockSnapshots snapshots;
    private final int observerPid;
    private final List<Actor> actors = new ArrayList<>();

    Stage(int version) throws SQLException {
        server =
                PostgresServer.builder(version)
                        .setting("deadlock_timeout", "1h")
                        .setting("max_prepared_transactions", "20")
                        .setting("max_worker_processes", "16")
                        .setting("max_parallel_workers", "12")
                        .setting("autovacuum", "off")
                        .setting("synchronous_commit", "off")
                        .start();
        server.execute(
                "postgres",
                "CREATE TABLE t0 (id int)",
                "CREATE TABLE t1 (id int)",
                "CREATE TABLE t2 (id int)",
                "CREATE SCHEMA object0",
                "CREATE SCHEMA object1",
                "CREATE TABLE r (id int PRIMARY KEY, name text UNIQUE, n int)",
                "INSERT INTO r SELECT g, 'r' || g, 0 FROM generate_series(1, " + ROWS + ") g",
                "CREATE TABLE u (id int PRIMARY KEY)",
                "CREATE TABLE big AS SELECT x FROM generate_series(1, 2000) x",
                "ALTER TABLE big SET (parallel_workers = 2)",
                "ANALYZE big",
                "CREATE FUNCTION shared(k int, x int) RETURNS int LANGUAGE sql PARALLEL SAFE AS"
                        + " 'SELECT pg_advisory_xact_lock_shared(k); SELECT x'",
                "CREATE FUNCTION exclusive(k int, x int) RETURNS int LANGUAGE sql PARALLEL SAFE AS"
                        + " 'SELECT pg_advisory_xact_lock(k); SELECT x'",
                // The second index of a new row waits while the first has it already.
                "CREATE TABLE spec (key text)",
                "CREATE UNIQUE INDEX spec_1 ON spec (key)",
                "CREATE FUNCTION pause(key text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS"
                        + " 'BEGIN PERFORM pg_advisory_xact_lock_shared(99); RETURN key; END'",
                "CREATE INDEX spec_2 ON spec (pause(key))",
                "CREATE ROLE monitor LOGIN IN ROLE pg_monitor");
        observer = server.connect("postgres", "monitor", "");
        observing = observer.createStatement();
        admin = server.connect("postgres");
        observerPid = observer.unwrap(PGConnection.class).getBackendPID();
        snapshots = new LockSnapshots(observer, "stage", Duration.ofSeconds(10));
        for (int i = 0; i < ACTORS; i++) {
            actors.add(new Actor(server.connect("postgres"), version));
        }
    }

    int observerPid() {
        return observerPid;
    }

    List<Actor> actors() {
        return actors;
    }

    LockSnapshot snapshot() throws SQLException {
        return snapshots.take();
    }

    /** Starts a statement and returns when it is done, or waits for a lock. */
    void act(Actor actor, String sql) throws SQLException {
        actor.start(sql);
        long deadline = System.nanoTime() + LIMIT_NANOS;
        while (!actor.isIdle() && !waits(actor)) {
            assertThat(System.nanoTime())
                    .as("neither done nor waiting: %s", sql)
                    .isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(300));
        }
    }

    private boolean waits(Actor actor) throws SQLException {
        try (ResultSet rows =
                observing.executeQuery(
                        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND "
                                + actor.pid()
                                + " IN (pid, leader_pid)")) {
            return rows.next();
        }
    }

    /** What the server says of every process that waits. */
    Map<Integer, Set<Integer>> blockingPids() throws SQLException {
        Map<Integer, Set<Integer>> blockers = new TreeMap<>();
        try (ResultSet rows =
                observing.executeQuery(
                        "SELECT pid, pg_blocking_pids(pid) FROM"
                                + " (SELECT DISTINCT pid FROM pg_locks WHERE NOT granted) w")) {
            while (rows.next()) {
                Array pids = rows.getArray(2);
                Set<Integer> set = new TreeSet<>(List.of((Integer[]) pids.getArray()));
                blockers.put(rows.getInt(1), set);
            }
        }
        return blockers;
    }

    /** Ends all that goes on. */
    void clear() throws SQLException {
        long deadline = System.nanoTime() + LIMIT_NANOS;
        try (Statement statement = admin.createStatement()) {
            for (Actor actor : actors) {
                while (!actor.isIdle()) {
                    statement.execute("SELECT pg_cancel_backend(" + actor.pid() + ")");
                    assertThat(System.nanoTime()).as("cannot be cancelled").isLessThan(deadline);
                    LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(300));
                }
                // The cancellation may have come late and hit the next statement.
                actor.endTransaction();
            }
            List<String> left = new ArrayList<>();
            try (ResultSet rows =
                    statement.executeQuery(
                            "SELECT format('ROLLBACK PREPARED %L', gid) FROM pg_prepared_xacts"
                                    + " UNION ALL SELECT 'DROP INDEX ' || indexrelid::regclass FROM"
                                    + " pg_index WHERE indrelid = ANY (ARRAY['t0', 't1',"
                                    + " 't2']::regclass[])")) {
                while (rows.next()) {
                    left.add(rows.getString(1));
                }
            }
            for (String sql : left) {
                statement.execute(sql);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        clear();
        for (Actor actor : actors) {
            actor.close();
        }
        observer.close();
        admin.close();
        server.close();
    }

    /** A session with a thread of its own. */
    static final class Actor implements AutoCloseable {
        private final Connection connection;
        private final Statement statement;
        private final int pid;
        private CompletableFuture<Void> running = CompletableFuture.completedFuture(null);
        private volatile boolean failed;
        private boolean inTransaction;

        Actor(Connection connection, int version) throws SQLException {
            this.connection = connection;
            statement = connection.createStatement();
            try (ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
                row.next();
                pid = row.getInt(1);
            }
            statement.execute(
                    "SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0;"
                            + " SET min_parallel_table_scan_size = 0; SET jit = off; SET "
                            + (version < 16 ? "force_parallel_mode" : "debug_parallel_query")
                            + " = off");
        }

        int pid() {
            return pid;
        }

        boolean isIdle() {
            return running.isDone();
        }

        /** Whether it is of no use until its transaction is over. */
        boolean hasFailed() {
            return failed;
        }

        boolean isInTransaction() {
            return inTransaction;
        }

        void start(String sql) {
            inTransaction |= sql.startsWith("BEGIN");
            inTransaction &= !sql.contains("PREPARE TRANSACTION");
            running =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    statement.execute(sql);
                                } catch (SQLException e) {
                                    failed = true;
                                }
                            },
                            task -> new Thread(task, "actor-" + pid).start());
        }

        void endTransaction() throws SQLException {
            for (int attempt = 0; ; attempt++) {
                try {
                    statement.execute("ROLLBACK");
                    statement.execute("SELECT pg_advisory_unlock_all()");
                    break;
                } catch (SQLException e) {
                    if (attempt == 5) {
                        throw e;
                    }
                }
            }
            failed = false;
            inTransaction = false;
        }

        @Override
        public void close() throws SQLException {
            connection.close();
        }
    }
}
