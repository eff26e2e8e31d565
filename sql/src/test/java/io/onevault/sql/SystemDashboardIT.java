package io.onevault.sql;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The dashboard on a year of data of 50 tenants with 20 series each. */
class SystemDashboardIT {

    private static final int TENANTS = 50;
    private static final int SERIES = 1_000;
    private static final long LIMIT_MILLIS = 100;
    private static final String DASHBOARD = "SELECT * FROM monitoring.system_dashboard";

    @Test
    void answersFromTheNewestMonthOnly() throws SQLException {
        try (PostgresServer server = PostgresServer.startLatest()) {
            server.createDatabase("vault");
            new VaultDeployer(server.jdbcUrl("vault"), "postgres", () -> "").deploy();
            try (Connection owner = server.connect("vault")) {
                fill(owner);
                assertThat(Rows.of(owner, DASHBOARD)).hasSize(SERIES);
                assertThat(plan(owner))
                        .contains("Subplans Removed")
                        .satisfies(
                                plan ->
                                        assertThat(oldestMonthIn(plan))
                                                .isEqualTo(monthSixHoursAgo()));
                assertThat(medianMillis(owner)).as("all tenants").isLessThan(LIMIT_MILLIS);
            }
            server.execute("vault", "CREATE ROLE reader_user LOGIN IN ROLE onevault_reader");
            try (Connection reader = server.connect("vault", "reader_user", "")) {
                Rows.of(
                        reader,
                        "SELECT set_config('app.current_tenant_id',"
                                + " encode(util.hash_binary('tenant7'), 'hex'), false)");
                assertThat(
                                Rows.of(
                                        reader,
                                        "SELECT DISTINCT dashboard_section, tenant, target_name,"
                                                + " labels FROM monitoring.system_dashboard"))
                        .containsExactly("System Health|tenant7|db1|{\"kind\": \"load\"}");
                assertThat(Rows.of(reader, DASHBOARD)).hasSize(SERIES / TENANTS);
                assertThat(medianMillis(reader)).as("one tenant").isLessThan(LIMIT_MILLIS);
            }
        }
    }

    /** A row a day for a year, then one a minute for three hours, each closed by its successor. */
    private static void fill(Connection owner) throws SQLException {
        Instant now = Instant.now();
        new PartitionMaintenance().ensure(owner, now.minus(Duration.ofDays(366)), now);
        Rows.execute(
                owner,
                """
                INSERT INTO monitoring.system_health_h
                SELECT util.hash_binary(bk), bk, util.hash_binary(tenant), now() - INTERVAL '1 year', 'test'
                FROM generate_series(1, %d) n,
                     LATERAL (SELECT 'tenant' || n %% %d AS tenant) t,
                     LATERAL (SELECT 'db1|' || tenant || '|metric' || n || '|kind=load' AS bk) b
                """
                        .formatted(SERIES, TENANTS),
                """
                INSERT INTO monitoring.system_health_s
                SELECT h.health_metric_hk, w.at, w.until, '\\x00', split_part(h.health_metric_bk, '|', 3),
                       'PERFORMANCE', 42, 'count', 80, 90, 'NORMAL', w.at, 'pg_stat_activity', NULL,
                       'db1', '{"kind": "load"}', w.at, 60, 6, 0, 1, 99, 42, 42, 40, 90, 98, 'test'
                FROM (
                    SELECT at, lead(at) OVER (ORDER BY at) AS until
                    FROM (
                        SELECT generate_series(now() - INTERVAL '1 year', now() - INTERVAL '4 hours',
                                               INTERVAL '1 day') AS at
                        UNION
                        SELECT generate_series(now() - INTERVAL '3 hours', now(), INTERVAL '1 minute')
                    ) window_start
                ) w, monitoring.system_health_h h
                """,
                "VACUUM ANALYZE monitoring.system_health_s",
                "ANALYZE monitoring.system_health_h");
    }

    private static String plan(Connection connection) throws SQLException {
        return String.join("\n", Rows.of(connection, "EXPLAIN " + DASHBOARD));
    }

    private static String oldestMonthIn(String plan) {
        return Pattern.compile("system_health_s_(y\\d{4}m\\d\\d)")
                .matcher(plan)
                .results()
                .map(match -> match.group(1))
                .min(Comparator.naturalOrder())
                .orElse("none");
    }

    private static String monthSixHoursAgo() {
        return DateTimeFormatter.ofPattern("'y'yyyy'm'MM")
                .format(Instant.now().minus(Duration.ofHours(6)).atOffset(ZoneOffset.UTC));
    }

    private static long medianMillis(Connection connection) throws SQLException {
        long[] times = new long[7];
        for (int i = 0; i < times.length; i++) {
            long start = System.nanoTime();
            List<String> rows = Rows.of(connection, DASHBOARD);
            times[i] = (System.nanoTime() - start) / 1_000_000;
            assertThat(rows).isNotEmpty();
        }
        Arrays.sort(times);
        return times[times.length / 2];
    }
}
