package io.onevault.jobs.alerts.incident;

import io.onevault.jobs.alerts.lifecycle.Severity;
import java.util.List;

/**
 * How an incident stands. Times are milliseconds since the epoch on the watched server's clock, 0
 * for not yet.
 *
 * @param key of the incident: that of its first alert
 * @param target the watched server's configured name
 * @param tenant the tenant's business key, empty for none
 * @param title what is the matter, in a few words
 * @param status where it stands
 * @param severity the worst so far
 * @param openedAt when its first alert fired
 * @param acknowledgedAt when somebody had first taken note of all that were told
 * @param closedAt when its last alert was over
 * @param alerts how many belong to it
 * @param open how many of them are not over
 * @param explained how many were not told because another alert explained them
 * @param rootHash hash key of the alert that explains others, hexadecimal; empty for none
 * @param rootCause its rule's name, empty for none
 * @param joined keys of the alerts that belong to it since it was said last
 * @param at of this state; grows strictly from state to state of an incident
 */
public record Incident(
        String key,
        String target,
        String tenant,
        String title,
        Status status,
        Severity severity,
        long openedAt,
        long acknowledgedAt,
        long closedAt,
        int alerts,
        int open,
        int explained,
        String rootHash,
        String rootCause,
        List<String> joined,
        long at) {

    /** Where an incident stands. */
    public enum Status {
        OPEN,
        /** Somebody has taken note of all of its alerts that are told. */
        ACKNOWLEDGED,
        RESOLVED
    }
}
