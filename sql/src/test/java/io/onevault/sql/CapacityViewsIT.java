package io.onevault.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** The views of capacity on a year of states and forecasts of 50 tenants with 20 resources each. */
class CapacityViewsIT {

    static final List<Integer> VERSIONS = List.of(14, PostgresServer.LATEST_VERSION);

    private static final int TENANTS = 50;
    private static final int RESOURCES = 1_000;
    private static final long LIMIT_MILLIS = 100;

    @ParameterizedTest
    @FieldSource("VERSIONS")
    void eachTenantSeesItsOwnAndQuickly(int version) throws SQLException {
        try (PostgresServer server = PostgresServer.builder(version).start()) {
            server.createDatabase("vault");
            new VaultDeployer(server.jdbcUrl("vault"), "postgres", () -> "").deploy();
            try (Connection owner = server.connect("vault")) {
                fill(owner);
                assertThat(count(owner, "current_capacity_status")).isEqualTo(RESOURCES);
                assertThat(count(owner, "growth_forecast_summary")).isEqualTo(RESOURCES);
                assertThat(
                                Rows.of(
                                        owner,
                                        "SELECT alert_level, alert_reason, min(resource_name),"
                                                + " count(*) FROM capacity_planning.capacity_alerts"
                                                + " GROUP BY 1, 2 ORDER BY 1, 2"))
                        .containsExactly(
                                "CRITICAL|FORECAST|likely full|20",
                                "CRITICAL|UTILIZATION|full|10",
                                "WARNING|FORECAST|full later|10",
                                "WARNING|UTILIZATION|busy|10");
                assertThat(
                                Rows.of(
                                        owner,
                                        "SELECT DISTINCT resource_name, alert_level,"
                                                + " days_to_warning, days_to_critical, days_left"
                                                + " FROM capacity_planning.capacity_alerts WHERE"
                                                + " alert_reason = 'FORECAST' ORDER BY 1"))
                        .as("more likely than not by then, whatever the central path says")
                        .containsExactly(
                                "full later|WARNING|30|40|60",
                                "likely full|CRITICAL|5|8|10",
                                "soon full|CRITICAL|10|15|20");
                assertThat(
                                Rows.of(
                                        owner,
                                        "SELECT DISTINCT days_to_warning, days_to_critical,"
                                                + " extract(DAY FROM time_to_capacity)::int,"
                                                + " likely_days_to_warning,"
                                                + " likely_days_to_critical,"
                                                + " likely_days_to_capacity FROM"
                                                + " capacity_planning.current_capacity_status"
                                                + " WHERE resource_name = 'likely full'"))
                        .containsExactly("30|null|null|5|8|10");
                assertThat(
                                Rows.of(
                                        owner,
                                        "SELECT option_name, connections, users, is_enough,"
                                                + " recommendation, count(*) FROM"
                                                + " capacity_planning.connection_scaling GROUP BY"
                                                + " option_rank, 1, 2, 3, 4, 5 ORDER BY"
                                                + " option_rank"))
                        .containsExactly(
                                "as it is|20|50|f|Leave it.|10", "more pods|80|200|t|Run 8.|10");
                assertThat(medianMillis(owner, "current_capacity_status")).isLessThan(LIMIT_MILLIS);
                assertThat(medianMillis(owner, "growth_forecast_summary")).isLessThan(LIMIT_MILLIS);
                assertThat(medianMillis(owner, "capacity_alerts")).isLessThan(LIMIT_MILLIS);
                assertThat(medianMillis(owner, "connection_scaling")).isLessThan(LIMIT_MILLIS);
                assertThat(
                                String.join(
                                        "\n",
                                        Rows.of(
                                                owner,
                                                "EXPLAIN SELECT * FROM"
                                                        + " capacity_planning.capacity_alerts")))
                        .as("old months are not looked at")
                        .contains("Subplans Removed");
            }
            server.execute("vault", "CREATE ROLE reader_user LOGIN IN ROLE onevault_reader");
            try (Connection reader = server.connect("vault", "reader_user", "")) {
                for (String view : List.of("current_capacity_status", "growth_forecast_summary")) {
                    assertThat(count(reader, view)).as("without a tenant: %s", view).isZero();
                }
                Rows.of(
                        reader,
                        "SELECT set_config('app.current_tenant_id',"
                                + " encode(util.hash_binary('tenant7'), 'hex'), false)");
                for (String view : List.of("current_capacity_status", "growth_forecast_summary")) {
                    assertThat(
                                    Rows.of(
                                            reader,
                                            "SELECT DISTINCT tenant FROM capacity_planning."
                                                    + view))
                            .as(view)
                            .containsExactly("tenant7");
                    assertThat(count(reader, view)).isEqualTo(RESOURCES / TENANTS);
                    assertThat(medianMillis(reader, view)).isLessThan(LIMIT_MILLIS);
                }
                assertThat(
                                Rows.of(
                                        reader,
                                        "SELECT DISTINCT tenant FROM"
                                                + " capacity_planning.capacity_alerts"))
                        .containsExactly("tenant7");
                assertThat(
                                Rows.of(
                                        reader,
                                        "SELECT DISTINCT tenant FROM"
                                                + " capacity_planning.connection_scaling"))
                        .containsExactly("tenant7");
            }
        }
    }

