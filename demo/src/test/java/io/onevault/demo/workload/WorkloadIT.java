package io.onevault.demo.workload;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class WorkloadIT {

    /** Compared row by row with the report, so no other test works in it. */
    private static final String DATABASE = "platform";

    private static final String RESTARTED = "restarted";
    private static final long SEED = 42;

    private static final String OUR_SESSIONS =
            "SELECT count(*) FROM pg_stat_activity WHERE usename LIKE 'app\\_%'";

    private static PostgresServer server;

    @BeforeAll
    static void prepare() throws SQLException {
        server =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("deadlock_timeout", "300ms")
                        .start();
        for (String database : List.of(DATABASE, RESTARTED)) {
            server.createDatabase(database);
            try (Connection connection = server.connect(database)) {
                WorkloadSchema.create(connection, SEED);
            }
        }
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void everythingAdvertisedHappensIsCountedAndLeavesNoSession() throws SQLException {
        long deadlocksBefore = number("deadlocks");
        Workload workload =
                Workload.builder(server.jdbcUrl(DATABASE))
                        .seed(SEED)
                        .rate(150)
                        .deadlocksPerMinute(120)
                        .blockingPerMinute(600)
                        .start();
        try (workload) {
            await(Duration.ofSeconds(40), () -> everythingHappened(workload.report()));
        }
        WorkloadReport report = workload.report();

        assertThat(everythingHappened(report)).as("%s", report).isTrue();
        await(Duration.ofSeconds(5), () -> query(OUR_SESSIONS) == 0);
        await(
                Duration.ofSeconds(5),
                () -> number("deadlocks") - deadlocksBefore == report.deadlocks());
        assertThat(number("temp_files")).isPositive();
        assertThat(report.errors().keySet())
                .as("%s", report)
                .isSubsetOf("40P01", "57014", "55P03", "42501", "28000", "42704");
        assertOneOpenRow("business", "asset", "asset_details_s");
        assertOneOpenRow("business", "transaction", "transaction_details_s");
        assertOneOpenRow("auth", "user", "user_auth_s");
        assertOneOpenRow("auth", "session", "session_state_s");
        assertThat(query("SELECT count(*) FROM auth.session_h")).isEqualTo(report.sessionsOpened());
        assertThat(
                        query(
                                """
                                SELECT count(*) FROM auth.session_state_s
                                WHERE session_status = 'CLOSED' AND load_end_date IS NULL
                                """))
                .isEqualTo(report.sessionsClosed());
        assertThat(
                        query(
                                """
                                SELECT count(*) FROM auth.user_auth_s
                                WHERE record_source = 'AUTH_SERVICE' AND failed_login_attempts > 0
                                """))
                .isEqualTo(report.failedLogins());
        assertThat(
                        query(
                                """
                                SELECT count(*) FROM (
                                    SELECT p.username
                                    FROM auth.user_session_l l
                                    JOIN auth.user_profile_s p ON p.user_hk = l.user_hk
                                    JOIN auth.user_h u ON u.user_hk = l.user_hk
                                    GROUP BY p.username
                                    HAVING count(DISTINCT u.tenant_hk) > 1
                                ) AS violators
                                """))
                .isEqualTo(1);
    }

    @Test
    void survivesARestartOfTheServer() {
        try (Workload workload =
                Workload.builder(server.jdbcUrl(RESTARTED)).seed(SEED).rate(100).start()) {
            await(Duration.ofSeconds(10), () -> workload.report().transactions() > 50);
            server.restart();
            long before = workload.report().transactions();
            await(
                    Duration.ofSeconds(15),
                    () ->
                            workload.report().reconnects() > 15
                                    && workload.report().transactions() > before + 50);
        }
        await(Duration.ofSeconds(5), () -> query(OUR_SESSIONS) == 0);
    }

    @Test
    void stopsWithinItsLimitWhileTheServerIsAway() {
        Workload workload = Workload.builder(server.jdbcUrl(RESTARTED)).seed(SEED).start();
        await(Duration.ofSeconds(10), () -> workload.report().transactions() > 10);
        server.stop();
        try {
            long begin = System.nanoTime();
            workload.close();
            assertThat(Duration.ofNanos(System.nanoTime() - begin))
                    .isLessThan(Duration.ofSeconds(6));
        } finally {
            server.start();
        }
    }

    private static boolean everythingHappened(WorkloadReport report) {
        return report.transactions() > 500
                && report.rowsWritten().size() == Tenant.ALL.size()
                && report.deadlocks() >= 3
                && report.deadlocksOfThree() >= 1
                && report.blockingEpisodes() >= 6
                && report.lockWaits() > report.blockingEpisodes()
                && report.chainsByDepth().keySet().size() == 3
                && report.schemaChangeWaits() > 0
                && report.advisoryWaits() > 0
                && report.logins() > 0
                && report.failedLogins() > 0
                && report.failedLoginBursts() > 0
                && report.sessionsClosed() > 0
                && report.tenantViolations() > 0
                && report.unknownRoleLogins() > 0
                && report.suspiciousStatements() > 0
                && report.idleInTransaction() > 0
                && report.tempFileStatements() > 0
                && report.slowStatements() > 0
                && report.errors().containsKey("57014");
    }

    private static void assertOneOpenRow(String schema, String thing, String satellite) {
        assertThat(
                        query(
                                """
                                SELECT count(*) FROM %1$s.%2$s_h h
                                WHERE (SELECT count(*) FROM %1$s.%3$s s
                                       WHERE s.%2$s_hk = h.%2$s_hk AND s.load_end_date IS NULL) <> 1
                                """
                                        .formatted(schema, thing, satellite)))
                .as(satellite)
                .isZero();
    }

    private static long number(String column) {
        return query(
                "SELECT %s FROM pg_stat_database WHERE datname = 'platform'".formatted(column));
    }

    private static long query(String sql) {
        try (Connection connection = server.connect(DATABASE)) {
            return Long.parseLong(WorkloadSchemaIT.column(connection, sql).get(0));
        } catch (SQLException e) {
            throw new IllegalStateException(sql, e);
        }
    }

    private static void await(Duration limit, BooleanSupplier condition) {
        long deadline = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean() && System.nanoTime() < deadline) {
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
        assertThat(condition.getAsBoolean()).as("within %s", limit).isTrue();
    }
}
