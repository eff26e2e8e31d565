package io.onevault.connectors.probe;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.secret.Secret;
import io.onevault.embedded.postgres.PostgresServer;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.ValueSource;

/** What logins of different rights are told, and whether it is so, on oldest and newest. */
@ParameterizedClass(name = "PostgreSQL {0}")
@ValueSource(ints = {14, 18})
class LockAccessProbeIT {

    private static PostgresServer server;

    @Parameter int version;

    @BeforeParameterizedClassInvocation
    static void start(int version) {
        server =
                PostgresServer.builder(version)
                        .setting("logging_collector", "on")
                        .setting("log_destination", version == 14 ? "csvlog" : "jsonlog")
                        .start();
        server.execute(
                "postgres",
                "CREATE ROLE \"odd \"\"one\" LOGIN",
                "CREATE ROLE reads LOGIN IN ROLE pg_read_all_stats",
                "CREATE ROLE watches LOGIN IN ROLE pg_monitor",
                "CREATE ROLE other LOGIN",
                "GRANT EXECUTE ON FUNCTION pg_current_logfile(text),"
                        + " pg_read_binary_file(text, bigint, bigint, boolean) TO watches");
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        server.close();
    }

    @Test
    void whoeverMayNotReadStatisticsIsToldWhatStaysHidden() throws SQLException {
        List<ServerFinding> findings = check("odd \"one", false);
        assertThat(findings).hasSize(1);
        ServerFinding finding = findings.get(0);
        assertThat(finding.fatal()).isFalse();
        assertThat(finding.setting()).isEqualTo("user");
        assertThat(finding.value()).isEqualTo("odd \"one");
        assertThat(finding.what())
                .contains("does not see states, statements, transactions and addresses")
                .contains(server.port() + "/postgres");
        assertThat(finding.remedy()).contains("GRANT pg_monitor TO \"odd \"\"one\"");

        assertThat(activityOfOthers("odd \"one")).isEqualTo("other|idle-one|hidden|f|f|f");
        server.execute("postgres", "GRANT pg_read_all_stats TO \"odd \"\"one\"");
        assertThat(check("odd \"one", false)).isEmpty();
        assertThat(activityOfOthers("odd \"one")).isEqualTo("other|idle-one|shown|t|t|t");
        server.execute("postgres", "REVOKE pg_read_all_stats FROM \"odd \"\"one\"");
    }

    @Test
    void aLoginThatSeesSessionsMayStillLackTheLog() {
        assertThat(check("reads", false)).isEmpty();
        assertThat(check("reads", true))
                .singleElement()
                .satisfies(
                        finding -> {
                            assertThat(finding.fatal()).isFalse();
                            assertThat(finding.what()).contains("cannot read the server's log");
                            assertThat(finding.remedy())
                                    .contains("pg_read_binary_file", "TO \"reads\"", "log: false");
                        });
        assertThat(check("watches", true)).isEmpty();
        assertThat(check(PostgresServer.SUPERUSER, true)).isEmpty();
    }

    @Test
    void aLogThatNobodyCanReadIsNamedForTheServer() {
        try (PostgresServer silent = PostgresServer.builder(version).start()) {
            silent.execute("postgres", "CREATE ROLE watches LOGIN IN ROLE pg_monitor");
            assertThat(
                            LockAccessProbe.check(
                                    new Server(silent.jdbcUrl("postgres"), "watches", Secret.NONE),
                                    true))
                    .extracting(ServerFinding::setting)
                    .containsExactly("user", "url");
        }
    }

    private static List<ServerFinding> check(String user, boolean log) {
        return LockAccessProbe.check(
                new Server(server.jdbcUrl("postgres"), user, Secret.NONE), log);
    }

    /** Of a session that idles in its transaction, as {@code user} sees it. */
    private static String activityOfOthers(String user) throws SQLException {
        try (Connection other = server.connect("postgres", "other", "");
                Statement work = other.createStatement();
                Connection connection = server.connect("postgres", user, "");
                Statement statement = connection.createStatement()) {
            other.setAutoCommit(false);
            work.execute("SET application_name = 'idle-one'");
            try (ResultSet row =
                    statement.executeQuery(
                            """
                            SELECT concat_ws('|', usename, application_name,
                                CASE query WHEN '<insufficient privilege>' THEN 'hidden' ELSE 'shown' END,
                                state IS NOT NULL, xact_start IS NOT NULL, client_addr IS NOT NULL)
                            FROM pg_stat_activity WHERE usename = 'other'
                            """)) {
                row.next();
                return row.getString(1);
            }
        }
    }
}
