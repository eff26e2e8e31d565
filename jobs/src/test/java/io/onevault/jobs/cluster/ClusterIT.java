package io.onevault.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.testing.TestVault;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The deployable jar on a standalone cluster of separate processes, stopped and killed.
 *
 * <p>The seed of the kills is printed; {@code -Donevault.test.seed=…} repeats them.
 */
class ClusterIT {

    private static final Path JAR = Path.of("target", "onevault-jobs.jar").toAbsolutePath();
    private static final String MAIN = OneVaultJob.class.getName();
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final Duration LIVE_AGAIN = Duration.ofSeconds(15);
    private static final int RANDOM_KILLS = 2;
    private static final int TASK_MANAGERS = 2;
    private static final String DEADLOCK_DETECTED = "40P01";

    @TempDir static Path work;

    private static PostgresServer server;
    private static StandaloneCluster cluster;

    @BeforeAll
    static void start() throws Exception {
        server = TestVault.start().server();
        WatchedTarget.prepare(server);
        cluster =
                StandaloneCluster.start(
                        work.resolve("cluster"),
                        Path.of("..", "flink-conf"),
                        Path.of("target", "cluster-logs").toAbsolutePath(),
                        TASK_MANAGERS);
    }

    @AfterAll
    static void stop() {
        if (cluster != null) {
            cluster.close();
        }
        if (server != null) {
            server.close();
        }
    }

    @Test
    void aJobStoppedWithASavepointResumesWithoutALostOrDoubledWindow() throws Exception {
        WatchedTarget target = WatchedTarget.create(server, "stopped");
        Path configuration = target.configuration(work);
        String job = cluster.submit(JAR, MAIN, configuration);
        awaitWindows(target, target.now(), 5);

        String savepoint = cluster.stopWithSavepoint(job);
        assertExplicitUidsAndNoKryo(Savepoint.at(savepoint));
        job = cluster.resume(savepoint, JAR, MAIN, configuration);
        awaitWindows(target, target.now(), 5);
        cluster.drain(job);

        long polls = target.polls();
        WatchedTarget.Coverage coverage = target.coverage("target_up", "target");
        report("stopped and resumed: %s, %d polls by the server's count", coverage, polls);
        assertThat(polls - coverage.samples())
                .as("polls whose answer came while the job was stopping")
                .isBetween(0L, 2L * WatchedTarget.POLLS_OF_WINDOW);
        double slots = coverage.seconds() * (double) WatchedTarget.POLLS_OF_WINDOW;
        double accounted =
                coverage.samples() + coverage.gapSeconds() * WatchedTarget.POLLS_OF_WINDOW;
        assertThat(accounted)
                .as("samples and the time of gaps are all the time there was")
                .isBetween(slots - 2 * WatchedTarget.POLLS_OF_WINDOW, slots + 4);
        assertNothingLostOrDoubled(target);
    }

    @Test
    void aJobLivesAgainSoonAfterItsTaskManagerIsKilled() throws Exception {
        long seed = Long.getLong("onevault.test.seed", System.nanoTime());
        report("kills of TaskManagers by seed %d", seed);
        Random random = new Random(seed);
        WatchedTarget target = WatchedTarget.create(server, "killed");
        String job = cluster.submit(JAR, MAIN, target.configuration(work));
        awaitWindows(target, target.now(), 3);

        Duration down = Duration.ZERO;
        for (int kill = 0; kill < RANDOM_KILLS; kill++) {
            Await.whileHolding(
                    "running",
                    Duration.ofMillis(random.nextInt(2_500)),
                    () -> cluster.rest().isRunning(job));
            List<String> busy = List.copyOf(cluster.rest().taskManagersOf(job, ""));
            String victim = busy.get(random.nextInt(busy.size()));
            down = down.plus(killAndAwaitLife(target, job, victim, () -> {}));
        }
        try (Connection connection = server.connect("vault");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            statement.execute("LOCK TABLE monitoring.system_health_s IN SHARE MODE");
            Await.until("a writer in its transaction", LIMIT, target::writerWaits);
            Set<String> writing = cluster.rest().taskManagersOf(job, "vault-system-health-s");
            String victim = writing.iterator().next();
            down = down.plus(killAndAwaitLife(target, job, victim, connection::rollback));
        }
        cluster.drain(job);

        long polls = target.polls();
        WatchedTarget.Coverage coverage = target.coverage("target_up", "target");
        report(
                "killed: %s, %d polls by the server's count, %d windows in all",
                coverage, polls, target.windowsOfAllSeries());
        assertThat(coverage.samples()).as("no sample twice").isLessThanOrEqualTo(polls);
        assertThat(coverage.missing())
                .as("windows missing after %d kills", RANDOM_KILLS + 1)
                .isLessThanOrEqualTo(down.toSeconds() + RANDOM_KILLS + 1);
        assertNothingLostOrDoubled(target);
    }

    @Test
    void aJobGoesOnFromItsLastCheckpointAfterTheJobManagerIsKilled() throws Exception {
        WatchedTarget target = WatchedTarget.create(server, "headless");
        String job = cluster.submit(JAR, MAIN, target.configuration(work));
        awaitWindows(target, target.now(), 3);
        long completed = cluster.rest().completedCheckpoint(job);
        assertThat(completed).isPositive();

        long begin = System.nanoTime();
        cluster.killJobManager();
        cluster.startJobManager();
        Duration took = awaitLife(target, job, 0, begin);
        report("JobManager killed: the next window was in the vault after %d ms", took.toMillis());
        assertThat(cluster.rest().restoredCheckpoint(job)).isGreaterThanOrEqualTo(completed);
        cluster.drain(job);

        WatchedTarget.Coverage coverage = target.coverage("target_up", "target");
        report("JobManager killed: %s", coverage);
        assertThat(coverage.samples()).isLessThanOrEqualTo(target.polls());
        assertNothingLostOrDoubled(target);
    }

