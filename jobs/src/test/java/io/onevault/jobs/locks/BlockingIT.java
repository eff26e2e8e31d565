package io.onevault.jobs.locks;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.LockWait;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real blocking, from the first victim to the last, ended in every way there is. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BlockingIT {

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(4)
                            .build());

    private static WatchedServer watched;
    private static ExecutorService threads;

    @BeforeAll
    static void start() throws Exception {
        watched = WatchedServer.start(true);
        threads = Executors.newCachedThreadPool();
        WatchedServer.await("the log", WatchedServer::logIsRead);
    }

    @AfterAll
    static void stop() throws Exception {
        threads.shutdownNow();
        watched.close();
    }

    private static String update(int row) {
        return "UPDATE item SET n = n + 1 WHERE id = " + row;
    }

    private static Connection transaction() throws Exception {
        Connection connection = watched.connect();
        connection.setAutoCommit(false);
        return connection;
    }

    private static CompletableFuture<String> start(Connection connection, String sql) {
        return CompletableFuture.supplyAsync(() -> WatchedServer.run(connection, sql), threads);
    }

    private static LockWait waitOf(int pid) {
        return WatchedServer.waits().values().stream()
                .filter(wait -> wait.pid() == pid)
                .reduce((a, b) -> b)
                .orElse(null);
    }

    private static void awaitWait(int pid) throws Exception {
        WatchedServer.await(
                "the wait of " + pid,
                () -> waitOf(pid) != null && waitOf(pid).waitEndMicros() == 0);
    }

    private static void awaitEnd(int pid, String resolution) throws Exception {
        WatchedServer.await("the end of " + pid, () -> waitOf(pid).waitEndMicros() > 0);
        assertThat(waitOf(pid).resolution()).isEqualTo(resolution);
    }

    private static BlockingIncident incident(String key) {
        return WatchedServer.incidents().get(key);
    }

    @Test
    @Order(1)
    void aRootThatIsReplacedIsOneIncident() throws Exception {
        try (Connection root = transaction();
                Connection first = transaction();
                Connection second = transaction();
                Connection third = transaction()) {
            WatchedServer.run(root, update(1));
            List<CompletableFuture<String>> waits = new ArrayList<>();
            int last = 0;
            for (Connection each : List.of(first, second, third)) {
                last = WatchedServer.pid(each);
                waits.add(start(each, update(1)));
                awaitWait(last);
            }
            String key = waitOf(last).incident();
            WatchedServer.await("three victims", () -> incident(key).peakVictims() == 3);
            root.commit();
            // Whoever is quickest finds the row's new version first; the queue was for the old one.
            List<Connection> victims = new ArrayList<>(List.of(first, second, third));
            while (!victims.isEmpty()) {
                CompletableFuture.anyOf(waits.toArray(CompletableFuture[]::new))
                        .get(60, TimeUnit.SECONDS);
                int next = 0;
                while (!waits.get(next).isDone()) {
                    next++;
                }
                assertThat(waits.remove(next).get()).isEmpty();
                if (victims.size() == 3) {
                    WatchedServer.await("the next root", () -> incident(key).roots() == 2);
                }
                victims.remove(next).commit();
            }
            WatchedServer.await("the end", () -> !incident(key).open());
            BlockingIncident closed = incident(key);
            assertThat(closed.resolution()).isEqualTo("COMPLETED");
            assertThat(closed.roots()).isGreaterThanOrEqualTo(2);
            assertThat(closed.peakVictims()).isEqualTo(3);
            assertThat(closed.relations()).contains("public.item");
            assertThat(closed.totalVictimMicros()).isPositive();
        }
    }

    @Test
    @Order(2)
    void everyWayToEndIsTold() throws Exception {
        try (Connection root = transaction()) {
            WatchedServer.run(root, update(2));
            end("lock_timeout = '1s'", "", "TIMEOUT");
            end("statement_timeout = '1s'", "", "TIMEOUT");
            end("lock_timeout = 0", "pg_cancel_backend", "CANCELLED");
            end("lock_timeout = 0", "pg_terminate_backend", "TERMINATED");
        }
    }

    private static void end(String setting, String ending, String resolution) throws Exception {
        Connection victim = watched.connect();
        try {
            WatchedServer.run(victim, "SET " + setting);
            int pid = WatchedServer.pid(victim);
            CompletableFuture<String> wait = start(victim, update(2));
            awaitWait(pid);
            String key = waitOf(pid).incident();
            assertThat(incident(key).root().idleInTransaction()).isTrue();
            if (!ending.isEmpty()) {
                watched.number("SELECT " + ending + "(" + pid + ")::int");
            }
            assertThat(wait.get(60, TimeUnit.SECONDS)).isNotEmpty();
            awaitEnd(pid, resolution);
            WatchedServer.await("the incident's end", () -> !incident(key).open());
            assertThat(incident(key).resolution()).isEqualTo(resolution);
        } finally {
            victim.close();
        }
    }

    @Test
    @Order(3)
    void aRootThatIsTerminatedIsToldAsSuch() throws Exception {
        Connection root = transaction();
        try (Connection victim = watched.connect()) {
            WatchedServer.run(root, update(3));
            int rootPid = WatchedServer.pid(root);
            int pid = WatchedServer.pid(victim);
            CompletableFuture<String> wait = start(victim, update(3));
            awaitWait(pid);
            String key = waitOf(pid).incident();
            watched.number("SELECT pg_terminate_backend(" + rootPid + ")::int");
            assertThat(wait.get(60, TimeUnit.SECONDS)).isEmpty();
            awaitEnd(pid, "COMPLETED");
            WatchedServer.await("the incident's end", () -> !incident(key).open());
            assertThat(incident(key).resolution()).isEqualTo("TERMINATED");
        } finally {
            root.close();
        }
    }

    @Test
    @Order(4)
    void aServerThatRestartsEndsAllThatWaited() throws Exception {
        Connection root = transaction();
        Connection victim = watched.connect();
        WatchedServer.run(root, update(4));
        int pid = WatchedServer.pid(victim);
        CompletableFuture<String> wait = start(victim, update(4));
        awaitWait(pid);
        String key = waitOf(pid).incident();
        watched.server().restart();
        assertThat(wait.get(60, TimeUnit.SECONDS)).isNotEmpty();
        awaitEnd(pid, "TERMINATED");
        WatchedServer.await("the incident's end", () -> !incident(key).open());
        assertThat(incident(key).resolution()).isEqualTo("TERMINATED");
        root.close();
        victim.close();
    }

    @Test
    @Order(5)
    void waitsAreToldSoon() throws Exception {
        Map<String, Long> first = new HashMap<>();
        for (WatchedServer.Arrival<LockWait> arrival : WatchedServer.arrivals()) {
            long after = arrival.atMicros() - arrival.row().waitStartMicros();
            first.putIfAbsent(arrival.row().key(), after);
        }
        List<Long> sorted = first.values().stream().sorted().toList();
        System.out.printf(
                "%d waits told after %d ms (median), %d ms (slowest)%n",
                sorted.size(),
                sorted.get(sorted.size() / 2) / 1_000,
                sorted.get(sorted.size() - 1) / 1_000);
        assertThat(sorted.get(sorted.size() / 2)).isLessThan(2_000_000);
    }
}
