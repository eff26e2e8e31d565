package io.onevault.jobs.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.cdc.ChangeCapture;
import io.onevault.connectors.probe.ChangeCaptureDeployer;
import io.onevault.connectors.probe.Server;
import io.onevault.connectors.secret.Secret;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.testing.TestVault;
import java.io.IOException;
import java.net.URI;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Changes of a busy database reach the vault once each, while every process there is gets killed:
 * TaskManager, JobManager, the watched server, the session that reads its log, the vault.
 *
 * <p>The seed of the schedule is printed; {@code -Donevault.test.seed=…} repeats it.
 */
class ChangeClusterIT {

    private static final Path JAR = Path.of("target", "onevault-jobs.jar").toAbsolutePath();
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final int ENOUGH = 200;

    private enum Fault {
        TASK_MANAGER_KILLED,
        JOB_MANAGER_KILLED,
        SESSION_TERMINATED,
        SERVER_CRASHED,
        SERVER_RESTARTED,
        VAULT_CRASHED
    }

    @TempDir private Path work;

    @Test
    void theLedgerEqualsWhatReachedTheVault() throws Exception {
        long seed = Long.getLong("onevault.test.seed", System.nanoTime());
        report("seed %d", seed);
        try (PostgresServer watched = PostgresServer.startLatest();
                PostgresServer vault = vault();
                StandaloneCluster cluster =
                        StandaloneCluster.start(
                                work.resolve("cluster"),
                                Path.of("..", "flink-conf"),
                                Path.of("target", "change-cluster-logs").toAbsolutePath(),
                                2)) {
            ChangeLedger.create(watched);
            prepareChanges(watched);
            String job =
                    cluster.submit(
                            jarWithLedgerJob(),
                            ChangeLedgerJob.class.getName(),
                            configuration(watched, vault));
            Await.until(
                    "the snapshot", LIMIT, () -> rows(vault, "READ") == ChangeLedger.INITIAL_ROWS);
            try (ChangeLedger ledger = ChangeLedger.start(watched, seed)) {
                awaitFurther(vault, "streaming");
                List<Fault> schedule = new ArrayList<>(List.of(Fault.values()));
                Random random = new Random(seed);
                Collections.shuffle(schedule, random);
                for (Fault fault : schedule) {
                    Await.whileHolding(
                            "running",
                            Duration.ofMillis(random.nextInt(1_500)),
                            () -> cluster.rest().isRunning(job));
                    long begin = System.nanoTime();
                    inflict(fault, cluster, job, watched, vault);
                    awaitFurther(vault, fault.toString());
                    report(
                            "%s: further changes in the vault after %d ms",
                            fault, Duration.ofNanos(System.nanoTime() - begin).toMillis());
                }
            }
            Map<String, Integer> made = ChangeLedger.made(watched);
            int all = made.values().stream().mapToInt(Integer::intValue).sum();
            Await.until("all changes", LIMIT, () -> streamed(vault) >= all);
            cluster.drain(job);

            assertThat(ChangeLedger.stored(vault)).isEqualTo(made);
            assertThat(rows(vault, "READ")).isEqualTo(ChangeLedger.INITIAL_ROWS);
            assertThat(texts(vault, "SELECT DISTINCT reason FROM monitoring.collection_gap_s"))
                    .as("the slot never stood beyond the position that was resumed")
                    .isSubsetOf("UNREACHABLE");
            assertThat(
                            texts(
                                    vault,
                                    "SELECT reason FROM monitoring.dead_letter UNION ALL SELECT"
                                            + " reason FROM monitoring.change_dead_letter_s"))
                    .isEmpty();
            report("%d changes, each once", all);
        }
    }

    private static void inflict(
            Fault fault,
            StandaloneCluster cluster,
            String job,
            PostgresServer watched,
            PostgresServer vault)
            throws Exception {
        switch (fault) {
            case TASK_MANAGER_KILLED -> {
                String reading =
                        cluster.rest().taskManagersOf(job, "read-changes").iterator().next();
                cluster.killTaskManager(reading);
                cluster.startTaskManager();
                cluster.awaitTaskManagers(2);
            }
            case JOB_MANAGER_KILLED -> {
                cluster.killJobManager();
                cluster.startJobManager();
                Await.until("the job", LIMIT, () -> cluster.rest().isRunning(job));
            }
            case SESSION_TERMINATED ->
                    watched.execute(
                            ChangeLedger.DATABASE,
                            "SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots");
            case SERVER_CRASHED -> {
                watched.crash();
                watched.start();
            }
            case SERVER_RESTARTED -> watched.restart();
            case VAULT_CRASHED -> {
                vault.crash();
                vault.start();
            }
        }
    }

