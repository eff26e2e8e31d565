package io.onevault.demo;

import io.onevault.connectors.cdc.ChangeCapture;
import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.probe.ChangeCaptureDeployer;
import io.onevault.connectors.probe.Server;
import io.onevault.connectors.probe.ServerFinding;
import io.onevault.connectors.secret.Secret;
import io.onevault.demo.past.PastWriter;
import io.onevault.demo.past.TenantPast;
import io.onevault.demo.past.TruthFile;
import io.onevault.demo.workload.Tenant;
import io.onevault.demo.workload.Workload;
import io.onevault.demo.workload.WorkloadSchema;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.routing.AlertRouting;
import io.onevault.jobs.alerts.rules.RuleTables;
import io.onevault.jobs.capacity.TenantGrowthSettings;
import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.config.Capability;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.local.WorkFolder;
import io.onevault.jobs.metrics.WindowSettings;
import io.onevault.jobs.vault.Pseudonyms;
import io.onevault.sql.RuleProfile;
import io.onevault.sql.VaultDeployer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.JobStatus;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.jspecify.annotations.Nullable;

/**
 * One run of the demo: servers, vault, workload and job, started in order and ended in reverse.
 * Everything it writes is below a work folder that is deleted at the end.
 */
final class DemoRun implements AutoCloseable {

    /** Enough for a short run to have several: the first comes while everything is still cold. */
    private static final double DEADLOCKS_PER_MINUTE = 8;

    private static final String PLATFORM = "one_vault";
    private static final String VAULT = "vault";
    private static final String PASSWORD = "demo";
    private static final Duration WINDOW = Duration.ofSeconds(5);

    /** Faster than anybody would poll a real server: the demo has a minute to show something. */
    private static final Map<String, Duration> POLL_INTERVALS =
            Map.of(
                    "activity", Duration.ofSeconds(1),
                    "database", Duration.ofSeconds(1),
                    "target", Duration.ofSeconds(1),
                    "host", Duration.ofSeconds(2),
                    "wal", Duration.ofSeconds(5),
                    "slots", Duration.ofSeconds(5),
                    "statements", Duration.ofSeconds(5),
                    "tables", Duration.ofSeconds(10));

    /** The tables whose rows are attributed to tenants. */
    private static final ChangeCapture BUSINESS =
            new ChangeCapture(
                    "onevault_demo",
                    "onevault_demo",
                    List.of(
                            "auth.tenant_h",
                            "business.customer_h",
                            "business.customer_profile_s",
                            "business.asset_h",
                            "business.asset_details_s",
                            "business.transaction_h",
                            "business.transaction_details_s",
                            "business.customer_transaction_l",
                            "business.transaction_asset_l"),
                    List.of());

    private static final ChangeCapture RULES =
            new ChangeCapture("onevault_rules", "onevault_rules", RuleTables.HEARD, List.of());

    private static final Duration TOLD_INTERVAL = Duration.ofSeconds(2);

    /** Longer than what passes between two messages of a group. */
    private static final long QUIET_SECONDS = 4;

    private static final long START_SECONDS = 60;
    private static final long DRAIN_SECONDS = 60;

    private final long seed;
    private final PrintStream out;
    private final boolean terminal;
    private final WorkFolder folder;
    private final List<TenantPast> pasts;
    private long pastEnd;
    private @Nullable PostgresServer server;
    private @Nullable LocalFlink flink;
    private @Nullable Workload workload;
    private @Nullable LocalReceivers receivers;

    DemoRun(long seed, PrintStream out, boolean terminal) throws IOException {
        this.seed = seed;
        this.pasts = TenantPast.all(seed);
        this.out = out;
        this.terminal = terminal;
        this.folder = WorkFolder.create("demo-");
    }

    /** Runs the workload for {@code duration}, shows what is found, and counts it. */
    DemoSummary show(Duration duration) throws Exception {
        return interruptibly(() -> run(duration));
    }

