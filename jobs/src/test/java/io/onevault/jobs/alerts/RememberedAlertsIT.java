package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.history.OpenAlertsSource;
import io.onevault.connectors.history.RememberedAlert;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.jobs.testing.TestVault;
import java.util.List;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a vault says of alerts to a job that begins. */
@Timeout(120)
class RememberedAlertsIT {

    private static TestVault vault;

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.start();
        alert("used", "FIRING", 60, "ann");
        alert("unheard", "FIRING", 60, "bob");
        alert("before", "FIRING", 3_600, "ann");
        for (String noted : List.of("used", "unheard", "before")) {
            vault.execute(
                    "INSERT INTO monitoring.alert_acknowledgement_s (alert_instance_hk, hash_diff,"
                            + " acknowledged_by) VALUES (util.hash_binary('%s'), 'x', 'ann')"
                                    .formatted(noted));
        }
        alert("over", "RESOLVED", 60, "");
        alert("long over", "RESOLVED", 1_200, "");
        incident("of those that are over", "lost", "over before");
        alert("over before", "RESOLVED", 120, "");
        incident("of one that is open", "kept", "unheard");
    }

    @AfterAll
    static void stop() throws Exception {
        vault.close();
    }

    @Test
    void saysWhatIsOpenWhatEndedLatelyAndWhichNoteCountedAlready() throws Exception {
        VaultOptions options = VaultOptions.of(vault.jdbcUrl(), "pipeline", Secret.of("secret"));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment();
        List<RememberedAlert> alerts =
                env.fromSource(
                                new OpenAlertsSource(options, List.of("shop")),
                                WatermarkStrategy.noWatermarks(),
                                "open-alerts")
                        .setParallelism(1)
                        .executeAndCollect(5);
        assertThat(alerts)
                .extracting(RememberedAlertsIT::said)
                .containsExactlyInAnyOrder(
                        "used FIRING note heard ",
                        "unheard FIRING note kept",
                        "before FIRING note ",
                        "over RESOLVED ",
                        "over before RESOLVED lost");
    }

    private static String said(RememberedAlert alert) {
        return alert.key()
                + " "
                + alert.status()
                + (alert.noteRow() == 0 ? "" : " note")
                + (alert.noteHeard() ? " heard " : " ")
                + (alert.incident() == null ? "" : alert.incident().key());
    }

    /** One that was taken note of so many seconds ago, and now stands otherwise. */
    private static void alert(String key, String status, int seconds, String noted)
            throws Exception {
        String row =
                "INSERT INTO monitoring.alert_instance_s (alert_instance_hk, load_date,"
                        + " load_end_date, hash_diff, alert_configuration_hk, alert_timestamp,"
                        + " alert_severity, alert_message, alert_status, target_name, series,"
                        + " fired_at, pending_since, acknowledged_at, additional_context,"
                        + " record_source) SELECT util.hash_binary('%1$s'), now() - interval"
                        + " '%2$d s', %3$s, 'x', 'y', now(), 'WARNING', 'm', '%4$s', 'shop', 's',"
                        + " now(), now(), %5$s, jsonb_build_object('acknowledged_by', '%6$s'), 't'";
        vault.execute(
                "INSERT INTO monitoring.alert_instance_h VALUES (util.hash_binary('%1$s'), '%1$s',"
                                .formatted(key)
                        + " NULL, now(), 't')",
                row.formatted(
                        key,
                        seconds + 1,
                        "now()",
                        noted.isEmpty() ? "FIRING" : "ACKNOWLEDGED",
                        noted.isEmpty() ? "NULL" : "now() - interval '" + seconds + " s'",
                        noted),
                row.formatted(key, seconds, "NULL", status, "NULL", ""));
    }

    private static void incident(String title, String key, String alert) throws Exception {
        vault.execute(
                "INSERT INTO monitoring.incident_h VALUES (util.hash_binary('%1$s'), '%1$s', NULL,"
                                .formatted(key)
                        + " now(), 't')",
                "INSERT INTO monitoring.incident_s (incident_hk, load_date, hash_diff,"
                        + " incident_title, incident_severity, incident_status, target_name,"
                        + " opened_at, alert_count, record_source) VALUES (util.hash_binary('"
                        + key
                        + "'), now(), 'x', '"
                        + title
                        + "', 'WARNING', 'OPEN', 'shop', now(), 1, 't')",
                "INSERT INTO monitoring.alert_incident_l VALUES (util.hash_binary('l"
                        + key
                        + "'), util.hash_binary('"
                        + alert
                        + "'), util.hash_binary('"
                        + key
                        + "'), NULL, now(), 't')");
    }
}
