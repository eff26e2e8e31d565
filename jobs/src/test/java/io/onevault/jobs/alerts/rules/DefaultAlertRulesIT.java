package io.onevault.jobs.alerts.rules;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.polling.PollCatalogue;
import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.alerts.findings.FindingMetrics;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.metrics.MetricsJob;
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

    /** Values as text, without those that are null, as change capture brings them. */
    private static List<Map<String, String>> rows(String sql) throws SQLException {
        List<Map<String, String>> rows = new ArrayList<>();
        try (Connection connection = vault.connect("vault");
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
