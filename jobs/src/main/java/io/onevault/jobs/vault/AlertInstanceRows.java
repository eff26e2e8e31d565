package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.BOOLEAN;
import static io.onevault.connectors.vault.VaultTable.ColumnType.BYTES;
import static io.onevault.connectors.vault.VaultTable.ColumnType.DOUBLE;
import static io.onevault.connectors.vault.VaultTable.ColumnType.JSON;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP;

import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertSubject;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Alerts in {@code monitoring.alert_instance_s}: the hub is one alert from its beginning to its
 * end, a row how it stood after a change.
 */
public final class AlertInstanceRows {

    /** Links of notifications name the hub, and may be written before its first row is. */
    public static final VaultTable TABLE =
            new VaultTable(
                            "monitoring",
                            "alert_instance_h",
                            "alert_instance_s",
                            "alert_instance",
                            List.of(
                                    new Column("alert_configuration_hk", BYTES),
                                    new Column("alert_timestamp", TIMESTAMP),
                                    new Column("alert_severity", TEXT),
                                    new Column("alert_message", TEXT),
                                    new Column("alert_value", DOUBLE),
                                    new Column("threshold_exceeded", BOOLEAN),
                                    new Column("additional_context", JSON),
                                    new Column("alert_status", TEXT),
                                    new Column("target_name", TEXT),
                                    new Column("series", TEXT),
                                    new Column("metric_name", TEXT),
                                    new Column("labels", JSON),
                                    new Column("threshold_value", DOUBLE),
                                    new Column("pending_since", TIMESTAMP),
                                    new Column("fired_at", TIMESTAMP),
                                    new Column("acknowledged_at", TIMESTAMP),
                                    new Column("suppressed_at", TIMESTAMP),
                                    new Column("suppressed_by", TEXT),
                                    new Column("resolved_at", TIMESTAMP),
                                    new Column("group_key", TEXT)),
                            List.of(),
                            "ONEVAULT_STREAMS_ALERTS")
                    .whichLinksName();

    private AlertInstanceRows() {}

    /** The row of a change. */
    public static VaultRow row(AlertInstance alert) {
        AlertSubject subject = alert.subject();
        return new VaultRow(
                subject.key(),
                subject.tenant(),
                alert.at(),
                Arrays.<@Nullable Object>asList(
                        HexFormat.of().parseHex(subject.ruleKey()),
                        alert.at(),
                        alert.severity().name(),
                        alert.message(),
                        number(alert.value()),
                        alert.open(),
                        Json.object(context(alert)),
                        alert.status().name(),
                        subject.target(),
                        subject.series(),
                        subject.metric(),
                        Json.object(subject.labels()),
                        number(alert.threshold()),
                        moment(alert.pendingSince()),
                        moment(alert.firedAt()),
                        moment(alert.acknowledgedAt()),
                        moment(alert.suppressedAt()),
                        alert.suppressedBy().isEmpty() ? null : alert.suppressedBy(),
                        moment(alert.resolvedAt()),
                        subject.groupKey()));
    }

    private static Map<String, String> context(AlertInstance alert) {
        Map<String, String> context = new TreeMap<>();
        context.put("rule_name", alert.subject().ruleName());
        context.put("rule_version", Long.toString(alert.subject().ruleVersion()));
        context.put("unit", alert.subject().unit());
        context.put("was_told", Boolean.toString(alert.told()));
        context.put("flapping", Boolean.toString(alert.flapping()));
        if (!alert.reason().isEmpty()) {
            context.put("end_reason", alert.reason());
        }
        if (!alert.acknowledgedBy().isEmpty()) {
            context.put("acknowledged_by", alert.acknowledgedBy());
        }
        return context;
    }

    private static @Nullable Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static @Nullable Long moment(long millis) {
        return millis == 0 ? null : millis;
    }
}