    private static PostgresServer vault() {
        PostgresServer vault = TestVault.start().server();
        vault.execute(
                "vault",
                """
                CREATE TABLE monitoring.ledger_change_h (ledger_change_hk BYTEA PRIMARY KEY,
                    ledger_change_bk TEXT, tenant_hk BYTEA, load_date TIMESTAMPTZ, record_source TEXT)\
                """,
                """
                CREATE TABLE monitoring.ledger_change_s (ledger_change_hk BYTEA, load_date TIMESTAMPTZ,
                    load_end_date TIMESTAMPTZ, hash_diff BYTEA, operation TEXT, id TEXT, amount TEXT,
                    record_source TEXT, PRIMARY KEY (ledger_change_hk, load_date))
                    PARTITION BY RANGE (load_date)\
                """,
                "SELECT util.secure_schema('monitoring')");
        return vault;
    }

    private static void prepareChanges(PostgresServer watched) {
        assertThat(
                        ChangeCaptureDeployer.deploy(
                                        new Server(
                                                watched.jdbcUrl(ChangeLedger.DATABASE),
                                                PostgresServer.SUPERUSER,
                                                Secret.NONE),
                                        new ChangeCapture(
                                                "onevault_ledger",
                                                "onevault_ledger",
                                                List.of("public.account"),
                                                List.of()))
                                .findings())
                .isEmpty();
        watched.execute(
                ChangeLedger.DATABASE,
                "CREATE ROLE reader LOGIN REPLICATION",
                "GRANT SELECT ON account TO reader");
    }

    private Path configuration(PostgresServer watched, PostgresServer vault) throws IOException {
        return Files.writeString(
                work.resolve("ledger.yaml"),
                """
                vault: {url: "%s", user: pipeline, rules: {enabled: false}}
                targets:
                  - name: ledger
                    url: %s
                    user: reader
                    changes: {tables: [public.account]}
                job: {name: changes, parallelism: 1, checkpoint_interval: 500ms}
                """
                        .formatted(vault.jdbcUrl("vault"), watched.jdbcUrl(ChangeLedger.DATABASE)));
    }

    /** The deployable jar and, beside its classes, the one of the test's job. */
    private Path jarWithLedgerJob() throws IOException {
        Path jar = Files.copy(JAR, work.resolve("ledger-job.jar"));
        Path classes = Path.of("target", "test-classes");
        String folder = ChangeLedgerJob.class.getPackageName().replace('.', '/');
        try (FileSystem inside =
                        FileSystems.newFileSystem(URI.create("jar:" + jar.toUri()), Map.of());
                Stream<Path> files = Files.list(classes.resolve(folder))) {
            Files.createDirectories(inside.getPath(folder));
            for (Path file :
                    files.filter(f -> f.getFileName().toString().startsWith("ChangeLedgerJob"))
                            .toList()) {
                Files.copy(file, inside.getPath(folder, file.getFileName().toString()));
            }
        }
        return jar;
    }

    private static void awaitFurther(PostgresServer vault, String after) throws Exception {
        long before = streamed(vault);
        Await.until(
                "further changes after " + after, LIMIT, () -> streamed(vault) >= before + ENOUGH);
    }

    private static long streamed(PostgresServer vault) throws SQLException {
        return Long.parseLong(
                texts(
                                vault,
                                "SELECT count(*) FROM monitoring.ledger_change_s WHERE operation <>"
                                        + " 'READ'")
                        .get(0));
    }

    private static long rows(PostgresServer vault, String operation) throws SQLException {
        return Long.parseLong(
                texts(
                                vault,
                                "SELECT count(*) FROM monitoring.ledger_change_s WHERE operation ="
                                        + " '"
                                        + operation
                                        + "'")
                        .get(0));
    }

    private static List<String> texts(PostgresServer server, String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = server.connect("vault");
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        return texts;
    }

    @SuppressWarnings("SystemOut")
    private static void report(String format, Object... values) {
        System.out.printf("ChangeClusterIT: " + format + "%n", values);
    }
}