    /**
     * Runs a shell's command that can read the vault which was {@linkplain #show shown}.
     *
     * @return its exit code
     */
    int then(String command) throws Exception {
        return interruptibly(
                () -> {
                    out.flush();
                    PostgresServer postgres = Objects.requireNonNull(server, "after show");
                    postgres.execute(
                            VAULT,
                            "CREATE ROLE analyst LOGIN PASSWORD '"
                                    + PASSWORD
                                    + "' IN ROLE onevault_admin",
                            "ALTER ROLE analyst SET default_transaction_read_only = on");
                    Path truth = folder.path().resolve("truth.csv");
                    TruthFile.write(truth, pasts, pastEnd);
                    ProcessBuilder shell = new ProcessBuilder("sh", "-c", command).inheritIO();
                    shell.environment().put("ONEVAULT_VAULT_URL", postgres.jdbcUrl(VAULT));
                    shell.environment().put("ONEVAULT_VAULT_USER", "analyst");
                    shell.environment().put("ONEVAULT_VAULT_PASSWORD", PASSWORD);
                    shell.environment().put("ONEVAULT_DEMO_TRUTH", truth.toString());
                    return shell.start().waitFor();
                });
    }

    /** Whoever ends this process meanwhile leaves no server behind. */
    private <T> T interruptibly(Callable<T> task) throws Exception {
        Thread interrupted = new Thread(this::closeQuietly, "demo-shutdown");
        Runtime.getRuntime().addShutdownHook(interrupted);
        try {
            return task.call();
        } finally {
            removeHook(interrupted);
        }
    }

    private DemoSummary run(Duration duration) throws Exception {
        step("Starting PostgreSQL " + PostgresServer.LATEST_VERSION);
        PostgresServer postgres =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .directory(folder.path().resolve("postgres"))
                        .setting("logging_collector", "on")
                        .setting("log_destination", "jsonlog")
                        // So that the vault can tell when each of its rows could be read.
                        .setting("track_commit_timestamp", "on")
                        .start();
        server = postgres;
        prepareDatabases(postgres);
        step("Writing what the tenants' documents were in the last months");
        pastEnd = writePasts(postgres, pasts);
        step("Starting Flink");
        LocalFlink cluster = LocalFlink.start(folder.path().resolve("flink"), counting());
        flink = cluster;
        LocalReceivers people = LocalReceivers.start();
        receivers = people;
        OneVaultConfig config = config(postgres, people.channels());
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        OneVaultJob.compose(env, config);
        JobID job = cluster.submit(env);
        awaitWatchers(postgres);
        step("Starting the workload");
        Workload clients =
                Workload.builder(postgres.jdbcUrl(PLATFORM))
                        .seed(seed)
                        .deadlocksPerMinute(DEADLOCKS_PER_MINUTE)
                        .start();
        workload = clients;

        try (VaultFigures figures = new VaultFigures(postgres, VAULT, PLATFORM, pasts, pastEnd)) {
            LiveView view = new LiveView(out, terminal, cluster.webAddress());
            long start = System.nanoTime();
            long end = start + duration.toNanos();
            while (System.nanoTime() < end) {
                if (cluster.status(job) == JobStatus.FAILED) {
                    throw new IllegalStateException(
                            "the Flink job failed; see its web interface at "
                                    + cluster.webAddress());
                }
                view.draw(
                        Duration.ofNanos(System.nanoTime() - start),
                        duration,
                        figures.snapshot(),
                        clients.report(),
                        people.messages());
                LockSupport.parkNanos(Math.min(view.interval().toNanos(), end - System.nanoTime()));
            }
            step("Stopping the workload and closing what is open");
            clients.close();
            people.awaitSilence(QUIET_SECONDS);
            awaitChanges(postgres);
            cluster.drain(job, DRAIN_SECONDS);
            DemoSummary summary = figures.summary(ChangeCounters.changes());
            view.end(
                    summary,
                    clients.report(),
                    figures.snapshot(),
                    figures.rowsOfTenants(),
                    people.messages());
            return summary;
        }
    }

