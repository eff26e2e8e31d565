package io.onevault.jobs.testing;

import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * The rules that came with a vault, and what became of them since a moment; named by their key
 * without {@code default:}.
 *
 * <p>None is held back for a while, told in business hours only, silent after it ended, or
 * explained by another rule. Metric, condition and direction are what a deployment brings.
 */
public final class DefaultRules {

    private static final String OF_RULE =
            " WHERE alert_configuration_hk = util.hash_binary('default:%s')";

    private static final String LIVES =
            """
            WITH alert AS (
                SELECT substr(h.alert_configuration_bk, 9) AS rule,
                       string_agg(a.alert_status, ',' ORDER BY a.load_date) AS life,
                       bool_or(a.additional_context ->> 'end_reason' LIKE 'in order again%%') AS well
                FROM monitoring.alert_instance_s a
                JOIN monitoring.alert_configuration_h h USING (alert_configuration_hk)
                GROUP BY a.alert_instance_hk, h.alert_configuration_bk
                HAVING min(a.load_date) >= '%s')
            SELECT DISTINCT rule FROM alert WHERE %s
            """;

    private final TestVault vault;
    private String since = "-infinity";

    public DefaultRules(TestVault vault) {
        this.vault = vault;
        vault.execute(
                "UPDATE monitoring.alert_configuration_s SET for_seconds = 0,"
                        + " suppression_window_minutes = 0, business_hours_only = false,"
                        + " explains_pattern = NULL");
    }

    /** Lets {@code rule} warn from {@code warning} on, and from nothing else. */
    public void warn(String rule, double warning) {
        vault.execute(
                "UPDATE monitoring.alert_configuration_s SET warning_threshold = "
                        + warning
                        + ", critical_threshold = NULL, clear_threshold = NULL"
                        + OF_RULE.formatted(rule));
    }

    /** Waits until all is in order; alerts that began before do not count from now on. */
    public void begin() throws SQLException {
        vault.await("order", "SELECT count(*) = 0 FROM open_alerts");
        since = vault.text("SELECT clock_timestamp()");
    }

    public void awaitFiring(Collection<String> rules) throws SQLException {
        await("fire", rules, "life LIKE 'FIRING%'");
    }

    /** Waits until the value of each was in order again and none of them is open. */
    public void awaitInOrder(Collection<String> rules) throws SQLException {
        await("clear", rules, "life LIKE 'FIRING%RESOLVED' AND well");
        Set<String> open = new TreeSet<>();
        Until.holds(
                () -> "the end of " + open + ", alerts are " + vault.alerts(),
                () -> {
                    open.clear();
                    open.addAll(lives("life NOT LIKE '%RESOLVED'"));
                    open.retainAll(rules);
                    return open.isEmpty();
                });
    }

    private void await(String what, Collection<String> rules, String life) throws SQLException {
        Set<String> missing = new TreeSet<>(rules);
        Until.holds(
                () -> missing + " to " + what + ", alerts are " + vault.alerts(),
                () -> {
                    missing.removeAll(lives(life));
                    return missing.isEmpty();
                });
    }

    private List<String> lives(String which) throws SQLException {
        return vault.texts(LIVES.formatted(since, which));
    }
}