    @Test
    void blockingThatOutlivesATaskManagerIsOneIncidentAndEnds() throws Exception {
        WatchedTarget target = WatchedTarget.create(server, "blocked");
        server.execute("postgres", "CREATE TABLE stock (id int PRIMARY KEY, n int)");
        server.execute("postgres", "INSERT INTO stock VALUES (1, 0), (2, 0)");
        String job = cluster.submit(JAR, MAIN, target.configuration(work));
        awaitWindows(target, target.now(), 1);

        try (Connection root = server.connect("postgres");
                Connection victim = server.connect("postgres")) {
            root.setAutoCommit(false);
            update(root, 1);
            Thread waiter = daemon(() -> update(victim, 1));
            Await.until("an open incident", LIMIT, () -> target.incidents("OPEN") == 1);

            String busy = cluster.rest().taskManagersOf(job, "lock-incidents").iterator().next();
            killAndAwaitLife(target, job, busy, () -> {});
            Await.until("what is known again", LIMIT, () -> target.incidents("OPEN") == 1);
            root.commit();
            waiter.join();
            Await.until("its end", LIMIT, () -> target.incidents("CLOSED") == 1);
            Await.until("the wait's end", LIMIT, () -> target.endedWaits() == 1);

            victim.setAutoCommit(false);
            update(root, 1);
            update(victim, 2);
            waiter =
                    daemon(
                            () -> {
                                try {
                                    update(victim, 1);
                                } finally {
                                    // The server counts a deadlock when its loser's transaction
                                    // is over.
                                    victim.rollback();
                                }
                            });
            try {
                update(root, 2);
                root.commit();
            } catch (SQLException e) {
                assertThat(e.getSQLState()).isEqualTo(DEADLOCK_DETECTED);
                root.rollback();
            }
            waiter.join();
            Await.until("the deadlock's event", LIMIT, () -> target.deadlocks() == 1);
            Await.until("no open incident", LIMIT, () -> target.incidents("OPEN") == 0);
        }
        cluster.drain(job);

        assertThat(target.deadlocks()).isOne();
        assertThat(target.deadLetters()).isZero();
    }

    private static void update(Connection connection, int id) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("UPDATE stock SET n = n + 1 WHERE id = " + id);
        }
    }

    /** Whether it succeeds is not asked: of a deadlock either member may be the victim. */
    private static Thread daemon(Afterwards work) {
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                work.run();
                            } catch (Exception e) {
                                report("a session ended by %s", e.getMessage());
                            }
                        });
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private static void assertExplicitUidsAndNoKryo(Savepoint savepoint) throws Exception {
        assertThat(cluster.rest().configuration())
                .containsEntry("pipeline.generic-types", "false")
                .containsEntry("pipeline.auto-generate-uids", "false");
        assertThat(savepoint.operatorUids())
                .contains("polling-source", "metric-windows", "fact-changes")
                .doesNotHaveDuplicates()
                .doesNotContain("null");
        assertThat(savepoint.names("PojoSerializer")).isTrue();
        assertThat(savepoint.names("KryoSerializer")).isFalse();
    }

    /** Returns how long it took until the job was live again. */
    private static Duration killAndAwaitLife(
            WatchedTarget target, String job, String taskManager, Afterwards afterwards)
            throws Exception {
        long restores = cluster.rest().restores(job);
        long begin = System.nanoTime();
        cluster.killTaskManager(taskManager);
        afterwards.run();
        Duration took = awaitLife(target, job, restores, begin);
        report("TaskManager killed: the next window was in the vault after %d ms", took.toMillis());
        assertThat(took).isLessThan(cluster.restartDelay().plus(LIVE_AGAIN));
        // As whatever supervises the processes of a cluster would; the job needs only one.
        cluster.startTaskManager();
        cluster.awaitTaskManagers(TASK_MANAGERS);
        return took;
    }

    /**
     * Waits until the job was restored once more and a window that began later is in the vault.
     *
     * @param begin when it was killed, by {@link System#nanoTime}
     * @return the time since then
     */
    private static Duration awaitLife(WatchedTarget target, String job, long restores, long begin)
            throws Exception {
        Await.until("a restore", LIMIT, () -> cluster.rest().restores(job) > restores);
        awaitWindows(target, target.now(), 1);
        return Duration.ofNanos(System.nanoTime() - begin);
    }

    private static void awaitWindows(WatchedTarget target, Instant since, int number)
            throws Exception {
        Await.until(number + " windows", LIMIT, () -> target.windowsSince(since) >= number);
    }

    private static void assertNothingLostOrDoubled(WatchedTarget target) throws Exception {
        for (WatchedTarget.Coverage coverage :
                List.of(
                        target.coverage("target_up", "target"),
                        target.coverage("total_connections", "activity"))) {
            assertThat(coverage.windows()).as("windows once").isEqualTo(coverage.distinct());
            assertThat(coverage.windows() + coverage.missing()).isEqualTo(coverage.seconds());
            assertThat(coverage.silent()).as("missing windows without a gap row").isZero();
        }
        assertThat(target.hubsWithoutOneOpenRow()).isZero();
        assertThat(target.rowsOutOfLine()).isZero();
        assertThat(target.deadLetters()).isZero();
    }

    @SuppressWarnings("SystemOut")
    private static void report(String format, Object... values) {
        System.out.printf("ClusterIT: " + format + "%n", values);
    }

    /** What happens right after a kill, or in a session of its own. */
    @FunctionalInterface
    private interface Afterwards {
        void run() throws Exception;
    }
}
