package io.onevault.jobs.alerts.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.testing.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Default rules about what people change on a server and what its log tells, as they are deployed:
 * real changes, refused logins, a crash and damage, by the whole job. They count for ten minutes
 * and more, so that they clear is shown by {@link RecentFindingsTest} and {@link LogWordsTest}.
 */
class SeenChangesIT {

    private static final String DB = "postgres";

    @TempDir static Path work;

    private static TestVault vault;
    private static PostgresServer watched;
    private static LocalFlink flink;

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.start();
        vault.hearRules();
        watched =
                PostgresServer.builder(PostgresServer.LATEST_VERSION)
                        .setting("max_connections", "40")
                        .setting("logging_collector", "on")
                        .setting("log_destination", "jsonlog")
                        .start();
        watched.execute(
                DB,
                "CREATE ROLE collector LOGIN PASSWORD 'secret' IN ROLE pg_monitor",
                "GRANT EXECUTE ON FUNCTION pg_catalog.pg_current_logfile(text),"
                        + " pg_catalog.pg_read_binary_file(text, bigint, bigint, boolean) TO"
                        + " collector",
                "CREATE ROLE mallory LOGIN PASSWORD 'right'",
                "CREATE TABLE orders (id int)",
                "CREATE TABLE damaged AS SELECT i FROM generate_series(1, 10) i",
                "VACUUM damaged",
                "CHECKPOINT");
        Path data = watched.directory().resolve("data");
        Path relation = data.resolve(text("SELECT pg_relation_filepath('damaged')"));
        watched.stop();
        byte[] page = Files.readAllBytes(relation);
        page[page.length - 1] ^= 1;
        Files.write(relation, page, StandardOpenOption.WRITE);
        Path hba = data.resolve("pg_hba.conf");
        Files.writeString(
                hba, "host all mallory 127.0.0.1/32 scram-sha-256\n" + Files.readString(hba));
        watched.start();
        flink = LocalFlink.start(work);
    }

    @AfterAll
    static void stop() throws Exception {
        flink.close();
        watched.close();
        vault.close();
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void whatPeopleChangeAndWhatTheLogTellsIsAlerted() throws Exception {
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        OneVaultJob.compose(env, config());
        JobID job = flink.submit(env);
        vault.await(
                "the rules being in force",
                "SELECT count(*) > 0 FROM monitoring.system_health_s WHERE rule_version > 0");
        vault.await(
                "the first lists",
                "SELECT count(DISTINCT object_kind) = 2 FROM monitoring.server_object_s WHERE"
                        + " object_kind IN ('setting', 'privilege')");
        assertThatChangedSettingsAreTold();
        assertThatChangedPrivilegesAreTold();
        assertThatRefusedLoginsAreTold();
        assertThatDamageAndWhatIsRefusedIsTold();
        assertThatACrashIsTold();
        assertThat(
                        vault.texts(
                                "SELECT alert_message || labels::text FROM"
                                        + " monitoring.alert_instance_s WHERE concat(alert_message,"
                                        + " labels, additional_context) ~"
                                        + " '(clerk|mallory|guess|127\\.0\\.0\\.1)'"))
                .as("names of roles, passwords and addresses")
                .isEmpty();
        flink.cancel(job);
    }

    private static void assertThatChangedSettingsAreTold() throws SQLException {
        assertThat(vault.holds(none("settings changed"))).as("the first list").isTrue();
        long began = System.nanoTime();
        watched.execute(
                DB,
                "ALTER SYSTEM SET work_mem = '65MB'",
                "ALTER SYSTEM SET from_collapse_limit = 9",
                "SELECT pg_reload_conf()");
        vault.await(
                "changed settings",
                open("settings changed", "WARNING")
                        + " AND value = 2 AND message LIKE '%from_collapse_limit 8 -> 9, work_mem"
                        + " 4MB -> 65MB%'");
        System.out.printf("Settings changed to alert: %d ms%n", Until.millisSince(began));
    }

    private static void assertThatChangedPrivilegesAreTold() throws SQLException {
        assertThat(vault.holds(none("privileges changed"))).as("the first list").isTrue();
        watched.execute(DB, "CREATE ROLE clerk LOGIN");
        String clerk = text("SELECT 'clerk'::regrole::oid");
        vault.await(
                "changed privileges",
                open("privileges changed", "WARNING")
                        + " AND value = 1 AND message LIKE '%role "
                        + clerk
                        + " is new%'");
        watched.execute(DB, "GRANT SELECT ON orders TO clerk");
        vault.await(
                "a privilege on a table",
                "SELECT count(*) > 0 FROM monitoring.server_object_s WHERE object_kind ="
                        + " 'privilege' AND object_key = 'relations/public'");
        assertThat(vault.holds(none("role gained power"))).isTrue();
        watched.execute(DB, "CREATE ROLE chief SUPERUSER", "GRANT chief TO clerk");
        vault.await(
                "power by a membership",
                open("role gained power", "CRITICAL")
                        + " AND message LIKE '%role "
                        + clerk
                        + " has gained superuser%' AND labels ->> 'role' = '"
                        + clerk
                        + "'");
    }

    private static void assertThatRefusedLoginsAreTold() throws SQLException {
        // A tail begins at the end of the log, whenever that is.
        Until.holds(
                () -> "refused logins, alerts are " + vault.alerts(),
                () -> {
                    assertThat(refusal("mallory", "guess")).isEqualTo("28P01");
                    return vault.holds(
                            open("many failed logins", "WARNING")
                                    + " AND value >= 10 AND message LIKE '%with a wrong password'"
                                    + " AND labels = '{}'");
                });
    }

    private static void assertThatDamageAndWhatIsRefusedIsTold() throws SQLException {
        try (Connection connection = watched.connect(DB);
                Statement statement = connection.createStatement()) {
            SQLException damage =
                    catchThrowableOfType(
                            SQLException.class,
                            () -> statement.execute("SELECT count(*) FROM damaged"));
            assertThat(damage.getSQLState()).isEqualTo("XX001");
        }
        vault.await("damage", open("damaged data reported", "CRITICAL"));
        List<Connection> all = new ArrayList<>();
        String state = "";
        while (state.isEmpty()) {
            try {
                all.add(watched.connect(DB));
            } catch (SQLException e) {
                state = e.getSQLState();
            }
        }
        for (Connection connection : all) {
            connection.close();
        }
        assertThat(state).isEqualTo("53300");
        vault.await(
                "what was refused",
                open("refused for lack of room", "WARNING")
                        + " AND labels ->> 'reason' = 'TOO_MANY_CONNECTIONS'");
    }

    private static void assertThatACrashIsTold() throws SQLException {
        try (Connection victim = watched.connect(DB);
                Statement statement = victim.createStatement();
                ResultSet row = statement.executeQuery("SELECT pg_backend_pid()")) {
            row.next();
            String pid = row.getString(1);
            try (Connection killer = watched.connect(DB);
                    Statement kill = killer.createStatement()) {
                kill.execute("COPY (SELECT 1) TO PROGRAM 'kill -9 " + pid + "'");
            } catch (SQLException e) {
                // The crash ends this session too.
                assertThat(e.getSQLState()).isNotEqualTo("42601");
            }
            vault.await(
                    "the crash",
                    open("server process crashed", "WARNING")
                            + " AND message LIKE '%process "
                            + pid
                            + " was ended by signal 9%'");
        }
    }

    private static String refusal(String user, String password) {
        SQLException refused =
                catchThrowableOfType(
                        SQLException.class, () -> watched.connect(DB, user, password).close());
        return String.valueOf(refused.getSQLState());
    }

    private static String text(String sql) throws SQLException {
        try (Connection connection = watched.connect(DB);
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private static OneVaultConfig config() throws Exception {
        Path file =
                Files.writeString(
                        work.resolve("onevault.yaml"),
                        """
                        vault: {url: "%s", user: pipeline, password: secret}
                        targets:
                          - {name: shop, url: "%s", user: collector, password: secret}
                        polling:
                          intervals: {activity: 1s, target: 500ms, settings: 500ms,
                            privileges: 500ms}
                        windows: {size: 1s}
                        job:
                          capabilities: [metrics, locks, alerts]
                          parallelism: 2
                          checkpoint_interval: 1s
                        """
                                .formatted(vault.jdbcUrl(), watched.jdbcUrl(DB)));
        return OneVaultConfig.read(file);
    }

    private static String open(String rule, String severity) {
        return ("SELECT count(*) > 0 FROM monitoring.open_alerts WHERE rule_name = '%s' AND"
                        + " severity = '%s' AND status = 'FIRING'")
                .formatted(rule, severity);
    }

    private static String none(String rule) {
        return "SELECT count(*) = 0 FROM monitoring.open_alerts WHERE rule_name = '%s'"
                .formatted(rule);
    }
}
