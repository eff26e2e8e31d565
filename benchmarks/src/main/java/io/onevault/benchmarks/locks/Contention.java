package io.onevault.benchmarks.locks;

import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Sessions that block each other on purpose: in groups of five, each with rows of its own, in which
 * one after the other waits for the one before, all wait for one, or everybody waits for the next
 * in a circle. What happens is the same for the same seed, but for who loses a deadlock.
 */
final class Contention implements AutoCloseable {

    private static final int MEMBERS = 5;
    private static final String DEADLOCK = "40P01";

    private final List<Connection> connections = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool(Contention::daemon);
    private final int groups;
    private final AtomicLong waits = new AtomicLong();
    private final AtomicLong deadlocks = new AtomicLong();

    /** What a group does together. */
    private interface Scene {
        void play(int group, SplittableRandom random) throws Exception;
    }

    /**
     * Opens {@code clients} sessions, rounded down to whole groups, in a database where {@link
     * #prepare} was called.
     */
    Contention(PostgresServer server, String database, int clients) throws SQLException {
        this.groups = clients / MEMBERS;
        for (int i = 0; i < groups * MEMBERS; i++) {
            Connection connection = server.connect(database);
            connection.setAutoCommit(false);
            connections.add(connection);
        }
    }

    /** Creates the rows that are fought for. */
    static void prepare(PostgresServer server, String database, int clients) {
        server.execute(
                database,
                "CREATE TABLE contended (id int PRIMARY KEY, n int NOT NULL) WITH (fillfactor ="
                        + " 50)",
                "INSERT INTO contended SELECT i, 0 FROM generate_series(0, %d) AS i"
                        .formatted(clients));
    }

    /**
     * Two chains for each deadlock, for {@code seconds}, with pauses, in which what a scene had as
     * its root lets go for long enough to be another incident the next time.
     */
    void mixed(long seconds, long seed) throws Exception {
        play(
                seconds,
                seed,
                (group, random) -> {
                    switch (random.nextInt(3)) {
                        case 0 -> chain(group, 1 + random.nextInt(MEMBERS - 1), random);
                        case 1 -> queue(group, random);
                        default -> circle(group, 2 + random.nextInt(3));
                    }
                    pause(random);
                });
    }

    /** Deadlocks of two to four, and nothing else, for {@code seconds}. */
    void deadlocksOnly(long seconds, long seed) throws Exception {
        play(
                seconds,
                seed,
                (group, random) -> {
                    circle(group, 2 + random.nextInt(3));
                    pause(random);
                });
    }

    private void play(long seconds, long seed, Scene scene) throws Exception {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        List<Callable<Void>> all = new ArrayList<>();
        SplittableRandom seeds = new SplittableRandom(seed);
        for (int i = 0; i < groups; i++) {
            int group = i;
            SplittableRandom random = seeds.split();
            all.add(
                    () -> {
                        // Not all at the same moment.
                        pause(random);
                        while (System.nanoTime() < end) {
                            scene.play(group, random);
                        }
                        return null;
                    });
        }
        for (Future<Void> group : threads.invokeAll(all)) {
            group.get();
        }
    }

    /** How many times somebody had to wait, those who lost a deadlock included. */
    long waits() {
        return waits.get();
    }

    /** How many deadlocks the server ended: their victims were told. */
    long deadlocks() {
        return deadlocks.get();
    }

    /** Everybody holds a row and waits for the row of the one before. */
    private void chain(int group, int depth, SplittableRandom random) throws Exception {
        for (int i = 0; i <= depth; i++) {
            update(group, i, i);
        }
        List<Future<?>> waiting = new ArrayList<>();
        for (int i = 1; i <= depth; i++) {
            waiting.add(updateAndCommit(group, i, i - 1));
        }
        hold(random);
        member(group, 0).commit();
        finish(waiting);
    }

    /** Everybody waits for the same row. */
    private void queue(int group, SplittableRandom random) throws Exception {
        update(group, 0, 0);
        List<Future<?>> waiting = new ArrayList<>();
        for (int i = 1; i < MEMBERS; i++) {
            waiting.add(updateAndCommit(group, i, 0));
        }
        hold(random);
        member(group, 0).commit();
        finish(waiting);
    }

    /** Everybody holds a row and waits for the row of the next. */
    private void circle(int group, int size) throws Exception {
        for (int i = 0; i < size; i++) {
            update(group, i, i);
        }
        List<Future<?>> waiting = new ArrayList<>();
        for (int i = 0; i < size; i++) {
            waiting.add(updateAndCommit(group, i, (i + 1) % size));
        }
        finish(waiting);
    }

    private Connection member(int group, int number) {
        return connections.get(group * MEMBERS + number);
    }

    private void update(int group, int number, int row) throws SQLException {
        try (PreparedStatement statement =
                member(group, number)
                        .prepareStatement("UPDATE contended SET n = n + 1 WHERE id = ?")) {
            statement.setInt(1, group * MEMBERS + row);
            statement.executeUpdate();
        }
    }

    private Future<?> updateAndCommit(int group, int number, int row) {
        waits.incrementAndGet();
        return threads.submit(
                () -> {
                    Connection connection = member(group, number);
                    try {
                        update(group, number, row);
                        connection.commit();
                    } catch (SQLException e) {
                        connection.rollback();
                        if (!DEADLOCK.equals(e.getSQLState())) {
                            throw e;
                        }
                        deadlocks.incrementAndGet();
                    }
                    return null;
                });
    }

    private static void finish(List<Future<?>> waiting)
            throws ExecutionException, InterruptedException {
        for (Future<?> one : waiting) {
            one.get();
        }
    }

    private static void hold(SplittableRandom random) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(300 + random.nextInt(1200)));
    }

    private static void pause(SplittableRandom random) {
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(random.nextInt(500)));
    }

    private static Thread daemon(Runnable work) {
        Thread thread = new Thread(work, "contention");
        thread.setDaemon(true);
        return thread;
    }

    @Override
    public void close() throws SQLException {
        threads.shutdownNow();
        for (Connection connection : connections) {
            try (Statement statement = connection.createStatement()) {
                statement.cancel();
            }
            connection.close();
        }
    }
}
