package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.cdc.CdcSlots;
import io.onevault.connectors.cdc.PostgresCdcSource;
import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.polling.PollCatalogue;
import io.onevault.connectors.polling.PollTarget;
import io.onevault.connectors.polling.PollingSource;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.alerts.rules.RuleTables;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.metrics.MetricsJob;
import io.onevault.jobs.metrics.WindowSettings;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.vault.FindingSinks;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a row that somebody edits in the vault to the status of what a running job writes there. */
class RulesIT {

    /** So long that nearly every edit is obeyed by judging a window again, not by the next one. */
    private static final Duration WINDOW = Duration.ofSeconds(20);

    /** What is asked for is two seconds; a busy machine gets more. */
    private static final long MOST_MILLIS = 5_000;

    private static final AtomicBoolean FAIL = new AtomicBoolean();

    @TempDir static Path work;

    private static TestVault vault;
    private static PostgresServer watched;
    private static LocalFlink flink;
    private static final List<Connection> SESSIONS = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.start();
        vault.execute(
                "ALTER ROLE pipeline REPLICATION",
                "CREATE ROLE operator LOGIN PASSWORD 'secret' IN ROLE onevault_admin");
        try (Connection connection = vault.connect()) {
            CdcSlots.prepare(connection, "rules", "rules", RuleTables.NAMES);
        }
        watched = PostgresServer.startLatest();
        watched.execute(
                "postgres",
                "CREATE EXTENSION pg_stat_statements",
                "CREATE ROLE collector LOGIN PASSWORD 'secret' IN ROLE pg_monitor",
                "CREATE ROLE acme_app LOGIN PASSWORD 'secret'",
                "CREATE ROLE zeta_app LOGIN PASSWORD 'secret'");
        for (String tenant : List.of("acme_app", "zeta_app")) {
            SESSIONS.add(watched.connect("postgres", tenant, "secret"));
            SESSIONS.add(watched.connect("postgres", tenant, "secret"));
        }
        flink = LocalFlink.start(work);
    }

    @AfterAll
    static void stop() throws Exception {
        flink.close();
        for (Connection session : SESSIONS) {
            session.close();
        }
        watched.close();
        vault.close();
    }

    @Test
    void runningJobObeysWhatIsEditedInTheVault() throws Exception {
        // Known before the job starts, and read by its snapshot.
        insertHub("limit", null);
        edit(version("limit", "limit", "max_connections", "50", "1000"));
        JobID job = flink.submit(compose("rules", WINDOW));
        vault.await("the snapshot's rule", judged("max_connections", "WARNING", "50", "limit"));

        List<Long> reactions = new ArrayList<>();
        reactions.add(reaction("new version", closeAndInsert("70"), "WARNING", "70"));
        reactions.add(reaction("in place", change("warning_threshold = 80"), "WARNING", "80"));
        reactions.add(reaction("new version", closeAndInsert("5000"), "NORMAL", "5000"));
        reactions.add(reaction("in place", change("warning_threshold = 60"), "WARNING", "60"));
        System.out.printf("Edit to status in the vault, ms: %s%n", reactions);

        assertThatAnInvalidVersionIsRejectedAndTheOneBeforeStays();
        assertThatATenantsRuleReplacesTheGeneralOne();
        assertThatCapacityThresholdsAdjustTheCatalogues();

        // The very record of the edit makes the task fail; it is read again after the restart.
        FAIL.set(true);
        edit("UPDATE monitoring.alert_configuration_s SET warning_threshold = 40" + OPEN);
        vault.await(
                "a change across a failure", judged("max_connections", "WARNING", "40", "limit"));
        assertThat(FAIL).isFalse();
        reaction("after the failure", change("warning_threshold = 41"), "WARNING", "41");

        edit("DELETE FROM monitoring.alert_configuration_s" + OPEN);
        vault.await("the catalogue again", judged("max_connections", "NORMAL", null, null));
        flink.cancel(job);
    }

    private static final String OPEN =
            " WHERE alert_configuration_hk = util.hash_binary('limit') AND load_end_date IS NULL";

    private void assertThatAnInvalidVersionIsRejectedAndTheOneBeforeStays() throws Exception {
        edit(change("warning_threshold = 'NaN'"));
        vault.await(
                "the rejection of what was made invalid in place",
                rejected("warning_threshold is NaN: use a finite number, or null for none"));
        edit(change("warning_threshold = 61, metric_pattern = '(max_connections'"));
        vault.await("the next rejection", rejected("%not a regular expression%missing closing )%"));
        assertThat(vault.holds(judged("max_connections", "WARNING", "60", "limit")))
                .as("what was in force stays")
                .isTrue();
        assertThat(
                        vault.holds(
                                "SELECT bool_and(s.load_date = r.rejected_load_date AND s.hash_diff"
                                    + " = r.rejected_hash_diff) FROM alert_rule_rejection_s r JOIN"
                                    + " alert_configuration_s s USING (alert_configuration_hk)"
                                    + " WHERE r.load_end_date IS NULL AND s.load_end_date IS NULL"))
                .as("the rejection names the version")
                .isTrue();
        edit(change("metric_pattern = 'max_connections', warning_threshold = 62"));
        vault.await("acceptance", rejected(""));
        vault.await("the mended rule", judged("max_connections", "WARNING", "62", "limit"));
    }

    private void assertThatATenantsRuleReplacesTheGeneralOne() throws Exception {
        edit(
                hub("sessions", null),
                version("sessions", "sessions", "sessions_by_tenant", "1", "null"));
        vault.await("acme's status", tenantIs("acme", "WARNING"));
        vault.await("zeta's status", tenantIs("zeta", "WARNING"));
        edit(
                version("acme-sessions", "sessions", "sessions_by_tenant", "500", "null"),
                hub("acme-sessions", "acme"));
        vault.await("the override", tenantIs("acme", "NORMAL"));
        assertThat(vault.holds(tenantIs("zeta", "WARNING"))).isTrue();
        edit(hub("second", null), version("second", "sessions", "sessions_by_tenant", "2", "null"));
        vault.await("the name being taken", rejected("alert_name sessions is taken%"));
    }

    private void assertThatCapacityThresholdsAdjustTheCatalogues() throws Exception {
        String key = "util.hash_binary('slots')";
        edit(
                "INSERT INTO capacity_planning.capacity_threshold_h (capacity_threshold_hk,"
                        + " capacity_threshold_bk) VALUES ("
                        + key
                        + ", 'slots')",
                "INSERT INTO capacity_planning.capacity_threshold_s (capacity_threshold_hk,"
                        + " hash_diff, threshold_name, resource_type, threshold_type,"
                        + " threshold_percentage) VALUES ("
                        + key
                        + ", '\\x01', 'few slots', 'CONNECTIONS', 'WARNING', 0.5)");
        vault.await(
                "the adjusted threshold",
                "SELECT count(*) > 0 FROM system_health_s WHERE load_end_date IS NULL AND"
                        + " metric_name = 'connections_used_pct' AND rule_name = 'few slots' AND"
                        + " status = 'WARNING' AND threshold_warning = 0.5 AND"
                        + " threshold_critical = 95");
        edit("UPDATE capacity_planning.capacity_threshold_s SET threshold_percentage = 200");
        vault.await(
                "the threshold's rejection",
                "SELECT count(*) = 1 FROM capacity_planning.capacity_threshold_rejection_s WHERE"
                        + " reason LIKE 'threshold_percentage is 200%'");
    }

    @Test
    void windowsFlowByTheCatalogueWhileNoRuleCanBeRead() throws Exception {
        JobID job = flink.submit(compose("absent", Duration.ofSeconds(1)));
        vault.await(
                "windows of all kinds",
                "SELECT count(DISTINCT metric_name) > 20 AND bool_and(rule_version = 0) FROM"
                        + " system_health_s WHERE target_name = 'absent'");
        flink.cancel(job);
    }

    private static StreamExecutionEnvironment compose(String slot, Duration window) {
        Configuration configuration = new Configuration();
        configuration.set(PipelineOptions.AUTO_GENERATE_UIDS, false);
        configuration.set(PipelineOptions.GENERIC_TYPES, false);
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        configuration.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 3);
        configuration.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(10));
        StreamExecutionEnvironment env =
                StreamExecutionEnvironment.getExecutionEnvironment(configuration);
        env.setParallelism(2);
        env.enableCheckpointing(500);
        FindingSinks sinks =
                new VaultFindingSinks(
                        VaultOptions.of(vault.jdbcUrl(), "pipeline", Secret.of("secret")));
        PostgresCdcSource changes =
                PostgresCdcSource.builder("vault", vault.jdbcUrl(), "pipeline", Secret.of("secret"))
                        .slot(slot)
                        .publication("rules")
                        .tables(RuleTables.NAMES)
                        .build();
        PollingSource polls =
                PollingSource.builder()
                        .targets(
                                List.of(
                                        PollTarget.postgres(
                                                        slot,
                                                        watched.jdbcUrl("postgres"),
                                                        "collector",
                                                        Secret.of("secret"))
                                                .tenantOfRole("^(.*)_app$")
                                                .build()))
                        .catalogue(PollCatalogue.load())
                        .interval("activity", Duration.ofMillis(500))
                        .interval("target", Duration.ofMillis(500))
                        .build();
        MetricsJob.defineWorkflow(
                env.fromSource(
                                polls,
                                PollingSource.watermarks(Duration.ofSeconds(1)),
                                "polling-source")
                        .uid("polling-source"),
                new WindowSettings(
                        window, Duration.ofSeconds(2), Duration.ofSeconds(60), Duration.ofHours(1)),
                PollCatalogue.load(),
                Map.of(),
                RulesJob.defineWorkflow(
                        changes.addTo(env, "vault-changes")
                                .map(new FailOnce())
                                .setParallelism(1)
                                .uid("fail-once"),
                        sinks),
                sinks);
        return env;
    }

    private static final class FailOnce implements MapFunction<CdcRecord, CdcRecord> {
        private static final long serialVersionUID = 1L;

        @Override
        public CdcRecord map(CdcRecord record) {
            if (record.change() != null && FAIL.compareAndSet(true, false)) {
                throw new IllegalStateException("made to fail");
            }
            return record;
        }
    }

    private static long reaction(String how, String edit, String status, String warning)
            throws SQLException {
        long began = System.nanoTime();
        edit(edit);
        vault.await(how, judged("max_connections", status, warning, "limit"));
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - began);
        assertThat(millis).as("reaction to an edit, %s", how).isLessThan(MOST_MILLIS);
        return millis;
    }

    private static String closeAndInsert(String warning) {
        return "UPDATE monitoring.alert_configuration_s SET load_end_date ="
                + " util.current_load_date()"
                + OPEN
                + "; "
                + version("limit", "limit", "max_connections", warning, "null");
    }

    private static String change(String assignments) {
        return "UPDATE monitoring.alert_configuration_s SET " + assignments + OPEN;
    }

    private static void insertHub(String key, String tenant) throws SQLException {
        edit(hub(key, tenant));
    }

    private static String hub(String key, String tenant) {
        return "INSERT INTO monitoring.alert_configuration_h (alert_configuration_hk,"
                + " alert_configuration_bk, tenant_hk) VALUES (util.hash_binary('%s'), '%s', %s)"
                        .formatted(
                                key,
                                key,
                                tenant == null ? "null" : "util.hash_binary('" + tenant + "')");
    }

    private static String version(
            String key, String name, String metric, String warning, String critical) {
        return "INSERT INTO monitoring.alert_configuration_s (alert_configuration_hk, hash_diff,"
                + " alert_name, metric_pattern, warning_threshold, critical_threshold) VALUES"
                + " (util.hash_binary('%s'), util.hash_binary('%s'), '%s', '%s', %s, %s)"
                        .formatted(key, warning, name, metric, warning, critical);
    }

    private static String judged(String metric, String status, String warning, String rule) {
        return "SELECT count(*) = 1 FROM system_health_s WHERE load_end_date IS NULL AND"
                + " target_name = 'rules' AND metric_name = '%s' AND status = '%s'"
                        .formatted(metric, status)
                + " AND threshold_warning IS NOT DISTINCT FROM %s".formatted(warning)
                + (rule == null
                        ? " AND rule_name IS NULL"
                        : " AND rule_name = '%s' AND rule_version > 0".formatted(rule));
    }

    private static String tenantIs(String tenant, String status) {
        return "SELECT count(*) = 1 FROM system_health_s s JOIN system_health_h USING"
                + " (health_metric_hk) WHERE load_end_date IS NULL AND metric_name ="
                + " 'sessions_by_tenant' AND tenant_hk = util.hash_binary('%s') AND status = '%s'"
                        .formatted(tenant, status);
    }

    private static String rejected(String reason) {
        return "SELECT count(*) > 0 FROM alert_rule_rejection_s WHERE load_end_date IS NULL AND"
                + " reason LIKE '%s'".formatted(reason);
    }

    /** As the people do it who may, in one transaction. */
    private static void edit(String... statements) throws SQLException {
        try (Connection connection = vault.connect("operator", "secret");
                Statement statement = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (String sql : statements) {
                statement.execute(sql);
            }
            connection.commit();
        }
    }
}
