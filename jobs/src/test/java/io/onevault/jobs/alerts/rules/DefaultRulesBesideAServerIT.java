package io.onevault.jobs.alerts.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.onevault.connectors.polling.Reading;
import io.onevault.connectors.polling.host.HostProbe;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.DefaultRules;
import io.onevault.jobs.testing.LateProxy;
import io.onevault.jobs.testing.PgBouncer;
import io.onevault.jobs.testing.Standby;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.testing.Until;
import java.io.OutputStream;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The default rules about what stands beside a server, which are its network, a standby, a pool and
 * its host, and about who blocks others. Real trouble is made there, the rules fire by what the
 * collector sees of it, and clear when it is over.
 *
 * <p>Thresholds are those of a deployment but for what would take minutes (lags, blocking) or
 * depends on the machine (disk, memory, CPU); how long trouble must hold is left out, see {@link
 * DefaultRules}. {@link DefaultRulesOnAServerIT} has what happens in the server. Memory and CPU are
 * skipped where the machine has no room for more trouble.
 */
@Timeout(value = 4, unit = TimeUnit.MINUTES)
class DefaultRulesBesideAServerIT {

    private static final Set<String> OF_NETWORK =
            Set.of("server-slow", "poll-slow", "pipeline-lag");
    private static final Set<String> OF_LATE_STANDBY = Set.of("standby-late", "replication-lag");
    private static final Set<String> OF_LONE_STANDBY = Set.of("standby-cut-off");
    private static final Set<String> OF_FULL_POOL = Set.of("pool-waiting", "pool-wait");
    private static final Set<String> OF_CLOSED_POOL = Set.of("pool-paused", "pool-disabled");
    private static final Set<String> OF_BLOCKING = Set.of("blocking", "blocking-many");
    private static final Set<String> OF_DISK = Set.of("disk", "disk-filling");
    private static final Set<String> OF_MEMORY = Set.of("memory");
    private static final Set<String> OF_CPU = Set.of("cpu");

    /** What is shown here. */
    static final Set<String> RULES =
            Stream.of(
                            OF_NETWORK,
                            OF_LATE_STANDBY,
                            OF_LONE_STANDBY,
                            OF_FULL_POOL,
                            OF_CLOSED_POOL,
                            OF_BLOCKING,
                            OF_DISK,
                            OF_MEMORY,
                            OF_CPU)
                    .flatMap(Set::stream)
                    .collect(Collectors.toUnmodifiableSet());

    private static final String DB = "postgres";

    /** Sessions that wait; from ten on the rule warns. */
    private static final int MANY = 11;

    /** Bytes of memory, many enough to be told from what others take and give back. */
    private static final int TAKEN = 800_000_000;

    private static final double PERCENT = 100;

    private static final ExecutorService THREADS = Executors.newCachedThreadPool();

    @TempDir static Path work;
    @TempDir static Path poolFolder;

