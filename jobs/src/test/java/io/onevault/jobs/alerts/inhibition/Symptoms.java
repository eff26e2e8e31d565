package io.onevault.jobs.alerts.inhibition;

import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.lifecycle.AlertSubject;
import io.onevault.jobs.alerts.lifecycle.Earlier;
import io.onevault.jobs.alerts.lifecycle.Severity;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Alerts as their own values make them, on a clock of milliseconds after {@link #T0}. */
final class Symptoms {

    static final long T0 = Instant.parse("2026-11-18T12:00:00Z").toEpochMilli();
    static final int REPEAT_MINUTES = 5;

    private Symptoms() {}

    /**
     * A rule's alert of {@code target|tenant|metric|label=…}; its key is rule and series. Rules
     * whose names say so are told in business hours alone.
     */
    static AlertSubject subject(
            String rule, String series, String explains, List<String> inhibitedBy) {
        String[] parts = series.split("\\|");
        Map<String, String> labels =
                parts.length > 3
                        ? Map.of(parts[3].split("=")[0], parts[3].split("=")[1])
                        : Map.of();
        return new AlertSubject(
                rule + "/" + series,
                rule,
                rule,
                1,
                "",
                "",
                List.of(),
                List.of(),
                parts[1],
                parts[0],
                series,
                parts[2],
                labels,
                "",
                parts[0],
                inhibitedBy,
                explains,
                REPEAT_MINUTES,
                rule.startsWith("by day"),
                1_000);
    }

    static AlertInstance alert(
            AlertSubject subject,
            AlertStatus status,
            Severity severity,
            long fired,
            long at,
            boolean told,
            String suppressedBy) {
        return alert(subject, status, severity, fired, at, told, suppressedBy, null);
    }

    /** A warning that fired before a restart and was not told, or was, right then. */
    static AlertInstance takenUp(AlertSubject subject, long fired, Earlier earlier) {
        long at = fired + (earlier.told() ? 1 : 2);
        return alert(subject, AlertStatus.FIRING, Severity.WARNING, fired, at, true, "", earlier);
    }

    private static AlertInstance alert(
            AlertSubject subject,
            AlertStatus status,
            Severity severity,
            long fired,
            long at,
            boolean told,
            String suppressedBy,
            @Nullable Earlier earlier) {
        boolean over = status == AlertStatus.RESOLVED;
        return new AlertInstance(
                subject,
                status,
                severity,
                97,
                90,
                subject.ruleName() + " is bad",
                T0 + fired,
                T0 + fired,
                0,
                "",
                suppressedBy.isEmpty() ? 0 : T0 + at,
                suppressedBy,
                over ? T0 + at : 0,
                over ? "in order again" : "",
                false,
                told,
                T0 + at,
                earlier);
    }
}
