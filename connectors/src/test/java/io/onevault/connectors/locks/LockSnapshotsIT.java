package io.onevault.connectors.locks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.SessionRow;
import io.onevault.connectors.probe.Server;
import io.onevault.connectors.secret.Secret;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class LockSnapshotsIT {

    static final List<Integer> VERSIONS = PostgresServer.SUPPORTED_VERSIONS;

    private static final Duration TIMEOUT = Duration.ofSeconds(2);

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void oneLookShowsLocksSessionsAndPreparedTransactions(int version) throws Exception {
        try (PostgresServer server = start(version);
                Connection root = server.connect("postgres");
                Connection waiter = server.connect("postgres", "shop", "");
                Connection monitor = server.connect("postgres", "monitor", "")) {
            LockSnapshots snapshots = new LockSnapshots(monitor, "shop-db", TIMEOUT);
            assertThat(waiting(snapshots)).isZero();

            root.setAutoCommit(false);
            run(root, "UPDATE \"My Orders\" SET total = 5 WHERE id = 1");
            CompletableFuture<Void> wait =
                    start(waiter, "UPDATE \"My Orders\" SET total = 777 WHERE id = 1");
            until(snapshots, 1);
            try (Connection other = server.connect("postgres")) {
                run(other, "BEGIN; INSERT INTO t VALUES (1); PREPARE TRANSACTION 'gid-1'");
            }

            LockSnapshot snapshot = snapshots.take();

            assertThat(snapshot.target()).isEqualTo("shop-db");
            assertThat(snapshot.serverVersion()).startsWith(version + ".");
            assertThat(snapshot.limits()).isEmpty();
            List<LockRow> waiting =
                    snapshot.locks().stream().filter(lock -> !lock.granted()).toList();
            assertThat(waiting).hasSize(1);
            LockRow wanted = waiting.get(0);
            assertThat(wanted.type()).isEqualTo("transactionid");
            assertThat(wanted.mode()).isEqualTo("ShareLock");
            assertThat(wanted.waitStartMicros())
                    .isBetween(
                            snapshot.capturedAtMicros() - TimeUnit.SECONDS.toMicros(60),
                            snapshot.capturedAtMicros());
            SessionRow victim = session(snapshot, wanted.pid());
            assertThat(victim.user()).isEqualTo("shop");
            assertThat(victim.superuser()).isFalse();
            assertThat(victim.waitEventType()).isEqualTo("Lock");
            assertThat(victim.query()).isEqualTo("UPDATE \"My Orders\" SET total = ? WHERE id = ?");
            assertThat(victim.visible()).isTrue();
            LockRow held =
                    snapshot.locks().stream()
                            .filter(lock -> lock.type().equals("transactionid"))
                            .filter(lock -> lock.transactionId() == wanted.transactionId())
                            .filter(LockRow::granted)
                            .findFirst()
                            .orElseThrow();
            SessionRow blocker = session(snapshot, held.pid());
            assertThat(blocker.state()).isEqualTo("idle in transaction");
            assertThat(blocker.superuser()).isTrue();
            assertThat(blocker.backendXid()).isEqualTo(wanted.transactionId());
            assertThat(blocker.backendStartMicros()).isPositive();
            assertThat(snapshot.locks())
                    .filteredOn(lock -> lock.type().equals("tuple"))
                    .singleElement()
                    .satisfies(
                            tuple -> {
                                assertThat(tuple.pid()).isEqualTo(wanted.pid());
                                assertThat(tuple.relationName()).isEqualTo("public.\"My Orders\"");
                                assertThat(tuple.tuple()).isEqualTo(1);
                            });
            assertThat(snapshot.prepared())
                    .singleElement()
                    .satisfies(
                            prepared -> {
                                assertThat(prepared.gid()).isEqualTo("gid-1");
                                assertThat(snapshot.locks())
                                        .anyMatch(
                                                lock ->
                                                        lock.pid() == 0
                                                                && lock.transactionId()
                                                                        == prepared
                                                                                .transactionId());
                            });
            assertThat(snapshot.sessions())
                    .extracting(SessionRow::query)
                    .noneMatch(query -> query.contains("777"));

            root.rollback();
            wait.get(30, TimeUnit.SECONDS);
            assertThat(waiting(snapshots)).isZero();
            // Often enough for the driver to have the statements prepared on the server.
            for (int i = 0; i < 10; i++) {
                assertThat(snapshots.take().locks()).allMatch(LockRow::granted);
            }
        }
    }

    @Test
    void withoutPrivilegeItSaysWhatIsHidden() throws Exception {
        try (PostgresServer server = start(PostgresServer.LATEST_VERSION);
                Connection root = server.connect("postgres");
                Connection waiter = server.connect("postgres");
                Connection stranger = server.connect("postgres", "shop", "")) {
            LockSnapshots snapshots = new LockSnapshots(stranger, "shop-db", TIMEOUT);
            root.setAutoCommit(false);
            run(root, "LOCK TABLE t");
            CompletableFuture<Void> wait = start(waiter, "SELECT * FROM t");
            until(snapshots, 1);

            LockSnapshot snapshot = snapshots.take();

            assertThat(snapshot.limits())
                    .singleElement()
                    .satisfies(limit -> assertThat(limit).contains("GRANT pg_monitor"));
            LockRow wanted =
                    snapshot.locks().stream()
                            .filter(lock -> !lock.granted())
                            .findFirst()
                            .orElseThrow();
            assertThat(wanted.relationName()).isEqualTo("public.t");
            SessionRow victim = session(snapshot, wanted.pid());
            assertThat(victim.visible()).isFalse();
            assertThat(victim.user()).isEqualTo("postgres");
            assertThat(victim.query()).isEmpty();
            root.rollback();
            wait.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void itWaitsForNoLockAndOtherDatabasesLendNoNames() throws Exception {
        try (PostgresServer server = start(PostgresServer.LATEST_VERSION);
                Connection root = server.connect("postgres");
                Connection monitor = server.connect("postgres", "monitor", "");
                Connection other = server.connect("template1");
                Connection elsewhere = server.connect("template1", "monitor", "")) {
            LockSnapshots snapshots = new LockSnapshots(monitor, "shop-db", TIMEOUT);
            snapshots.take();
            root.setAutoCommit(false);
            run(root, "LOCK TABLE t");
            assertThat(lockOf(snapshots.take(), "AccessExclusiveLock").relationName())
                    .isEqualTo("public.t");
            // A relation that both databases have under one number.
            other.setAutoCommit(false);
            run(other, "LOCK TABLE pg_statistic IN SHARE MODE");
            assertThat(lockOf(snapshots.take(), "ShareLock").relationName()).isEmpty();
            LockSnapshots there = new LockSnapshots(elsewhere, "template1", TIMEOUT);
            assertThat(lockOf(there.take(), "ShareLock").relationName())
                    .isEqualTo("pg_catalog.pg_statistic");
            other.rollback();

            run(root, "LOCK TABLE pg_class");
            LockSnapshot blind = snapshots.take();
            assertThat(blind.limits())
                    .singleElement()
                    .satisfies(limit -> assertThat(limit).startsWith("Names of relations"));
            assertThat(blind.locks()).allMatch(lock -> lock.relationName().isEmpty());
            root.rollback();
        }
    }

    @Test
    void failuresAreSentences() throws Exception {
        try (PostgresServer server = start(PostgresServer.LATEST_VERSION)) {
            assertThatThrownBy(() -> observe(server.jdbcUrl("postgres"), "nobody"))
                    .isInstanceOf(LockAccessException.class)
                    .hasMessageContaining("nobody");
            assertThatThrownBy(() -> observe(server.jdbcUrl("missing"), "monitor"))
                    .isInstanceOf(LockAccessException.class)
                    .hasMessageContaining("does not exist");
            try (LockObserver observer = observe(server.jdbcUrl("postgres"), "monitor")) {
                assertThat(observer.snapshot().target()).endsWith("/postgres");
                server.execute(
                        "postgres",
                        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                + " WHERE application_name = 'onevault-locks'");
                assertThatThrownBy(observer::snapshot).isInstanceOf(LockAccessException.class);
            }
        }
    }

    private static LockObserver observe(String url, String user) throws LockAccessException {
        return LockObserver.connect(new Server(url, user, Secret.NONE));
    }

    private static PostgresServer start(int version) {
        PostgresServer server =
                PostgresServer.builder(version).setting("max_prepared_transactions", "5").start();
        server.execute(
                "postgres",
                "CREATE TABLE t (id int PRIMARY KEY)",
                "CREATE TABLE \"My Orders\" (id int, total int)",
                "INSERT INTO \"My Orders\" VALUES (1, 1)",
                "CREATE ROLE shop LOGIN",
                "GRANT ALL ON \"My Orders\" TO shop",
                "CREATE ROLE monitor LOGIN IN ROLE pg_monitor");
        return server;
    }

    private static LockRow lockOf(LockSnapshot snapshot, String mode) {
        return snapshot.locks().stream()
                .filter(lock -> lock.mode().equals(mode))
                .findFirst()
                .orElseThrow();
    }

    private static SessionRow session(LockSnapshot snapshot, int pid) {
        return snapshot.sessions().stream()
                .filter(session -> session.pid() == pid)
                .findFirst()
                .orElseThrow();
    }

    private static void run(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static CompletableFuture<Void> start(Connection connection, String sql) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        run(connection, sql);
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    private static long waiting(LockSnapshots snapshots) throws SQLException {
        return snapshots.take().locks().stream()
                .filter(lock -> !lock.granted())
                .mapToInt(LockRow::pid)
                .distinct()
                .count();
    }

    private static void until(LockSnapshots snapshots, int waiters) throws SQLException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (waiting(snapshots) != waiters) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(10));
        }
    }
}
