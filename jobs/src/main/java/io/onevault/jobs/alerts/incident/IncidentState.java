package io.onevault.jobs.alerts.incident;

import io.onevault.connectors.history.RememberedIncident;
import io.onevault.jobs.alerts.incident.Incident.Status;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertSubject;
import io.onevault.jobs.alerts.lifecycle.Severity;
import java.util.ArrayList;
import java.util.List;

/**
 * What is remembered of an incident that is not over.
 *
 * @param now how it stands
 * @param joinedAt when its newest alert fired, on the watched server's clock
 * @param firing how many of its alerts nobody has taken note of
 * @param noted of how many somebody has
 * @param changed whether it stands otherwise than was said
 * @param endsFrom before which its end is not said, this machine's clock in milliseconds since the
 *     epoch; 0 for at once
 */
public record IncidentState(
        Incident now, long joinedAt, int firing, int noted, boolean changed, long endsFrom) {

    static IncidentState opened(AlertInstance first) {
        AlertSubject subject = first.subject();
        Incident none =
                new Incident(
                        subject.key(),
                        subject.target(),
                        subject.tenant(),
                        title(subject.ruleName(), subject.target()),
                        Status.OPEN,
                        first.severity(),
                        first.firedAt(),
                        0,
                        0,
                        0,
                        0,
                        0,
                        "",
                        "",
                        List.of(),
                        first.at());
        return new IncidentState(none, first.firedAt(), 0, 0, true, 0);
    }

    /**
     * One of before a restart, without those of its alerts that are not over.
     *
     * @param endsFrom until when more of them may come
     */
    static IncidentState remembered(
            RememberedIncident incident, AlertSubject subject, long endsFrom) {
        Incident known =
                new Incident(
                        incident.key(),
                        incident.target().isEmpty() ? subject.target() : incident.target(),
                        subject.tenant(),
                        incident.title(),
                        Status.OPEN,
                        Severity.valueOf(incident.severity()),
                        incident.openedAt(),
                        incident.acknowledgedAt(),
                        0,
                        incident.over(),
                        0,
                        incident.explained(),
                        incident.rootHash(),
                        incident.rootCause(),
                        List.of(),
                        incident.at());
        return new IncidentState(known, incident.openedAt(), 0, 0, false, endsFrom);
    }

    private static String title(String rule, String target) {
        return rule + " on " + target;
    }

    /** With one alert more. */
    IncidentState joinedBy(AlertInstance alert, IncidentMember member) {
        List<String> joined = new ArrayList<>(now.joined());
        joined.add(alert.subject().key());
        return with(
                        now.alerts() + 1,
                        now.open() + 1,
                        now.explained(),
                        worse(now.severity(), alert.severity()),
                        joined,
                        Math.max(joinedAt, alert.firedAt()),
                        alert.at())
                .counting(member, 1, alert.at());
    }

    /** One of its alerts stands otherwise. */
    IncidentState changedBy(AlertInstance alert, IncidentMember before, IncidentMember after) {
        return with(
                        now.alerts(),
                        now.open(),
                        now.explained(),
                        worse(now.severity(), alert.severity()),
                        now.joined(),
                        joinedAt,
                        alert.at())
                .counting(before, -1, alert.at())
                .counting(after, 1, alert.at());
    }

    /** One of its alerts is over. */
    IncidentState leftBy(AlertInstance alert, IncidentMember member) {
        return with(
                        now.alerts(),
                        now.open() - 1,
                        now.explained(),
                        now.severity(),
                        now.joined(),
                        joinedAt,
                        alert.at())
                .counting(member, -1, alert.at());
    }

    /**
     * One of its alerts is explained by another.
     *
     * @param symptom hash key of the one, hexadecimal
     * @param rootName name of the other's rule
     * @param more how many more are explained than were counted
     */
    IncidentState explainedBy(String symptom, String root, String rootName, int more) {
        boolean takesOver = now.rootHash().isEmpty() || now.rootHash().equals(symptom);
        Incident explained =
                new Incident(
                        now.key(),
                        now.target(),
                        now.tenant(),
                        takesOver ? title(rootName, now.target()) : now.title(),
                        now.status(),
                        now.severity(),
                        now.openedAt(),
                        now.acknowledgedAt(),
                        now.closedAt(),
                        now.alerts(),
                        now.open(),
                        now.explained() + more,
                        takesOver ? root : now.rootHash(),
                        takesOver ? rootName : now.rootCause(),
                        now.joined(),
                        now.at());
        return new IncidentState(explained, joinedAt, firing, noted, true, endsFrom);
    }

    /** The same after it was said. */
    IncidentState said() {
        Incident told =
                new Incident(
                        now.key(),
                        now.target(),
                        now.tenant(),
                        now.title(),
                        now.status(),
                        now.severity(),
                        now.openedAt(),
                        now.acknowledgedAt(),
                        now.closedAt(),
                        now.alerts(),
                        now.open(),
                        now.explained(),
                        now.rootHash(),
                        now.rootCause(),
                        List.of(),
                        now.at());
        return new IncidentState(told, joinedAt, firing, noted, false, endsFrom);
    }

    private IncidentState counting(IncidentMember member, int by, long at) {
        int fires = firing + (member.fires() ? by : 0);
        int notes = noted + (member.noted() ? by : 0);
        Status status =
                now.open() == 0
                        ? Status.RESOLVED
                        : fires == 0 && notes > 0 ? Status.ACKNOWLEDGED : Status.OPEN;
        boolean first = status == Status.ACKNOWLEDGED && now.acknowledgedAt() == 0;
        Incident counted =
                new Incident(
                        now.key(),
                        now.target(),
                        now.tenant(),
                        now.title(),
                        status,
                        now.severity(),
                        now.openedAt(),
                        first ? at : now.acknowledgedAt(),
                        status == Status.RESOLVED ? at : 0,
                        now.alerts(),
                        now.open(),
                        now.explained(),
                        now.rootHash(),
                        now.rootCause(),
                        now.joined(),
                        now.at());
        return new IncidentState(counted, joinedAt, fires, notes, true, endsFrom);
    }

    private IncidentState with(
            int alerts,
            int open,
            int explained,
            Severity severity,
            List<String> joined,
            long newJoinedAt,
            long at) {
        Incident next =
                new Incident(
                        now.key(),
                        now.target(),
                        now.tenant(),
                        now.title(),
                        now.status(),
                        severity,
                        now.openedAt(),
                        now.acknowledgedAt(),
                        now.closedAt(),
                        alerts,
                        open,
                        explained,
                        now.rootHash(),
                        now.rootCause(),
                        joined,
                        changed ? Math.max(now.at(), at) : Math.max(now.at() + 1, at));
        return new IncidentState(next, newJoinedAt, firing, noted, true, endsFrom);
    }

    private static Severity worse(Severity one, Severity other) {
        return one.compareTo(other) >= 0 ? one : other;
    }
}