    /** Until the job looks at locks and log, so that it misses nothing of the workload. */
    private static void awaitWatchers(PostgresServer postgres) throws SQLException {
        try (Connection connection = postgres.connect(PLATFORM);
                Statement statement = connection.createStatement()) {
            String watching =
                    "SELECT count(DISTINCT application_name) = 2 FROM pg_stat_activity"
                            + " WHERE application_name IN ('onevault-locks', 'onevault-log')";
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
            while (!text(statement, watching).equals("t") && System.nanoTime() < deadline) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(50));
            }
        }
    }

    /** Until the job's checkpoints hold every change there was, or patience ends. */
    private static void awaitChanges(PostgresServer postgres) throws SQLException {
        try (Connection connection = postgres.connect(PLATFORM);
                Statement statement = connection.createStatement()) {
            String end = text(statement, "SELECT pg_current_wal_flush_lsn()");
            String confirmed =
                    "SELECT confirmed_flush_lsn >= '%s' FROM pg_replication_slots WHERE slot_name = '%s'"
                            .formatted(end, BUSINESS.slot());
            long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(DRAIN_SECONDS);
            while (!text(statement, confirmed).equals("t") && System.nanoTime() < deadline) {
                LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(200));
            }
        }
    }

    private static String text(Statement statement, String query) throws SQLException {
        try (ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getString(1);
        }
    }

    private static Configuration counting() {
        Configuration configuration = new Configuration();
        configuration.setString("metrics.reporters", "changes");
        configuration.setString(
                "metrics.reporter.changes.factory.class", ChangeCounters.Factory.class.getName());
        return configuration;
    }

    private void prepareDatabases(PostgresServer postgres) throws SQLException {
        postgres.createDatabase(PLATFORM);
        postgres.createDatabase(VAULT);
        postgres.execute(
                PLATFORM,
                "CREATE EXTENSION pg_stat_statements",
                "CREATE ROLE collector LOGIN REPLICATION PASSWORD '"
                        + PASSWORD
                        + "' IN ROLE pg_monitor, pg_read_all_data",
                "GRANT EXECUTE ON FUNCTION pg_read_binary_file(text, bigint, bigint, boolean) TO"
                        + " collector");
        step("Creating the platform of six tenants");
        try (Connection connection = postgres.connect(PLATFORM)) {
            WorkloadSchema.create(connection, seed);
        }
        step("Deploying the vault");
        new VaultDeployer(postgres.jdbcUrl(VAULT), PostgresServer.SUPERUSER, () -> "").deploy();
        postgres.execute(
                VAULT,
                "CREATE ROLE pipeline LOGIN REPLICATION PASSWORD '"
                        + PASSWORD
                        + "' IN ROLE onevault_writer");
        DemoRules.insert(postgres, VAULT);
        capture(postgres.jdbcUrl(PLATFORM), BUSINESS);
        capture(postgres.jdbcUrl(VAULT), RULES);
    }

    /** Before the job starts, which reads them back as the vault's own memory. */
    private static long writePasts(PostgresServer postgres, List<TenantPast> pasts)
            throws SQLException {
        try (Connection connection = postgres.connect(VAULT, "pipeline", PASSWORD)) {
            PastWriter writer = new PastWriter(connection, System.currentTimeMillis());
            writer.write(pasts);
            return writer.end();
        }
    }

    private static void capture(String url, ChangeCapture capture) {
        List<ServerFinding> problems =
                ChangeCaptureDeployer.deploy(
                                new Server(url, PostgresServer.SUPERUSER, Secret.NONE), capture)
                        .findings();
        if (!problems.isEmpty()) {
            throw new IllegalStateException(problems.toString());
        }
    }

    private static OneVaultConfig.Changes changes(ChangeCapture capture, String user) {
        return new OneVaultConfig.Changes(
                capture, user, Secret.of(PASSWORD), PostgresServer.SUPERUSER, Secret.NONE);
    }

    /** Alerts go to everybody, an interval that is shorter than people would want it. */
    private static OneVaultConfig.Alerts alerts(List<ChannelOptions> channels) {
        return new OneVaultConfig.Alerts(
                LifecycleSettings.DEFAULT,
                new AlertRouting(
                        channels,
                        channels.stream().map(ChannelOptions::name).toList(),
                        Map.of(),
                        AlertRouting.DEFAULT_WAIT,
                        TOLD_INTERVAL,
                        ""),
                RuleProfile.PRODUCTION);
    }

    private static OneVaultConfig config(PostgresServer postgres, List<ChannelOptions> channels) {
        Secret password = Secret.of(PASSWORD);
        return new OneVaultConfig(
                new OneVaultConfig.Vault(
                        postgres.jdbcUrl(VAULT),
                        "pipeline",
                        password,
                        PostgresServer.SUPERUSER,
                        Secret.NONE,
                        5_000,
                        Duration.ofMillis(200),
                        200_000,
                        changes(RULES, "pipeline"),
                        new Pseudonyms(password, true)),
                List.of(
                        new OneVaultConfig.Target(
                                "demo",
                                OneVaultConfig.TargetKind.POSTGRES,
                                postgres.jdbcUrl(PLATFORM),
                                "collector",
                                password,
                                true,
                                postgres.directory().resolve("data").toString(),
                                tenantRoles(),
                                "",
                                changes(BUSINESS, "collector"))),
                new OneVaultConfig.Polling(POLL_INTERVALS, Set.of(), null),
                new WindowSettings(
                        WINDOW,
                        Duration.ofSeconds(15),
                        Duration.ofSeconds(60),
                        Duration.ofMinutes(30)),
                TenantGrowthSettings.DEFAULT.withPeriod(WINDOW),
                new ForecastSettings(
                        WINDOW,
                        Duration.ofMinutes(1),
                        Duration.ofSeconds(5),
                        ForecastSettings.DEFAULT.historyDays(),
                        ForecastSettings.DEFAULT.expiry(),
                        ForecastSettings.DEFAULT.warning(),
                        ForecastSettings.DEFAULT.critical(),
                        true),
                OneVaultConfig.Locks.DEFAULT,
                alerts(channels),
                new OneVaultConfig.Job(
                        Set.of(Capability.values()),
                        2,
                        Duration.ofSeconds(5),
                        null,
                        1,
                        OneVaultConfig.StateBackend.HASHMAP,
                        "onevault-demo"));
    }

    /** Tenants log in as {@code app_<tenant>}, the platform's own applications as well. */
    private static String tenantRoles() {
        return Tenant.ALL.stream()
                .map(Tenant::name)
                .collect(Collectors.joining("|", "^app_(", ")$"));
    }

    private void step(String what) {
        out.println(what + " …");
    }

    @Override
    public void close() throws Exception {
        closeAll();
    }

    private synchronized void closeAll() throws Exception {
        Workload clients = workload;
        workload = null;
        LocalFlink cluster = flink;
        flink = null;
        PostgresServer postgres = server;
        server = null;
        LocalReceivers people = receivers;
        receivers = null;
        try (WorkFolder files = folder;
                AutoCloseable told = people == null ? () -> {} : people;
                AutoCloseable servers = postgres == null ? () -> {} : postgres;
                AutoCloseable jobs = cluster == null ? () -> {} : cluster) {
            if (clients != null) {
                clients.close();
            }
        }
    }

    private void closeQuietly() {
        try {
            closeAll();
        } catch (Exception e) {
            out.println("not everything could be stopped: " + e.getMessage());
        }
    }

    private static void removeHook(Thread hook) {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // Then the hook runs already and stops everything.
            LockSupport.parkNanos(TimeUnit.SECONDS.toNanos(30));
        }
    }
}
