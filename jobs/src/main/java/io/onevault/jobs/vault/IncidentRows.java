package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.INTEGER;
import static io.onevault.connectors.vault.VaultTable.ColumnType.JSON;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP;

import io.onevault.connectors.vault.VaultLink;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.jobs.alerts.incident.Incident;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Incidents in {@code monitoring.incident_s}: the hub is one incident from its first alert to the
 * end of its last, linked to each of them; a row is how it stood.
 */
public final class IncidentRows {

    private static final String TO_ALERT = "alert_incident_l";

    public static final VaultTable TABLE =
            new VaultTable(
                            "monitoring",
                            "incident_h",
                            "incident_s",
                            "incident",
                            List.of(
                                    new Column("incident_title", TEXT),
                                    new Column("incident_severity", TEXT),
                                    new Column("incident_status", TEXT),
                                    new Column("target_name", TEXT),
                                    new Column("opened_at", TIMESTAMP),
                                    new Column("closed_at", TIMESTAMP),
                                    new Column("alert_count", INTEGER),
                                    new Column("root_cause", TEXT),
                                    new Column("additional_context", JSON)),
                            List.of(),
                            "ONEVAULT_STREAMS_ALERTS")
                    .withLinks(
                            new VaultLink(
                                    TO_ALERT,
                                    "alert_incident",
                                    "alert_instance_h",
                                    "alert_instance",
                                    true));

    private IncidentRows() {}

    /** The row of a state, with links to the alerts that joined since the one before. */
    public static VaultRow row(Incident incident) {
        return new VaultRow(
                incident.key(),
                incident.tenant(),
                incident.at(),
                Arrays.<@Nullable Object>asList(
                        incident.title(),
                        incident.severity().name(),
                        incident.status().name(),
                        incident.target(),
                        incident.openedAt(),
                        incident.closedAt() == 0 ? null : incident.closedAt(),
                        incident.alerts(),
                        incident.rootCause().isEmpty() ? null : incident.rootCause(),
                        Json.object(context(incident))),
                incident.joined().stream()
                        .map(alert -> new VaultRow.Link(TO_ALERT, alert))
                        .toList());
    }

    private static Map<String, String> context(Incident incident) {
        Map<String, String> context = new TreeMap<>();
        context.put("open_alerts", Integer.toString(incident.open()));
        context.put("explained_alerts", Integer.toString(incident.explained()));
        if (!incident.rootHash().isEmpty()) {
            context.put("root_alert_id", incident.rootHash());
        }
        if (incident.acknowledgedAt() != 0) {
            context.put("seconds_to_acknowledge", seconds(incident, incident.acknowledgedAt()));
        }
        if (incident.closedAt() != 0) {
            context.put("seconds_to_resolve", seconds(incident, incident.closedAt()));
        }
        return context;
    }

    private static String seconds(Incident incident, long until) {
        return Double.toString((until - incident.openedAt()) / 1000.0);
    }
}