    private static TestVault vault;
    private static DefaultRules rules;
    private static PostgresServer primary;
    private static PostgresServer standby;
    private static LateProxy toCollector;
    private static LateProxy toStandby;
    private static @Nullable PgBouncer pool;
    private static Path disk;
    private static LocalFlink flink;
    private static JobID job;

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.start();
        rules = new DefaultRules(vault);
        rules.warn("replication-lag", 2);
        rules.warn("standby-late", 2);
        rules.warn("pipeline-lag", 2_000);
        rules.warn("blocking", 2);
        for (String ofHost : List.of("disk", "disk-filling", "memory", "cpu")) {
            rules.warn(ofHost, 1_000);
        }
        vault.hearRules();
        primary =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("wal_keep_size", "256MB")
                        .start();
        primary.execute(
                DB,
                "CREATE ROLE collector LOGIN PASSWORD 'secret' IN ROLE pg_monitor",
                "CREATE TABLE orders (id int)");
        toCollector = new LateProxy(primary.port());
        toStandby = new LateProxy(primary.port());
        standby = Standby.of(primary, toStandby.port());
        if (PgBouncer.program().isPresent()) {
            pool = PgBouncer.start(poolFolder, primary.port(), DB, List.of("collector"));
        }
        // A file system of its own, where nobody else writes much.
        Path memory = Path.of("/dev/shm");
        disk = Files.createTempDirectory(Files.isWritable(memory) ? memory : work, "onevault-");
        flink = LocalFlink.start(work);
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        OneVaultJob.compose(env, config());
        job = flink.submit(env);
        vault.await(
                "all to be seen, with the rules",
                "SELECT count(DISTINCT target_name || ' ' || metric_name) = "
                        + (pool == null ? 4 : 6)
                        + " FROM system_health_s WHERE rule_version > 0 AND (target_name,"
                        + " metric_name) IN (('shop', 'target_latency_ms'), ('shop',"
                        + " 'disk_usage_pct'), ('shop', 'replication_replay_lag_seconds'),"
                        + " ('replica', 'standby_receiving'), ('pool',"
                        + " 'pgbouncer_clients_waiting'), ('pool', 'pgbouncer_database_paused'))");
    }

    @AfterAll
    static void stop() throws Exception {
        THREADS.shutdownNow();
        flink.cancel(job);
        flink.close();
        Files.delete(disk);
        if (pool != null) {
            pool.close();
        }
        standby.close();
        toStandby.close();
        toCollector.close();
        primary.close();
        vault.close();
    }

    private static OneVaultConfig config() throws Exception {
        PgBouncer bouncer = pool;
        String ofPool =
                bouncer == null
                        ? ""
                        : "  - {name: pool, kind: pgbouncer, url: \"%s\", user: collector}"
                                .formatted(bouncer.consoleUrl());
        Path file =
                Files.writeString(
                        work.resolve("onevault.yaml"),
                        """
                        vault: {url: "%s", user: pipeline, password: secret}
                        targets:
                          - {name: shop, url: "jdbc:postgresql://127.0.0.1:%d/postgres",
                             user: collector, password: secret, host_metrics: true,
                             data_directory: "%s"}
                          - {name: replica, url: "%s", user: collector, password: secret}
                        %s
                        polling:
                          intervals: {target: 1s, replication: 1s, host: 1s, pgbouncer_pools: 1s,
                            pgbouncer_databases: 1s}
                          disabled: [activity, archiver, checkpoints, database, index_definitions,
                            indexes, io, locks, progress, sequences, settings, slots,
                            statement_texts, statements, tables, tenants, wal, xid]
                        windows: {size: 2s}
                        locks: {log: false}
                        alerts: {flap_count: 100}
                        job:
                          capabilities: [metrics, locks, alerts]
                          parallelism: 1
                          checkpoint_interval: 5s
                        """
                                .formatted(
                                        vault.jdbcUrl(),
                                        toCollector.port(),
                                        disk,
                                        standby.jdbcUrl(DB),
                                        ofPool));
        return OneVaultConfig.read(file);
    }

    @BeforeEach
    void calm() throws SQLException {
        rules.begin();
    }

    @Test
    void aSlowNetworkMakesAnswersPollsAndThePipelineLate() throws SQLException {
        toCollector.delayAnswers(Duration.ofMillis(5_200));
        rules.awaitFiring(OF_NETWORK);
        toCollector.delayAnswers(Duration.ZERO);
        rules.awaitInOrder(OF_NETWORK);
    }

    @Test
    void aStandbyIsLateAndCutOff() throws Exception {
        standby.execute(DB, "SELECT pg_wal_replay_pause()");
        try {
            primary.execute(DB, "INSERT INTO orders VALUES (1)");
            rules.awaitFiring(OF_LATE_STANDBY);
        } finally {
            standby.execute(DB, "SELECT pg_wal_replay_resume()");
        }
        rules.awaitInOrder(OF_LATE_STANDBY);
        toStandby.cut();
        rules.awaitFiring(OF_LONE_STANDBY);
        toStandby.mend();
        rules.awaitInOrder(OF_LONE_STANDBY);
    }

    @Test
    void clientsWaitForAPoolThatIsUsedUpPausedAndDisabled() throws Exception {
        PgBouncer bouncer = pool;
        assumeTrue(bouncer != null, "pgbouncer is not installed");
        try (Connection holder = bouncer.connect("collector");
                Statement held = holder.createStatement();
                Connection client = bouncer.connect("collector");
                Statement waiting = client.createStatement()) {
            holder.setAutoCommit(false);
            held.execute("SELECT 1");
            CompletableFuture<Boolean> answer = later(waiting, "SELECT 2");
            rules.awaitFiring(OF_FULL_POOL);
            holder.commit();
            assertThat(answer.get(1, TimeUnit.MINUTES)).isTrue();
        }
        rules.awaitInOrder(OF_FULL_POOL);
        bouncer.command("DISABLE " + DB);
        bouncer.command("PAUSE " + DB);
        rules.awaitFiring(OF_CLOSED_POOL);
        bouncer.command("RESUME " + DB);
        bouncer.command("ENABLE " + DB);
        rules.awaitInOrder(OF_CLOSED_POOL);
    }

    @Test
    void aSessionBlocksMany() throws Exception {
        List<Connection> waiters = new ArrayList<>();
        try (Connection root = primary.connect(DB);
                Statement holding = root.createStatement()) {
            root.setAutoCommit(false);
            holding.execute("LOCK TABLE orders");
            List<CompletableFuture<Boolean>> waiting = new ArrayList<>();
            for (int i = 0; i < MANY; i++) {
                Connection waiter = primary.connect(DB);
                waiters.add(waiter);
                waiting.add(later(waiter.createStatement(), "SELECT 1 FROM orders"));
            }
            rules.awaitFiring(OF_BLOCKING);
            root.commit();
            for (CompletableFuture<Boolean> answer : waiting) {
                assertThat(answer.get(1, TimeUnit.MINUTES)).isTrue();
            }
        } finally {
            for (Connection waiter : waiters) {
                waiter.close();
            }
        }
        rules.awaitInOrder(OF_BLOCKING);
    }

    private static CompletableFuture<Boolean> later(Statement statement, String sql) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return statement.execute(sql);
                    } catch (SQLException e) {
                        throw new IllegalStateException(e);
                    }
                },
                THREADS);
    }

    @Test
    void aFileFillsTheDisk() throws Exception {
        FileStore store = Files.getFileStore(disk);
        long size = Math.min(store.getUsableSpace() / 4, 200_000_000);
        double share = PERCENT * size / store.getTotalSpace();
        double used = PERCENT - PERCENT * store.getUsableSpace() / store.getTotalSpace();
        rules.warn("disk-filling", share / 2);
        rules.warn("disk", used + share / 2);
        Path file = disk.resolve("filling");
        try (OutputStream out = Files.newOutputStream(file)) {
            byte[] piece = new byte[1 << 20];
            for (long written = 0; written < size; written += piece.length) {
                out.write(piece);
            }
            rules.awaitFiring(OF_DISK);
        } finally {
            Files.delete(file);
        }
        rules.awaitInOrder(OF_DISK);
    }

    @Test
    void aProgramTakesMemory() throws SQLException {
        assumeTrue(
                host("memory_available_bytes").value() > 2.0 * TAKEN,
                "there is too little memory left to take some");
        double half = PERCENT * TAKEN / host("memory_total_bytes").value() / 2;
        rules.warn("memory", host("memory_usage_pct").value() + half);
        List<ByteBuffer> taken = new ArrayList<>();
        long before = direct().getMemoryUsed();
        taken.add(ByteBuffer.allocateDirect(TAKEN));
        rules.awaitFiring(OF_MEMORY);
        // Others may have taken some meanwhile, or given it back.
        rules.warn("memory", host("memory_usage_pct").value() - half);
        taken.clear();
        Until.holds(
                "the memory to be given back",
                () -> {
                    System.gc();
                    return direct().getMemoryUsed() < before + TAKEN / 2;
                });
        rules.awaitInOrder(OF_MEMORY);
    }

    private static BufferPoolMXBean direct() {
        return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
                .filter(buffers -> buffers.getName().equals("direct"))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void programsKeepTheProcessorsBusy() throws Exception {
        double before = busy();
        AtomicBoolean enough = new AtomicBoolean();
        double threshold;
        try {
            for (int i = 0; i < Runtime.getRuntime().availableProcessors(); i++) {
                THREADS.execute(
                        () -> {
                            while (!enough.get()) {
                                Thread.onSpinWait();
                            }
                        });
            }
            double busy = busy();
            assumeTrue(busy > before + 15, "the processors were busy before");
            threshold = (before + busy) / 2;
            rules.warn("cpu", threshold);
            rules.awaitFiring(OF_CPU);
        } finally {
            enough.set(true);
        }
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        double after = busy();
        while (after >= threshold && System.nanoTime() < deadline) {
            after = busy();
        }
        assumeTrue(after < threshold, "others keep the processors busy");
        rules.awaitInOrder(OF_CPU);
    }

    /** Share of the processors' time within a second that was spent on work. */
    private static double busy() {
        Reading before = host("cpu_usage_pct");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        Until.holds("a second to pass", () -> System.nanoTime() > end);
        Reading after = host("cpu_usage_pct");
        return (after.value() - before.value()) / (after.per() - before.per());
    }

    private static Reading host(String metric) {
        return new HostProbe()
                .read("").stream()
                        .filter(reading -> reading.metric().equals(metric))
                        .findFirst()
                        .orElseThrow();
    }
}
