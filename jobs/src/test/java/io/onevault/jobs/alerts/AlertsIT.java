package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.embedded.postgres.PostgresServer;
import io.onevault.jobs.OneVaultJob;
import io.onevault.jobs.config.OneVaultConfig;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.testing.Until;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.JobID;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From a rule in the vault and what a real server does to the alert in the vault. */
class AlertsIT {

    private static final int CROWD = 15;

    /** Poll interval and two seconds are asked for; a busy machine gets more. */
    private static final long MOST_MILLIS = 10_000;

    @TempDir static Path work;

    private static TestVault vault;
    private static PostgresServer watched;
    private static LocalFlink flink;
    private static final List<Connection> SESSIONS = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.start();
        vault.execute(
                "CREATE ROLE operator LOGIN PASSWORD 'secret' IN ROLE onevault_admin",
                "CREATE ROLE viewer LOGIN PASSWORD 'secret' IN ROLE onevault_reader");
        vault.hearRules();
        watched = PostgresServer.startLatest();
        watched.execute(
                "postgres",
                "CREATE ROLE collector LOGIN PASSWORD 'secret' IN ROLE pg_monitor",
                "CREATE ROLE crowd LOGIN PASSWORD 'secret'");
        flink = LocalFlink.start(work);
    }

    @AfterAll
    static void stop() throws Exception {
        flink.close();
        leave();
        watched.close();
        vault.close();
    }

    @Test
    void alertsFireAndClearWithWhatTheServerDoes() throws Exception {
        insertRule("crowd", 2, "full|waiting.*");
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        OneVaultJob.compose(env, config());
        JobID job = flink.submit(env);
        vault.await(
                "the server's sessions being seen",
                "SELECT count(*) > 0 FROM system_health_s WHERE metric_name = 'total_connections'");

        assertThatACrowdIsToldFromBeginningToEnd();
        assertThatASilenceByARowIsKeptAndEnded();
        assertThatARuleThatIsSwitchedOffTakesItsAlertAlong();
        assertThatTheServersEndAndReturnAreTold();
        flink.cancel(job);
    }

    private void assertThatACrowdIsToldFromBeginningToEnd() throws Exception {
        long began = System.nanoTime();
        come();
        vault.await("the crowd pending", open("crowd", "PENDING"));
        vault.await("the crowd firing", open("crowd", "FIRING"));
        long firing = Until.millisSince(began);
        assertThat(
                        holds(
                                "SELECT severity = 'WARNING' AND value >= threshold AND threshold ="
                                        + " "
                                        + CROWD
                                        + " AND message LIKE 'total_connections on shop is %'"
                                        + " AND contract_version = 1 AND was_told AND runbook ="
                                        + " 'Ask them to leave.' FROM open_alerts WHERE rule_name ="
                                        + " 'crowd'"))
                .isTrue();
        assertThat(read("viewer", "SELECT count(*) = 1 FROM monitoring.open_alerts"))
                .as("readers see it too")
                .isTrue();
        long left = System.nanoTime();
        leave();
        vault.await("the crowd resolved", none("crowd"));
        System.out.printf(
                "Sessions to FIRING in the vault (2 s to hold): %d ms; gone to RESOLVED: %d ms%n",
                firing, Until.millisSince(left));
        assertThat(firing).isLessThan(2_000 + MOST_MILLIS);
        assertThat(Until.millisSince(left)).isLessThan(MOST_MILLIS);
        vault.await("the whole history", history("crowd", "PENDING,FIRING,RESOLVED"));
    }

    private void assertThatASilenceByARowIsKeptAndEnded() throws Exception {
        silence("bad", "(");
        vault.await(
                "the rejection",
                "SELECT count(*) = 1 FROM alert_silence_rejection_s WHERE load_end_date IS NULL"
                        + " AND reason LIKE 'alert_pattern is not a regular expression%'");
        silence("good", "cro.*");
        // The job's answer to a row that came with it says that it was heard of.
        edit("UPDATE monitoring.alert_silence_s SET alert_pattern = 'none' WHERE reason = 'bad'");
        vault.await(
                "the rejection's end",
                "SELECT count(*) = 1 FROM alert_silence_rejection_s WHERE load_end_date IS NULL"
                        + " AND reason = ''");
        come();
        vault.await("the crowd in silence", open("crowd", "SUPPRESSED"));
        assertThat(
                        holds(
                                "SELECT suppressed_by LIKE 'silenced by operator until %: good'"
                                        + " AND NOT was_told FROM open_alerts WHERE rule_name ="
                                        + " 'crowd'"))
                .isTrue();
        edit("UPDATE monitoring.alert_silence_s SET load_end_date = now() WHERE reason = 'good'");
        vault.await("the crowd firing after it", open("crowd", "FIRING"));
        leave();
        vault.await("the crowd resolved", none("crowd"));
        vault.await("that history", history("crowd", "PENDING,SUPPRESSED,FIRING,RESOLVED"));
    }

    private static void silence(String key, String pattern) throws SQLException {
        edit(
                ("INSERT INTO monitoring.alert_silence_h (alert_silence_hk, alert_silence_bk)"
                     + " VALUES (util.hash_binary('%1$s'), '%1$s'); INSERT INTO"
                     + " monitoring.alert_silence_s (alert_silence_hk, hash_diff, starts_at,"
                     + " ends_at, alert_pattern, reason) VALUES (util.hash_binary('%1$s'), '\\x01',"
                     + " now(), now() + INTERVAL '1 hour', '%2$s', '%1$s')")
                        .formatted(key, pattern));
    }

    private void assertThatARuleThatIsSwitchedOffTakesItsAlertAlong() throws Exception {
        insertRule("full", 4, "");
        come();
        vault.await("the crowd firing again", open("crowd", "FIRING"));
        assertThatItExplainsWhatComesWithIt();
        edit(
                "INSERT INTO monitoring.alert_acknowledgement_s (alert_instance_hk, hash_diff,"
                        + " acknowledged_by) SELECT decode(alert_id, 'hex'), '\\x01', 'ann' FROM"
                        + " monitoring.open_alerts WHERE rule_name = 'crowd'");
        vault.await(
                "the note taken", open("crowd", "ACKNOWLEDGED") + " AND acknowledged_by = 'ann'");
        edit(
                "BEGIN; UPDATE monitoring.alert_acknowledgement_s SET load_end_date = now(); INSERT"
                        + " INTO monitoring.alert_acknowledgement_s (alert_instance_hk, hash_diff,"
                        + " acknowledged_by) SELECT alert_instance_hk, '\\x02', 'bob' FROM"
                        + " monitoring.alert_acknowledgement_s; COMMIT");
        vault.await(
                "the note renewed", open("crowd", "ACKNOWLEDGED") + " AND acknowledged_by = 'bob'");
        assertThat(
                        holds(
                                "SELECT count(*) = 0 FROM alert_instance_s WHERE alert_status ="
                                        + " 'FIRING' AND load_date > (SELECT min(load_date) FROM"
                                        + " alert_instance_s WHERE alert_status ="
                                        + " 'ACKNOWLEDGED')"))
                .as("nobody hears of a note that is renewed in one transaction")
                .isTrue();
        edit("UPDATE monitoring.alert_acknowledgement_s SET load_end_date = now()");
        vault.await("the note taken back", open("crowd", "FIRING"));
        edit("UPDATE monitoring.alert_configuration_s SET is_active = false" + OF_CROWD);
        vault.await("the alert's end", none("crowd"));
        assertThat(
                        holds(
                                "SELECT count(*) = 1 FROM alert_instance_s WHERE load_end_date IS"
                                    + " NULL AND additional_context ->> 'end_reason' = 'no rule in"
                                    + " force wants it any longer' AND alert_status = 'RESOLVED'"))
                .isTrue();
        vault.await("what it explained firing now", open("full", "FIRING"));
        leave();
        vault.await("its end", none("full"));
        vault.await("its history", history("full", "PENDING,SUPPRESSED,FIRING,RESOLVED"));
        vault.await(
                "the incident's end",
                "SELECT count(*) = 1 FROM incident_history WHERE status = 'RESOLVED' AND"
                        + " alert_count = 2 AND open_alerts = 0 AND explained_alerts = 1 AND"
                        + " root_cause = 'crowd' AND seconds_to_acknowledge > 0 AND"
                        + " seconds_to_resolve >= seconds_to_acknowledge");
        vault.await("no incident being left", "SELECT count(*) = 0 FROM open_incidents");
    }

    private static void assertThatItExplainsWhatComesWithIt() throws Exception {
        vault.await("what it explains", open("full", "SUPPRESSED"));
        vault.await(
                "both saying so",
                "SELECT count(*) = 1 FROM open_alerts symptom JOIN open_alerts cause ON"
                        + " symptom.explained_by = cause.alert_id WHERE symptom.rule_name = 'full'"
                        + " AND NOT symptom.was_told AND cause.rule_name = 'crowd' AND"
                        + " cause.message LIKE '%; explains 1 other: full'");
        vault.await(
                "their incident",
                "SELECT count(DISTINCT i.incident_id) = 1 AND count(*) = 2 FROM open_incidents i"
                        + " JOIN open_alerts a USING (incident_id) WHERE i.root_cause = 'crowd' AND"
                        + " i.title = 'crowd on shop' AND i.status = 'OPEN' AND i.severity ="
                        + " 'WARNING' AND i.alert_count = 2");
    }

    private void assertThatTheServersEndAndReturnAreTold() throws Exception {
        watched.stop();
        vault.await("the server being down", open("server down", "FIRING"));
        assertThat(
                        holds(
                                "SELECT severity = 'CRITICAL' AND target_name = 'shop' AND"
                                    + " rationale <> '' AND runbook <> '' FROM open_alerts WHERE"
                                    + " rule_name = 'server down'"))
                .isTrue();
        watched.start();
        vault.await("the server being up", none("server down"));
        vault.await("its history", history("server down", "FIRING,RESOLVED"));
        vault.await("the restart", history("server restarted", "FIRING,RESOLVED"));
    }

    private static final String OF_CROWD =
            " WHERE alert_configuration_hk = util.hash_binary('crowd')";

    /** On sessions, from as many as a crowd is. */
    private static void insertRule(String name, int forSeconds, String explains)
            throws SQLException {
        edit(
                ("INSERT INTO monitoring.alert_configuration_h (alert_configuration_hk,"
                     + " alert_configuration_bk) VALUES (util.hash_binary('%1$s'), '%1$s'); INSERT"
                     + " INTO monitoring.alert_configuration_s (alert_configuration_hk, hash_diff,"
                     + " alert_name, metric_pattern, target_pattern, warning_threshold,"
                     + " for_seconds, suppression_window_minutes, runbook, explains_pattern) VALUES"
                     + " (util.hash_binary('%1$s'), util.hash_binary('1'), '%1$s',"
                     + " 'total_connections', 'sh.*', %2$d, %3$d, 0, 'Ask them to leave.',"
                     + " nullif('%4$s', ''))")
                        .formatted(name, CROWD, forSeconds, explains));
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
                          intervals: {activity: 500ms, target: 500ms}
                        windows: {size: 10s}
                        job:
                          capabilities: [metrics, alerts]
                          parallelism: 2
                          checkpoint_interval: 1s
                        """
                                .formatted(vault.jdbcUrl(), watched.jdbcUrl("postgres")));
        return OneVaultConfig.read(file);
    }

    private static void come() throws SQLException {
        for (int i = 0; i < CROWD; i++) {
            SESSIONS.add(watched.connect("postgres", "crowd", "secret"));
        }
    }

    private static void leave() throws SQLException {
        for (Connection session : SESSIONS) {
            session.close();
        }
        SESSIONS.clear();
    }

    private static String open(String rule, String status) {
        return "SELECT count(*) = 1 FROM open_alerts WHERE rule_name = '%s' AND status = '%s'"
                .formatted(rule, status);
    }

    private static String none(String rule) {
        return "SELECT count(*) = 0 FROM open_alerts WHERE rule_name = '%s'".formatted(rule);
    }

    /** Whether an alert of the rule had these statuses, one after the other. */
    private static String history(String rule, String statuses) {
        return ("SELECT count(*) > 0 FROM (SELECT string_agg(alert_status, ',' ORDER BY load_date)"
                    + " AS life FROM alert_instance_s WHERE additional_context ->> 'rule_name' ="
                    + " '%s' GROUP BY alert_instance_hk) a WHERE life = '%s'")
                .formatted(rule, statuses);
    }

    private static void edit(String sql) throws SQLException {
        try (Connection connection = vault.connect("operator", "secret");
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static boolean holds(String sql) throws SQLException {
        return read("operator", sql);
    }

    private static boolean read(String role, String sql) throws SQLException {
        try (Connection connection = vault.connect(role, "secret");
                Statement statement = connection.createStatement()) {
            statement.execute("SET search_path = monitoring");
            try (ResultSet rows = statement.executeQuery(sql)) {
                return rows.next() && rows.getBoolean(1);
            }
        }
    }
}
