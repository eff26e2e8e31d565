package io.onevault.benchmarks.overhead;

import io.onevault.benchmarks.Benchmark;
import io.onevault.benchmarks.Result;
import io.onevault.benchmarks.RunOptions;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.local.WorkFolder;
import io.onevault.sql.VaultDeployer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What a server pays for being watched: throughput and latency of one long pgbench run, of which
 * sections are watched by the whole job at default intervals, and sections in between are not.
 *
 * <p>The job is {@code ./onevault run}, up all the time and warm; it stands still in the sections
 * that are not watched, and makes up for missed polls at the beginning of those that are. First
 * with cores of their own for the watched server with pgbench, and for Flink with the vault, as
 * these run elsewhere in production; then with all on the same cores.
 */
public final class OverheadBenchmark implements Benchmark {

    private static final String WATCHED = "pgbench";
    private static final String VAULT = "vault";
    static final String COLLECTOR = "collector";
    static final String WRITER = "pipeline";
    private static final String PASSWORD = "secret";
    private static final int SCALE = 50;
    private static final int QUICK_SCALE = 1;

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
        try (WorkFolder folder = WorkFolder.create("bench-overhead-");
                PostgresServer watched =
                        PostgresServer.builder(PostgresServer.LATEST_VERSION)
                                .setting("shared_buffers", "1GB")
                                .setting("max_wal_size", "8GB")
                                .setting("checkpoint_timeout", "1h")
                                .setting("autovacuum", "off")
                                .setting("logging_collector", "on")
                                .setting("log_destination", "jsonlog")
                                .start();
                PostgresServer vault = PostgresServer.startLatest()) {
            options.progress().accept("Preparing servers for " + program);
            prepare(watched, vault);
            Path logs = Files.createDirectories(folder.path().resolve("logs"));
            Pgbench pgbench = new Pgbench(program, watched, WATCHED, logs);
            pgbench.fill(options.quick() ? QUICK_SCALE : SCALE);
            watched.execute(WATCHED, "CHECKPOINT");
            Path config =
                    Files.writeString(folder.path().resolve("a.yaml"), config(watched, vault));
            try (WatchingProcess job = WatchingProcess.start(config)) {
                return new Comparison(pgbench, job, watched, vault, options).run();
            }
        }
    }

    private static void prepare(PostgresServer watched, PostgresServer vault) {
        watched.createDatabase(WATCHED);
        watched.execute(
                WATCHED,
                "CREATE EXTENSION pg_stat_statements",
                "CREATE ROLE "
                        + COLLECTOR
                        + " LOGIN PASSWORD '"
                        + PASSWORD
                        + "' IN ROLE pg_monitor",
                "GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO "
                        + COLLECTOR);
        vault.createDatabase(VAULT);
        new VaultDeployer(vault.jdbcUrl(VAULT), PostgresServer.SUPERUSER, () -> "").deploy();
        vault.execute(
                VAULT,
                "CREATE ROLE "
                        + WRITER
                        + " LOGIN PASSWORD '"
                        + PASSWORD
                        + "' IN ROLE onevault_writer");
    }

    private static String config(PostgresServer watched, PostgresServer vault) {
        return """
        vault:
          url: %s
          user: %s
          password: %s
          rules: {enabled: false}
        targets:
          - name: watched
            url: %s
            user: %s
            password: %s
            host_metrics: true
            data_directory: %s
        job:
          capabilities: [metrics, locks]
          parallelism: 1
        """
                .formatted(
                        vault.jdbcUrl(VAULT),
                        WRITER,
                        PASSWORD,
                        watched.jdbcUrl(WATCHED),
                        COLLECTOR,
                        PASSWORD,
                        watched.directory().resolve("data"));
    }
}
