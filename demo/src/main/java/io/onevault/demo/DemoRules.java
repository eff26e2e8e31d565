package io.onevault.demo;

import io.onevault.embedded.postgres.PostgresServer;

/**
 * Rules beside those that come with the vault, so that a short run shows alerts of locks and of
 * forecasts: people would not want to be told of two seconds of blocking, nor on the first forecast
 * that says so of what is full in four months.
 */
final class DemoRules {

    private DemoRules() {}

    static void insert(PostgresServer postgres, String vault) {
        postgres.execute(
                vault,
                """
                INSERT INTO monitoring.alert_configuration_h (alert_configuration_hk, alert_configuration_bk)
                VALUES (util.hash_binary('demo:blocking'), 'demo:blocking')
                """,
                """
                INSERT INTO monitoring.alert_configuration_s
                    (alert_configuration_hk, hash_diff, alert_name, metric_pattern, warning_threshold,
                     critical_threshold, suppression_window_minutes, alert_description, rationale, runbook)
                VALUES (util.hash_binary('demo:blocking'), util.hash_binary('demo'), 'somebody blocks',
                        'blocked_sessions', 1, 4, 0, 'Sessions wait for a lock that another one holds.',
                        'The demo makes them block each other for seconds.',
                        'Nothing: they let go by themselves.')
                """,
                """
                INSERT INTO capacity_planning.capacity_threshold_h (capacity_threshold_hk, capacity_threshold_bk)
                VALUES (util.hash_binary('demo:documents'), 'demo:documents')
                """,
                """
                INSERT INTO capacity_planning.capacity_threshold_s
                    (capacity_threshold_hk, hash_diff, threshold_name, resource_type, resource_pattern,
                     threshold_type, days_to_capacity)
                VALUES (util.hash_binary('demo:documents'), util.hash_binary('demo'), 'documents', 'STORAGE',
                        'documents of .*', 'WARNING', 120)
                """);
    }
}
