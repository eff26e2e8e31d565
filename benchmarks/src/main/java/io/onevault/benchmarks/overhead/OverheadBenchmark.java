package io.onevault.benchmarks.overhead;

import io.onevault.benchmarks.Benchmark;
import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.Rounds;
import io.onevault.benchmarks.RunOptions;
import io.onevault.connectors.secret.Secret;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.capacity.TenantGrowthSettings;
import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.config.Capability;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.metrics.WindowSettings;
import io.onevault.jobs.vault.Pseudonyms;
import io.onevault.sql.VaultDeployer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;

/**
 * What a server pays for being watched: throughput and latency of pgbench with the whole job
 * running at default intervals, against pgbench alone, in turn. The vault is another server, Flink
 * runs idle in between. All share this machine, so that the collector's and the vault's own work
 * counts against the watched server, as it would not with a machine of their own.
 */
public final class OverheadBenchmark implements Benchmark {

    private static final String WATCHED = "pgbench";
    private static final String VAULT = "vault";
    private static final String PASSWORD = "secret";
    private static final int CLIENTS = 50;
    private static final int QUICK_CLIENTS = 4;
    private static final int SCALE = 50;
    private static final int QUICK_SCALE = 1;
    private static final int SECONDS = 15;
    private static final int QUICK_SECONDS = 2;

    /** For connections, first polls and class loading, which happen once in a job's life. */
    private static final Duration SETTLING = Duration.ofSeconds(5);

    private static final Duration QUICK_SETTLING = Duration.ofMillis(500);

    @Override
    public String name() {
        return "overhead";
    }

    @Override
    public String description() {
        return "pgbench with 50 clients, watched beside alone";
    }

    /** Whether this machine has pgbench. */
    public static boolean isPossible() throws IOException {
        return Pgbench.search().isPresent();
    }

    @Override
    public List<Result> run(RunOptions options) throws Exception {
        Path program = Pgbench.find();
        Path folder = Files.createTempDirectory("onevault-overhead");
        try (AutoCloseable cleaning = () -> delete(folder);
                PostgresServer watched =
                        PostgresServer.builder(PostgresServer.LATEST_VERSION)
                                .setting("shared_buffers", "1GB")
                                .setting("max_wal_size", "8GB")
                                .setting("checkpoint_timeout", "1h")
                                .start();
                PostgresServer vault = PostgresServer.startLatest();
                LocalFlink flink = LocalFlink.start(folder.resolve("flink"))) {
            options.progress().accept("Preparing servers for " + program);
            prepare(watched, vault);
            Path logs = Files.createDirectories(folder.resolve("logs"));
            Pgbench pgbench = new Pgbench(program, watched, WATCHED, logs);
            pgbench.fill(options.quick() ? QUICK_SCALE : SCALE);
            return measure(pgbench, flink, config(watched, vault), options);
        }
    }

    private static List<Result> measure(
            Pgbench pgbench, LocalFlink flink, OneVaultConfig config, RunOptions options)
            throws Exception {
        int clients = options.quick() ? QUICK_CLIENTS : CLIENTS;
        int seconds = options.quick() ? QUICK_SECONDS : SECONDS;
        Duration settling = options.quick() ? QUICK_SETTLING : SETTLING;
        options.progress()
                .accept(
                        options.rounds()
                                + " rounds of twice "
                                + seconds
                                + " s, "
                                + clients
                                + " clients");
        List<Double> aloneP95 = new ArrayList<>();
        List<Double> watchedP95 = new ArrayList<>();
        Rounds.Medians throughput =
                new Rounds()
                        .with(
                                "alone",
                                () -> {
                                    Pgbench.Run run = pgbench.load(clients, seconds);
                                    aloneP95.add(run.p95Millis());
                                    return run.transactionsPerSecond();
                                })
                        .with(
                                "watched",
                                () -> {
                                    JobID job = submit(flink, config);
                                    LockSupport.parkNanos(settling.toNanos());
                                    Pgbench.Run run = pgbench.load(clients, seconds);
                                    flink.cancel(job);
                                    flink.awaitEnd(job);
                                    watchedP95.add(run.p95Millis());
                                    return run.transactionsPerSecond();
                                })
                        .run(options.rounds());
        return List.of(
                Result.against(
                        "throughput, watched",
                        throughput.of("watched"),
                        "transactions/s",
                        "pgbench alone",
                        throughput.of("alone")),
                Result.against(
                        "p95 latency, watched",
                        lastRounds(watchedP95, options.rounds()),
                        "ms",
                        "pgbench alone",
                        lastRounds(aloneP95, options.rounds())));
    }

    /** The median of the rounds that count, which come after the one that warms up. */
    private static double lastRounds(List<Double> figures, int rounds) {
        return Rounds.median(
                figures.stream()
                        .skip(figures.size() - rounds)
                        .mapToDouble(Double::doubleValue)
                        .toArray());
    }

    private static JobID submit(LocalFlink flink, OneVaultConfig config) throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        OneVaultJob.compose(env, config);
        return flink.submit(env);
    }

    private static void prepare(PostgresServer watched, PostgresServer vault) {
        watched.createDatabase(WATCHED);
        watched.execute(
                WATCHED,
                "CREATE EXTENSION pg_stat_statements",
                "CREATE ROLE collector LOGIN PASSWORD '" + PASSWORD + "' IN ROLE pg_monitor");
        vault.createDatabase(VAULT);
        new VaultDeployer(vault.jdbcUrl(VAULT), PostgresServer.SUPERUSER, () -> "").deploy();
        vault.execute(
                VAULT,
                "CREATE ROLE pipeline LOGIN PASSWORD '" + PASSWORD + "' IN ROLE onevault_writer");
    }

    private static OneVaultConfig config(PostgresServer watched, PostgresServer vault) {
        Secret password = Secret.of(PASSWORD);
        return new OneVaultConfig(
                new OneVaultConfig.Vault(
                        vault.jdbcUrl(VAULT),
                        "pipeline",
                        password,
                        PostgresServer.SUPERUSER,
                        Secret.NONE,
                        5_000,
                        Duration.ofMillis(200),
                        200_000,
                        null,
                        Pseudonyms.NONE),
                List.of(
                        new OneVaultConfig.Target(
                                "watched",
                                OneVaultConfig.TargetKind.POSTGRES,
                                watched.jdbcUrl(WATCHED),
                                "collector",
                                password,
                                true,
                                watched.directory().resolve("data").toString(),
                                "",
                                "",
                                null)),
                new OneVaultConfig.Polling(Map.of(), Set.of(), null),
                WindowSettings.DEFAULT,
                TenantGrowthSettings.DEFAULT,
                ForecastSettings.DEFAULT,
                OneVaultConfig.Locks.DEFAULT,
                OneVaultConfig.Alerts.DEFAULT,
                new OneVaultConfig.Job(
                        Set.of(Capability.METRICS, Capability.LOCKS),
                        1,
                        Duration.ofSeconds(10),
                        null,
                        1,
                        OneVaultConfig.StateBackend.HASHMAP,
                        "onevault-overhead"));
    }

    private static void delete(Path root) throws IOException {
        List<Path> found;
        try (Stream<Path> files = Files.walk(root)) {
            found = files.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : found) {
            Files.deleteIfExists(path);
        }
    }
}
