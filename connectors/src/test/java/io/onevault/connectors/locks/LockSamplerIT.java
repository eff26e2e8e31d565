package io.onevault.connectors.locks;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.target.FreezingProxy;
import io.onevault.connectors.target.ServerTarget;
import io.onevault.connectors.target.SessionLimits;
import io.onevault.connectors.target.SourceRun;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The sampler against real servers with real contention, and against what can go wrong there. */
class LockSamplerIT {

    private static final String MONITOR = "monitor";
    private static final int LATEST = PostgresServer.LATEST_VERSION;
    private static final Map<Integer, PostgresServer> SERVERS = new ConcurrentHashMap<>();

    private final List<Connection> sessions = new ArrayList<>();
    private final List<CompletableFuture<Void>> waits = new ArrayList<>();

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(PostgresServer::close);
        SERVERS.clear();
    }

    @AfterEach
    void release() throws Exception {
        for (Connection session : sessions) {
            if (!session.getAutoCommit()) {
                session.rollback();
            }
        }
        for (CompletableFuture<Void> wait : waits) {
            wait.handle((done, failed) -> null).get(30, TimeUnit.SECONDS);
        }
        for (Connection session : sessions) {
            session.close();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {14, 18})
    void aWaitIsSeenWithinTwoProbesAndSoIsItsEnd(int version) throws Exception {
        PostgresServer server = server(version);
        Duration interval = Duration.ofMillis(500);
        try (SourceRun<LockObservation, LockSplit> run =
                run(
                        options().probeInterval(interval).dangerInterval(Duration.ofHours(1)),
                        target("a", server))) {
            run.await("nobody waits", LockSamplerIT::isQuiet);
            Connection holder = transaction(server, "LOCK TABLE t");
            start(server, "SELECT count(*) FROM t");
            LockObservation blocked = run.await("a wait", seen -> seen.waiters() == 1);
            LockRow wanted =
                    blocked.snapshot().locks().stream()
                            .filter(lock -> !lock.granted())
                            .findFirst()
                            .orElseThrow();
            assertThat(wanted.waitStartMicros()).isPositive();
            assertThat(blocked.snapshot().capturedAtMicros() - wanted.waitStartMicros())
                    .isBetween(0L, 2 * TimeUnit.NANOSECONDS.toMicros(interval.toNanos()));
            assertThat(blocked.timestamp())
                    .isEqualTo(
                            TimeUnit.MICROSECONDS.toMillis(blocked.snapshot().capturedAtMicros()));
            assertThat(blocked.snapshot().target()).isEqualTo("a");

            holder.rollback();
            LockObservation end = run.await("its end", seen -> seen.waiters() == 0);
            assertThat(end.snapshot()).isNotNull();
            assertThat(end.snapshot().locks()).allMatch(LockRow::granted);
            run.await("nobody waits", LockSamplerIT::isQuiet);
            assertThat(run.seen()).extracting(LockObservation::gap).containsOnlyNulls();
            assertThat(run.seen()).isSortedAccordingTo(LockSamplerIT::byTime);
        }
    }

    @Test
    void aQuietServerIsProbedOnlyAndHeardOf() throws Exception {
        PostgresServer server = server(LATEST);
        server.execute(
                "postgres",
                "CREATE EXTENSION IF NOT EXISTS pg_stat_statements",
                "SELECT pg_stat_statements_reset()");
        try (SourceRun<LockObservation, LockSplit> run =
                run(
                        options()
                                .probeInterval(Duration.ofMillis(20))
                                .heartbeat(Duration.ofMillis(200)),
                        target("a", server))) {
            for (int i = 0; i < 8; i++) {
                run.await("a sign of life", LockSamplerIT::isQuiet);
            }
            assertThat(run.seen()).hasSizeLessThan(12);
        }
        try (Connection connection = server.connect("postgres")) {
            long probes = calls(connection, "pg_stat_get_activity");
            assertThat(probes).isGreaterThan(20);
            // What asks for dangerous locks does so at its own, much longer interval.
            assertThat(calls(connection, "%waitstart%")).isZero();
            assertThat(calls(connection, "%FROM pg_catalog.pg_locks%")).isBetween(1L, 3L);
        }
    }

    @Test
    void aDangerousLockIsShownBeforeAnybodyWaitsUntilItIsGone() throws Exception {
        PostgresServer server = server(LATEST);
        try (SourceRun<LockObservation, LockSplit> run =
                run(options().dangerInterval(Duration.ofMillis(300)), target("a", server))) {
            run.await("nobody waits", LockSamplerIT::isQuiet);
            Connection holder = transaction(server, "CREATE INDEX ON t (a)");
            LockObservation shown = run.await("the lock", seen -> seen.snapshot() != null);
            assertThat(shown.waiters()).isZero();
            assertThat(shown.snapshot().locks())
                    .anyMatch(
                            lock ->
                                    lock.mode().equals("ShareLock")
                                            && lock.relationName().equals("public.t"));
            holder.rollback();
            run.await(
                    "that it is gone",
                    seen ->
                            seen.snapshot() != null
                                    && seen.snapshot().locks().stream()
                                            .noneMatch(l -> l.mode().equals("ShareLock")));
            run.await("a sign of life", LockSamplerIT::isQuiet);
            run.await("another", LockSamplerIT::isQuiet);
        }
    }

    @Test
    void whoWroteAndIdlesInATransactionIsShownToo() throws Exception {
        PostgresServer server = server(LATEST);
        try (SourceRun<LockObservation, LockSplit> run =
                run(options().idleHolderAge(Duration.ofMillis(500)), target("a", server))) {
            run.await("nobody waits", LockSamplerIT::isQuiet);
            transaction(server, "INSERT INTO t VALUES (1)");
            LockObservation shown = run.await("the holder", seen -> seen.snapshot() != null);
            assertThat(shown.snapshot().sessions())
                    .anyMatch(session -> session.state().equals("idle in transaction"));
        }
    }

    @Test
    void aTerminatedSessionIsAGapAndOpenedAgain() throws Exception {
        PostgresServer server = server(LATEST);
        try (SourceRun<LockObservation, LockSplit> run = run(options(), target("a", server))) {
            run.await("nobody waits", LockSamplerIT::isQuiet);
            server.execute(
                    "postgres",
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                            + " WHERE application_name = 'onevault-locks'");
            LockObservation gap = run.await("a gap", seen -> seen.gap() != null);
            assertThat(gap.gap().reason()).isEqualTo("UNREACHABLE");
            run.await("it goes on", LockSamplerIT::isQuiet);
            assertThatGapsAreContinuous(run.seen());
        }
    }

    @Test
    void aServerThatIsAwayHoldsUpNoOtherAndComesBackByItself() throws Exception {
        try (PostgresServer lost = start(LATEST);
                SourceRun<LockObservation, LockSplit> run =
                        run(options(), target("lost", lost), target("kept", server(14)))) {
            run.await("lost answers", seen -> seen.target().equals("lost") && isQuiet(seen));
            run.await("kept answers", seen -> seen.target().equals("kept") && isQuiet(seen));
            lost.stop();
            LockObservation gap =
                    run.await("a gap", seen -> seen.target().equals("lost") && seen.gap() != null);
            assertThat(gap.gap().poll()).isEqualTo("locks");
            assertThat(gap.gap().detail()).contains("lost");
            for (int i = 0; i < 4; i++) {
                run.await("kept goes on", seen -> seen.target().equals("kept") && isQuiet(seen));
            }
            lost.start();
            run.await("lost is back", seen -> seen.target().equals("lost") && isQuiet(seen));
            assertThat(run.seen())
                    .filteredOn(seen -> seen.target().equals("kept"))
                    .extracting(LockObservation::gap)
                    .containsOnlyNulls();
            assertThatGapsAreContinuous(
                    run.seen().stream().filter(seen -> seen.target().equals("lost")).toList());
        }
    }

    @Test
    void aConnectionThatFellSilentIsGivenUpInTime() throws Exception {
        PostgresServer server = server(LATEST);
        try (FreezingProxy proxy = new FreezingProxy(server.port());
                SourceRun<LockObservation, LockSplit> run =
                        run(
                                options(),
                                new ServerTarget(
                                        "a",
                                        "jdbc:postgresql://127.0.0.1:" + proxy.port() + "/postgres",
                                        MONITOR,
                                        Secret.NONE))) {
            run.await("nobody waits", LockSamplerIT::isQuiet);
            proxy.freeze(true);
            long frozen = System.nanoTime();
            LockObservation gap = run.await("a gap", seen -> seen.gap() != null);
            assertThat(System.nanoTime() - frozen).isLessThan(TimeUnit.SECONDS.toNanos(12));
            assertThat(gap.gap().reason()).isEqualTo("UNREACHABLE");
            proxy.freeze(false);
            run.await("it goes on", LockSamplerIT::isQuiet);
        }
    }

    @Test
    void withoutPrivilegeItSaysSoOnceAndStillSeesWaits() throws Exception {
        try (PostgresServer server = start(LATEST);
                SourceRun<LockObservation, LockSplit> run = run(options(), target("a", server))) {
            run.await("nobody waits", LockSamplerIT::isQuiet);
            server.execute("postgres", "REVOKE pg_monitor FROM " + MONITOR);
            LockObservation told = run.await("what is missing", seen -> seen.gap() != null);
            assertThat(told.gap().reason()).isEqualTo("PRIVILEGE");
            assertThat(told.gap().detail()).contains("GRANT pg_monitor TO \"monitor\"");
            assertThat(told.gap().from()).isEqualTo(told.gap().to());

            Connection holder = transaction(server, "LOCK TABLE t");
            start(server, "SELECT count(*) FROM t");
            LockObservation blocked = run.await("a wait", seen -> seen.waiters() == 1);
            assertThat(blocked.snapshot().limits()).isNotEmpty();
            server.execute("postgres", "GRANT pg_monitor TO " + MONITOR);
            holder.rollback();
            run.await("its end", seen -> seen.waiters() == 0);
            run.await("nobody waits", LockSamplerIT::isQuiet);
            Connection again = transaction(server, "LOCK TABLE t");
            start(server, "SELECT count(*) FROM t");
            run.await(
                    "a wait with all that is to be seen",
                    seen -> seen.waiters() == 1 && seen.snapshot().limits().isEmpty());
            again.rollback();
            assertThat(run.seen()).filteredOn(seen -> seen.gap() != null).hasSize(1);
            release();
            sessions.clear();
        }
    }

    @Test
    void afterAPauseOfTheJobTheTimeItMissedIsAGap() throws Exception {
        PostgresServer server = server(LATEST);
        List<LockSplit> state;
        try (SourceRun<LockObservation, LockSplit> run = run(options(), target("a", server))) {
            LockObservation last = run.await("nobody waits", LockSamplerIT::isQuiet);
            state = run.snapshot();
            assertThat(state).containsExactly(new LockSplit("a", last.timestamp()));
        }
        try (SourceRun<LockObservation, LockSplit> run =
                new SourceRun<>(
                        sampler(options(), target("a", server)).createReader(SourceRun.context()),
                        state)) {
            LockObservation first = run.await("the first", seen -> true);
            assertThat(first.gap().reason()).isEqualTo("SKIPPED");
            assertThat(first.gap().from()).isEqualTo(state.get(0).accountedUntil());
            LockObservation second = run.await("the second", seen -> true);
            assertThat(second.gap()).isNull();
            assertThat(second.timestamp()).isEqualTo(first.gap().to());
        }
    }

    @Test
    void aStormOfWaitersIsSampledAtLeastOnceASecond() throws Exception {
        int waiters = 300;
        try (PostgresServer server =
                        prepared(PostgresServer.builder(LATEST).setting("max_connections", "350"));
                SourceRun<LockObservation, LockSplit> run = run(options(), target("a", server))) {
            Connection holder = transaction(server, "UPDATE hot SET n = n + 1");
            for (int i = 0; i < waiters; i++) {
                start(server, "UPDATE hot SET n = n + 1");
            }
            run.await("all of them", seen -> seen.waiters() == waiters);
            long begun = run.await("another", seen -> seen.snapshot() != null).timestamp();
            int before = run.seen().size();
            run.await("five seconds", seen -> seen.timestamp() > begun + 5_000);
            List<LockObservation> storm = run.seen().subList(before, run.seen().size());
            assertThat(storm).hasSizeGreaterThanOrEqualTo(6);
            long last = begun;
            for (LockObservation seen : storm) {
                assertThat(seen.waiters()).isEqualTo(waiters);
                assertThat(seen.timestamp() - last).isLessThan(2_000);
                last = seen.timestamp();
            }
            System.out.printf(
                    "storm of %d waiters: %d snapshots in %d ms, %d lock rows each%n",
                    waiters, storm.size(), last - begun, storm.get(0).snapshot().locks().size());
            holder.rollback();
            run.await("the end", seen -> seen.waiters() == 0 && seen.snapshot() != null);
            release();
            sessions.clear();
        }
    }

    /** Every gap begins where the one before ended, and what was seen begins where it ends. */
    private static void assertThatGapsAreContinuous(List<LockObservation> seen) {
        long accounted = 0;
        for (LockObservation one : seen) {
            if (one.gap() != null && accounted > 0) {
                // Signs of life are rarer than looks, so that a gap may begin after the last one.
                assertThat(one.gap().from()).isBetween(accounted, accounted + 2_000);
            }
            accounted = one.gap() != null ? one.gap().to() : one.timestamp();
        }
        assertThat(seen).isSortedAccordingTo(LockSamplerIT::byTime);
    }

    private static int byTime(LockObservation a, LockObservation b) {
        return Long.compare(a.timestamp(), b.timestamp());
    }

    private static boolean isQuiet(LockObservation seen) {
        return seen.snapshot() == null && seen.gap() == null && seen.waiters() == 0;
    }

    private static long calls(Connection connection, String like) throws Exception {
        try (Statement statement = connection.createStatement();
                var row =
                        statement.executeQuery(
                                "SELECT coalesce(sum(calls), 0) FROM pg_stat_statements s"
                                        + " JOIN pg_roles r ON r.oid = s.userid"
                                        + " WHERE r.rolname = 'monitor' AND query LIKE '%"
                                        + like
                                        + "%'")) {
            row.next();
            return row.getLong(1);
        }
    }

    private static LockSamplerOptions.Builder options() {
        return LockSamplerOptions.builder()
                .limits(
                        new SessionLimits(
                                Duration.ofSeconds(2),
                                Duration.ofSeconds(3),
                                Duration.ofMillis(250),
                                Duration.ofSeconds(1)))
                .heartbeat(Duration.ofMillis(300))
                .backoff(Duration.ofMillis(100), Duration.ofMillis(800));
    }

    private static SourceRun<LockObservation, LockSplit> run(
            LockSamplerOptions.Builder options, ServerTarget... targets) {
        List<LockSplit> splits = new ArrayList<>();
        for (ServerTarget target : targets) {
            splits.add(new LockSplit(target.name(), 0));
        }
        return new SourceRun<>(sampler(options, targets).createReader(SourceRun.context()), splits);
    }

    private static LockSampler sampler(
            LockSamplerOptions.Builder options, ServerTarget... targets) {
        return LockSampler.builder().targets(List.of(targets)).options(options.build()).build();
    }

    private static ServerTarget target(String name, PostgresServer server) {
        return new ServerTarget(name, server.jdbcUrl("postgres"), MONITOR, Secret.NONE);
    }

    private Connection transaction(PostgresServer server, String sql) throws Exception {
        Connection session = server.connect("postgres");
        sessions.add(session);
        session.setAutoCommit(false);
        try (Statement statement = session.createStatement()) {
            statement.execute(sql);
        }
        return session;
    }

    /** Runs a statement that will wait, in a thread of its own. */
    private void start(PostgresServer server, String sql) throws Exception {
        Connection session = server.connect("postgres");
        sessions.add(session);
        CompletableFuture<Void> done = new CompletableFuture<>();
        Thread thread =
                new Thread(
                        () -> {
                            try (Statement statement = session.createStatement()) {
                                statement.execute(sql);
                                done.complete(null);
                            } catch (Exception e) {
                                done.completeExceptionally(e);
                            }
                        },
                        "waiter");
        thread.setDaemon(true);
        thread.start();
        waits.add(done);
    }

    private static PostgresServer server(int version) {
        return SERVERS.computeIfAbsent(version, LockSamplerIT::start);
    }

    private static PostgresServer start(int version) {
        return prepared(PostgresServer.builder(version));
    }

    private static PostgresServer prepared(PostgresServer.Builder builder) {
        PostgresServer server = builder.start();
        server.execute(
                "postgres",
                "CREATE ROLE " + MONITOR + " LOGIN",
                "GRANT pg_monitor TO " + MONITOR,
                "CREATE TABLE t (a int)",
                "CREATE TABLE hot (n int)",
                "INSERT INTO hot VALUES (0)");
        return server;
    }
}
