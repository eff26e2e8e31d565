package io.onevault.jobs.alerts.rules;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.polling.PollCatalogue;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.alerts.findings.FindingMetrics;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.metrics.MetricsJob;
import io.onevault.sql.NotificationChannel;
import io.onevault.sql.RuleProfile;
import io.onevault.sql.VaultDeployer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The alert rules that a deployment brings, as a job reads them. */
class DefaultAlertRulesIT {

    /** What nothing else explains. */
    private static final List<String> INDEPENDENT =
            List.of(
                    "server restarted",
                    "server_restarted",
                    "disk_usage_pct",
                    "memory_usage_pct",
                    "swap_usage_pct",
                    "cpu_usage_pct",
                    "days_to_capacity",
                    "change_stream_broken",
                    "change_gaps",
                    "change_dead_letters",
                    "rules_rejected",
                    "checksum_failures",
                    "slot_lost",
                    "wal_archive_failing",
                    "server_crashes",
                    "corruption_errors",
                    "resource_errors",
                    "failed_logins",
                    "powers_gained",
                    "settings_changed",
                    "pgbouncer_database_paused");

    private static PostgresServer vault;

    @BeforeAll
    static void start() {
        vault = PostgresServer.startLatest();
        vault.createDatabase("vault");
        deploy();
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    private static void deploy() {
        new VaultDeployer(vault.jdbcUrl("vault"), PostgresServer.SUPERUSER, () -> "").deploy();
    }

    @Test
    void eachIsValidAboutAMetricOfTheCatalogueAndExplained() throws Exception {
        Map<String, MetricDefinition> catalogue =
                new HashMap<>(MetricsJob.definitions(PollCatalogue.load()));
        FindingMetrics.DEFINITIONS.forEach(metric -> catalogue.put(metric.name(), metric));
        Set<String> names = new HashSet<>();
        List<Map<String, String>> rules =
                rows(
                        "SELECT * FROM monitoring.alert_configuration_s WHERE created_by ="
                                + " 'onevault'");
        assertThat(rules).hasSizeGreaterThan(40);
        for (Map<String, String> row : rules) {
            AlertRule rule = AlertRuleReader.read("00", "", 1, row);
            MetricDefinition metric = catalogue.get(rule.metricPattern());
            assertThat(metric).as("the metric of %s", rule.name()).isNotNull();
            if (rule.condition() == Condition.THRESHOLD) {
                assertThat(rule.direction()).as(rule.name()).isEqualTo(metric.direction());
            }
            assertThat(names.add(rule.name())).as("%s is named once", rule.name()).isTrue();
            for (String words : List.of("alert_description", "rationale", "runbook")) {
                assertThat(row.get(words)).as("%s of %s", words, rule.name()).isNotBlank();
            }
        }
    }

    @Test
    void whatExplainsOthersExplainsARuleThatIsThere() throws Exception {
        List<Map<String, String>> rules =
                rows(
                        "SELECT * FROM monitoring.alert_configuration_s WHERE created_by ="
                                + " 'onevault'");
        PatternCache patterns = new PatternCache();
        int causes = 0;
        for (Map<String, String> cause : rules) {
            String explains = cause.get("explains_pattern");
            if (explains != null) {
                causes++;
                assertThat(rules)
                        .as("symptoms of %s", cause.get("alert_name"))
                        .anyMatch(
                                rule ->
                                        rule != cause
                                                && patterns.matches(
                                                        explains, rule.get("metric_pattern")));
                for (String other : INDEPENDENT) {
                    assertThat(patterns.matches(explains, other))
                            .as("%s of %s", other, cause.get("alert_name"))
                            .isFalse();
                }
            }
        }
        assertThat(causes).isGreaterThan(5);
    }

    @Test
    void whatPeopleDidStaysWhenItIsDeployedAgain() throws SQLException {
        String ofRule = " WHERE alert_configuration_hk = util.hash_binary('default:%s')";
        vault.execute(
                "vault",
                "UPDATE monitoring.alert_configuration_s SET warning_threshold = 60"
                        + ofRule.formatted("connections"),
                "UPDATE monitoring.alert_configuration_s SET is_active = false"
                        + ofRule.formatted("long-query"),
                "UPDATE monitoring.alert_configuration_s SET load_end_date = now()"
                        + ofRule.formatted("swap"),
                "DELETE FROM monitoring.alert_configuration_s" + ofRule.formatted("rollbacks"));
        String all =
                "SELECT s.* FROM monitoring.alert_configuration_s s"
                        + " ORDER BY alert_configuration_hk, load_date";
        List<Map<String, String>> before = rows(all);

        deploy();

        assertThat(rows(all)).isEqualTo(before);
    }

    @Test
    void inDevelopmentTroubleIsAWarningInBusinessHoursButForWhatLosesData() throws Exception {
        vault.createDatabase("development");
        new VaultDeployer(vault.jdbcUrl("development"), PostgresServer.SUPERUSER, () -> "")
                .withProfile(RuleProfile.DEVELOPMENT)
                .deploy();
        vault.createDatabase("production");
        new VaultDeployer(vault.jdbcUrl("production"), PostgresServer.SUPERUSER, () -> "")
                .withProfile(RuleProfile.PRODUCTION)
                .deploy();
        String all =
                "SELECT alert_name, warning_threshold, critical_threshold, business_hours_only,"
                        + " suppression_window_minutes, metric_pattern, condition_type,"
                        + " condition_parameters, direction, clear_threshold, for_seconds FROM"
                        + " monitoring.alert_configuration_s ORDER BY alert_name";
        List<Map<String, String>> production = rows("production", all);
        List<Map<String, String>> development = rows("development", all);
        assertThat(development).hasSameSizeAs(production);
        Set<String> same = new HashSet<>();
        for (int i = 0; i < production.size(); i++) {
            Map<String, String> strict = production.get(i);
            Map<String, String> lax = development.get(i);
            AlertRule rule = AlertRuleReader.read("00", "", 1, lax);
            assertThat(rule.name()).isEqualTo(strict.get("alert_name"));
            if (lax.equals(strict)) {
                same.add(rule.name());
                continue;
            }
            assertThat(rule.critical()).as(rule.name()).isNaN();
            assertThat(rule.businessHoursOnly()).as(rule.name()).isTrue();
            assertThat(rule.suppressionMinutes()).as(rule.name()).isLessThanOrEqualTo(5);
            for (String kept :
                    List.of("metric_pattern", "condition_type", "direction", "for_seconds")) {
                assertThat(lax.get(kept)).as(rule.name()).isEqualTo(strict.get(kept));
            }
            assertThat(lax.get("warning_threshold"))
                    .as(rule.name())
                    .isEqualTo(
                            strict.getOrDefault(
                                    "warning_threshold", strict.get("critical_threshold")));
        }
        assertThat(same)
                .contains(
                        "transaction ids used up",
                        "multixact ids used up",
                        "slot lost",
                        "damaged pages",
                        "sequence nearly used up",
                        "WAL archive failing",
                        "disk nearly full")
                .doesNotContain("server down", "long query");
        new VaultDeployer(vault.jdbcUrl("development"), PostgresServer.SUPERUSER, () -> "")
                .withProfile(RuleProfile.PRODUCTION)
                .deploy();
        assertThat(rows("development", all)).as("rules that are there stay").isEqualTo(development);
    }

    @Test
    void channelsStandInTheVaultAsTheyAreConfigured() throws Exception {
        String all =
                "SELECT h.notification_channel_bk, s.channel_type, s.configuration ->> 'host' AS"
                    + " host, s.rate_limit_per_minute, s.is_active, s.load_end_date IS NULL AS open"
                    + " FROM monitoring.notification_channel_s s JOIN"
                    + " monitoring.notification_channel_h h USING (notification_channel_hk) ORDER"
                    + " BY 1, s.load_date";
        NotificationChannel mail =
                new NotificationChannel("mail", "EMAIL", "{\"host\": \"a\"}", 60);
        NotificationChannel chat = new NotificationChannel("chat", "SLACK", "{}", 30);
        register(mail, chat);
        List<Map<String, String>> first = rows(all);
        assertThat(first).extracting(row -> row.get("is_active")).containsExactly("t", "t");
        register(mail, chat);
        assertThat(rows(all)).as("nothing has changed").isEqualTo(first);

        register(new NotificationChannel("mail", "EMAIL", "{\"host\": \"b\"}", 60));

        assertThat(rows(all))
                .extracting(
                        row ->
                                "%s %s %s %s"
                                        .formatted(
                                                row.get("notification_channel_bk"),
                                                row.get("host"),
                                                row.get("is_active"),
                                                row.get("open")))
                .containsExactly("chat null t f", "chat null f t", "mail a t f", "mail b t t");

        List<Map<String, String>> before = rows(all);
        for (String written :
                List.of(
                        "INSERT INTO monitoring.notification_channel_s (notification_channel_hk,"
                                + " hash_diff, channel_name, channel_type, record_source) VALUES"
                                + " (util.hash_binary('mail'), '\\x01', 'mail', 'NONSENSE',"
                                + " 'ONEVAULT_CONFIGURATION')",
                        "UPDATE monitoring.notification_channel_s SET rate_limit_per_minute = -1",
                        "DELETE FROM monitoring.notification_channel_s")) {
            assertThatThrownBy(() -> vault.execute("vault", written))
                    .rootCause()
                    .hasMessageContaining(
                            "notification channels are configured, not written here: the"
                                    + " configured ones stay in force")
                    .hasMessageContaining("Change alerts.channels in the configuration");
        }
        assertThat(rows(all)).isEqualTo(before);
        register();
        assertThat(rows(all))
                .filteredOn(row -> row.get("open").equals("t"))
                .extracting(row -> row.get("is_active"))
                .containsExactly("f", "f");
    }

    private static void register(NotificationChannel... channels) {
        new VaultDeployer(vault.jdbcUrl("vault"), PostgresServer.SUPERUSER, () -> "")
                .withChannels(List.of(channels))
                .deploy();
    }

    /** Values as text, without those that are null, as change capture brings them. */
    private static List<Map<String, String>> rows(String sql) throws SQLException {
        return rows("vault", sql);
    }

    private static List<Map<String, String>> rows(String database, String sql) throws SQLException {
        List<Map<String, String>> rows = new ArrayList<>();
        try (Connection connection = vault.connect(database);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            ResultSetMetaData columns = result.getMetaData();
            while (result.next()) {
                Map<String, String> row = new HashMap<>();
                for (int i = 1; i <= columns.getColumnCount(); i++) {
                    String value = result.getString(i);
                    if (value != null) {
                        row.put(columns.getColumnName(i), value);
                    }
                }
                rows.add(row);
            }
        }
        return rows;
    }
}
