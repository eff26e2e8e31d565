package io.onevault.jobs.alerts.incident;

import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;

/**
 * An alert of an incident that is not over.
 *
 * @param incident key of the incident
 * @param ruleName of the alert
 * @param fires whether nobody has taken note of it
 * @param noted whether somebody has
 * @param cause hash key of the alert that explains it, empty for none
 */
public record IncidentMember(
        String incident, String ruleName, boolean fires, boolean noted, String cause) {

    static IncidentMember of(String incident, AlertInstance alert) {
        return new IncidentMember(
                incident,
                alert.subject().ruleName(),
                alert.status() == AlertStatus.FIRING,
                alert.status() == AlertStatus.ACKNOWLEDGED,
                alert.causeHash());
    }
}
