package io.onevault.jobs.locks;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.DeadlockMember;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.flink.runtime.testutils.MiniClusterResourceConfiguration;
import org.apache.flink.test.junit5.MiniClusterExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Real deadlocks under the default {@code deadlock_timeout}: each one once, and no others. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class DeadlockIT {

    @RegisterExtension
    static final MiniClusterExtension CLUSTER =
            new MiniClusterExtension(
                    new MiniClusterResourceConfiguration.Builder()
                            .setNumberTaskManagers(1)
                            .setNumberSlotsPerTaskManager(4)
                            .build());

    private static final int DEADLOCKS = 200;
    private static final int PITS = 20;
    private static final String VICTIM = "40P01";

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

    /** What a party of a cycle locks first, and what it asks for then. */
    private record Locks(String first, String second) {}

    private static Locks locks(int kind, int place, int party, int parties) {
        int own = place * 10 + party;
        int next = place * 10 + (party + 1) % parties;
        return switch (kind) {
            case 0 -> new Locks(update(own), update(next));
            case 1 -> new Locks(advisory(own), advisory(next));
            case 2 -> new Locks(table(place, "SHARE"), table(place, "EXCLUSIVE"));
            case 3 -> new Locks(share(own), update(next));
            default -> new Locks(update(own), advisoryOrRow(party, own, next));
        };
    }

    private static String advisoryOrRow(int party, int own, int next) {
        return party == 0 ? update(next) : share(next);
    }

    private static String update(int row) {
        return "UPDATE item SET n = n + 1 WHERE id = " + row;
    }

    private static String share(int row) {
        return "SELECT n FROM item WHERE id = " + row + " FOR NO KEY UPDATE";
    }

    private static String advisory(int key) {
        return "SELECT pg_advisory_xact_lock(" + key + ")";
    }

    private static String table(int place, String mode) {
        return "LOCK TABLE pit_" + place + " IN " + mode + " MODE";
    }

    @Test
    @Order(1)
    void everyDeadlockIsReportedOnce() throws Exception {
        for (int i = 0; i < PITS; i++) {
            watched.server().execute("postgres", "CREATE TABLE pit_" + i + " (a int)");
        }
        AtomicInteger victims = new AtomicInteger();
        List<CompletableFuture<Void>> pits = new ArrayList<>();
        for (int pit = 0; pit < PITS; pit++) {
            int place = pit;
            pits.add(CompletableFuture.runAsync(() -> dig(place, victims), threads));
        }
        for (CompletableFuture<Void> pit : pits) {
            pit.get(180, TimeUnit.SECONDS);
        }
        int truth = victims.get();
        assertThat(truth).isGreaterThanOrEqualTo(DEADLOCKS);
        WatchedServer.await("the counter", () -> counter() == truth);
        WatchedServer.await("the log's reports", () -> WatchedServer.reports() == truth);
        WatchedServer.await("their events", () -> told() >= truth && noneOpen());

        List<DeadlockEvent> events = List.copyOf(WatchedServer.deadlocks().values());
        long early = events.stream().filter(DeadlockEvent::detectedBeforeServer).count();
        System.out.printf(
                "%d deadlocks: %d events, %d seen before the server ended them%n",
                truth, events.size(), early);
        assertThat(events).hasSize(truth);
        assertThat(events).extracting(DeadlockEvent::outcome).containsOnly("DEADLOCK");
        assertThat(events).extracting(DeadlockEvent::count).containsOnly(1);
        assertThat(early).isGreaterThan(truth / 2);
        Set<String> reports = new HashSet<>();
        for (DeadlockEvent event : events) {
            assertThat(event.members()).hasSizeGreaterThanOrEqualTo(2);
            assertThat(event.members())
                    .extracting(DeadlockMember::pid)
                    .contains(event.victimPid())
                    .doesNotHaveDuplicates();
            assertThat(event.members())
                    .extracting(DeadlockMember::statement)
                    .allMatch(text -> !text.isEmpty() && !text.matches(".*\\d.*"));
            assertThat(reports.add(event.victimPid() + "/" + event.reportedAtMicros())).isTrue();
        }
        assertThat(events.stream().mapToInt(event -> event.members().size()).max()).hasValue(4);
    }

    private static void dig(int place, AtomicInteger victims) {
        Random random = new Random(place);
        List<Connection> parties = new ArrayList<>();
        try {
            for (int i = 0; i < 4; i++) {
                parties.add(watched.connect());
                parties.get(i).setAutoCommit(false);
            }
            for (int round = 0; victims.get() < DEADLOCKS; round++) {
                int kind = (place + round) % 5;
                victims.addAndGet(round(place, kind, parties.subList(0, 2 + random.nextInt(3))));
            }
            for (Connection party : parties) {
                party.close();
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Returns how many were victims. */
    private static int round(int place, int kind, List<Connection> parties) throws Exception {
        CyclicBarrier allHold = new CyclicBarrier(parties.size());
        List<CompletableFuture<Integer>> ends = new ArrayList<>();
        for (int i = 0; i < parties.size(); i++) {
            Connection party = parties.get(i);
            Locks locks = locks(kind, place, i, parties.size());
            ends.add(CompletableFuture.supplyAsync(() -> play(party, locks, allHold), threads));
        }
        int victims = 0;
        for (CompletableFuture<Integer> end : ends) {
            victims += end.get(120, TimeUnit.SECONDS);
        }
        return victims;
    }

    private static int play(Connection party, Locks locks, CyclicBarrier allHold) {
        try {
            assertThat(WatchedServer.run(party, locks.first())).isEmpty();
            allHold.await(60, TimeUnit.SECONDS);
            String state = WatchedServer.run(party, locks.second());
            assertThat(state).isIn("", VICTIM);
            party.rollback();
            return state.equals(VICTIM) ? 1 : 0;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private static long counter() throws SQLException {
        return watched.number("SELECT deadlocks FROM pg_stat_database WHERE datname = 'postgres'");
    }

    private static long told() {
        return WatchedServer.deadlocks().values().stream()
                .filter(event -> event.outcome().equals("DEADLOCK"))
                .mapToInt(DeadlockEvent::count)
                .sum();
    }

    private static boolean noneOpen() {
        return WatchedServer.deadlocks().values().stream()
                .noneMatch(event -> event.outcome().equals("OPEN"));
    }

    @Test
    @Order(2)
    void contentionAloneIsNoDeadlock() throws Exception {
        int before = WatchedServer.deadlocks().size();
        int waitsBefore = WatchedServer.waits().size();
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(15);
        List<CompletableFuture<Void>> clients = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            Random random = new Random(i);
            clients.add(
                    CompletableFuture.runAsync(
                            () -> {
                                try (Connection client = watched.connect()) {
                                    client.setAutoCommit(false);
                                    while (System.nanoTime() < until) {
                                        int first = random.nextInt(4);
                                        for (int row = first; row < 6; row += 2) {
                                            assertThat(WatchedServer.run(client, update(900 + row)))
                                                    .isEmpty();
                                        }
                                        WatchedServer.run(client, "SELECT pg_sleep(0.02)");
                                        client.commit();
                                    }
                                } catch (SQLException e) {
                                    throw new IllegalStateException(e);
                                }
                            },
                            threads));
        }
        for (CompletableFuture<Void> client : clients) {
            client.get(120, TimeUnit.SECONDS);
        }
        WatchedServer.await(
                "ends of all waits",
                () ->
                        WatchedServer.waits().values().stream()
                                .allMatch(wait -> wait.waitEndMicros() > 0));
        assertThat(WatchedServer.waits().size()).isGreaterThan(waitsBefore + 100);
        assertThat(WatchedServer.deadlocks()).hasSize(before);
    }

    @Test
    @Order(3)
    void cyclesThatEndOtherwiseAreNearMisses() throws Exception {
        nearMiss("lock_timeout = '1500ms'", "", "TIMEOUT");
        nearMiss("statement_timeout = '1500ms'", "", "TIMEOUT");
        nearMiss("lock_timeout = 0", "pg_cancel_backend", "CANCELLED");
        nearMiss("lock_timeout = 0", "pg_terminate_backend", "TERMINATED");
    }

    private static void nearMiss(String setting, String ending, String resolution)
            throws Exception {
        Set<String> before = WatchedServer.deadlocks().keySet();
        long counted = counter();
        Connection first = watched.connect();
        try (Connection second = watched.connect()) {
            for (Connection each : List.of(first, second)) {
                WatchedServer.run(each, "SET deadlock_timeout = '10min'");
            }
            WatchedServer.run(first, "SET " + setting);
            int pid = WatchedServer.pid(first);
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            WatchedServer.run(first, update(990));
            WatchedServer.run(second, update(991));
            CompletableFuture<String> one =
                    CompletableFuture.supplyAsync(
                            () -> WatchedServer.run(first, update(991)), threads);
            CompletableFuture<String> two =
                    CompletableFuture.supplyAsync(
                            () -> WatchedServer.run(second, update(990)), threads);
            WatchedServer.await("the cycle", () -> added(before) != null);
            assertThat(added(before).members()).hasSize(2);
            if (!ending.isEmpty()) {
                watched.number("SELECT " + ending + "(" + pid + ")::int");
            }
            assertThat(one.get(60, TimeUnit.SECONDS)).isNotEmpty();
            if (!resolution.equals("TERMINATED")) {
                first.rollback();
            }
            assertThat(two.get(60, TimeUnit.SECONDS)).isEmpty();
            second.rollback();
        } finally {
            first.close();
        }
        WatchedServer.await("its end", () -> !added(before).outcome().equals("OPEN"));
        DeadlockEvent event = added(before);
        assertThat(event.outcome()).isEqualTo("NEAR_MISS");
        assertThat(event.resolution()).isEqualTo(resolution);
        assertThat(event.source()).isEqualTo("LOCK_GRAPH");
        assertThat(counter()).isEqualTo(counted);
    }

    private static DeadlockEvent added(Set<String> before) {
        return WatchedServer.deadlocks().values().stream()
                .filter(event -> !before.contains(event.key()))
                .findFirst()
                .orElse(null);
    }
}