    /** A state a day for a year and one an hour for a day; a forecast a day; a pattern a week. */
    private static void fill(Connection owner) throws SQLException {
        Instant now = Instant.now();
        new PartitionMaintenance().ensure(owner, now.minus(Duration.ofDays(366)), now);
        for (String kind : List.of("resource_utilization", "capacity_forecast", "growth_pattern")) {
            Rows.execute(
                    owner,
                    """
                    INSERT INTO capacity_planning.%s_h
                    SELECT util.hash_binary(bk), bk, util.hash_binary(tenant), now() - INTERVAL '1 year', 'test'
                    FROM generate_series(1, %d) n,
                         LATERAL (SELECT 'tenant' || n %% %d AS tenant) t,
                         LATERAL (SELECT 'db1|' || tenant || '|disk' || n AS bk) b
                    """
                            .formatted(kind, RESOURCES, TENANTS),
                    "ANALYZE capacity_planning." + kind + "_h");
        }
        Rows.execute(
                owner,
                """
                CREATE TEMP TABLE resource AS
                SELECT util.hash_binary(bk) AS hk,
                       CASE WHEN n <= 200 AND n %% 20 = 7 THEN 'full'
                            WHEN n <= 200 AND n %% 20 = 8 THEN 'busy'
                            WHEN n <= 200 AND n %% 20 = 9 THEN 'soon full'
                            WHEN n <= 200 AND n %% 20 = 10 THEN 'full later'
                            WHEN n <= 200 AND n %% 20 = 11 THEN 'likely full'
                            ELSE 'calm' END AS name
                FROM generate_series(1, %d) n,
                     LATERAL (SELECT 'db1|tenant' || n %% %d || '|disk' || n AS bk) b
                """
                        .formatted(RESOURCES, TENANTS),
                """
                INSERT INTO capacity_planning.resource_utilization_s (resource_utilization_hk, load_date, load_end_date,
                    hash_diff, target_name, resource_type, resource_name, resource_unit, measurement_timestamp,
                    period_start, period_seconds, sample_count, current_value, max_capacity, available_capacity,
                    utilization_percentage, record_source)
                SELECT hk, at, until, '\\x00', 'db1', 'STORAGE', name, 'bytes', at, at - INTERVAL '1 hour', 3600, 60,
                       used, 100, 100 - used, used, 'test'
                FROM (
                    SELECT at, lead(at) OVER (ORDER BY at) AS until
                    FROM (
                        SELECT generate_series(now() - INTERVAL '1 year', now() - INTERVAL '1 day',
                                               INTERVAL '1 day') AS at
                        UNION
                        SELECT generate_series(now() - INTERVAL '23 hours', now(), INTERVAL '1 hour')
                    ) state
                ) w, resource, LATERAL (
                    SELECT CASE name WHEN 'full' THEN 95 WHEN 'busy' THEN 85 ELSE 50 END AS used
                ) u
                """,
                """
                INSERT INTO capacity_planning.capacity_forecast_s (capacity_forecast_hk, load_date, load_end_date,
                    hash_diff, target_name, resource_type, resource_name, resource_unit, forecast_timestamp,
                    current_usage, max_capacity, reaches_capacity, time_to_capacity, days_to_warning,
                    days_to_critical, forecast_model, urgency, scaling_options, additional_context, record_source)
                SELECT hk, at, until, '\\x00', 'db1', 'STORAGE', name, 'bytes', at, 50, 100, days IS NOT NULL,
                       make_interval(days => days), CASE name WHEN 'likely full' THEN 30 ELSE days / 2 END,
                       CASE name WHEN 'full later' THEN 40 ELSE days * 3 / 4 END, 'LINEAR',
                       CASE WHEN days IS NULL AND name <> 'likely full' THEN 'NONE' ELSE 'ACT' END,
                       CASE name WHEN 'full' THEN '[
                           {"option_name": "as it is", "connections": 20, "users": 50, "is_enough": false,
                            "recommendation": "Leave it."},
                           {"option_name": "more pods", "connections": 80, "users": 200, "is_enough": true,
                            "recommendation": "Run 8."}]'::jsonb END,
                       '{"warning_percentage": "80.0", "critical_percentage": "90.0"}'::jsonb
                           || CASE name WHEN 'likely full' THEN
                               '{"likely_days_to_warning": "5.0", "likely_days_to_critical": "8.0",
                                 "likely_days_to_capacity": "10.0"}'
                              ELSE '{}' END::jsonb, 'test'
                FROM (
                    SELECT at, lead(at) OVER (ORDER BY at) AS until
                    FROM generate_series(now() - INTERVAL '1 year', now(), INTERVAL '1 day') at
                ) w, resource, LATERAL (
                    SELECT CASE name WHEN 'soon full' THEN 20 WHEN 'full later' THEN 60 END AS days
                ) d
                """,
                """
                INSERT INTO capacity_planning.growth_pattern_s (growth_pattern_hk, load_date, load_end_date, hash_diff,
                    target_name, resource_type, resource_name, pattern_type, analysis_start, analysis_end,
                    observation_count, record_source)
                SELECT hk, at, until, '\\x00', 'db1', 'STORAGE', name, 'LINEAR', at, at, 365, 'test'
                FROM (
                    SELECT at, lead(at) OVER (ORDER BY at) AS until
                    FROM generate_series(now() - INTERVAL '1 year', now(), INTERVAL '7 days') at
                ) w, resource
                """,
                "VACUUM ANALYZE capacity_planning.resource_utilization_s",
                "VACUUM ANALYZE capacity_planning.capacity_forecast_s",
                "VACUUM ANALYZE capacity_planning.growth_pattern_s");
    }

    private static int count(Connection connection, String view) throws SQLException {
        return Integer.parseInt(
                Rows.one(connection, "SELECT count(*) FROM capacity_planning." + view));
    }

    private static long medianMillis(Connection connection, String view) throws SQLException {
        long[] times = new long[7];
        for (int i = 0; i < times.length; i++) {
            long start = System.nanoTime();
            Rows.of(connection, "SELECT * FROM capacity_planning." + view);
            times[i] = (System.nanoTime() - start) / 1_000_000;
        }
        Arrays.sort(times);
        return times[times.length / 2];
    }
}
