package io.onevault.jobs.alerts.lifecycle;

import static io.onevault.jobs.alerts.lifecycle.AlertStatus.ACKNOWLEDGED;
import static io.onevault.jobs.alerts.lifecycle.AlertStatus.FIRING;
import static io.onevault.jobs.alerts.lifecycle.AlertStatus.PENDING;
import static io.onevault.jobs.alerts.lifecycle.AlertStatus.RESOLVED;
import static io.onevault.jobs.alerts.lifecycle.AlertStatus.SUPPRESSED;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The whole life of an alert as a table: status, what happens, status after it. */
final class Transitions {

    private static final Map<AlertStatus, Map<Trigger, AlertStatus>> TABLE =
            Map.of(
                    PENDING,
                    Map.of(
                            Trigger.HELD, FIRING,
                            Trigger.HELD_IN_SILENCE, SUPPRESSED,
                            Trigger.CLEARED, RESOLVED,
                            Trigger.ENDED, RESOLVED),
                    FIRING,
                    Map.of(
                            Trigger.ACKNOWLEDGED, ACKNOWLEDGED,
                            Trigger.SILENCED, SUPPRESSED,
                            Trigger.SEVERITY_CHANGED, FIRING,
                            Trigger.CLEARED, RESOLVED,
                            Trigger.ENDED, RESOLVED),
                    ACKNOWLEDGED,
                    Map.of(
                            Trigger.UNACKNOWLEDGED, FIRING,
                            Trigger.ACKNOWLEDGED, ACKNOWLEDGED,
                            Trigger.SILENCED, SUPPRESSED,
                            Trigger.SEVERITY_CHANGED, ACKNOWLEDGED,
                            Trigger.CLEARED, RESOLVED,
                            Trigger.ENDED, RESOLVED),
                    SUPPRESSED,
                    Map.of(
                            Trigger.RELEASED, FIRING,
                            Trigger.SILENCED, SUPPRESSED,
                            Trigger.ACKNOWLEDGED, ACKNOWLEDGED,
                            Trigger.SEVERITY_CHANGED, SUPPRESSED,
                            Trigger.CLEARED, RESOLVED,
                            Trigger.ENDED, RESOLVED),
                    RESOLVED,
                    Map.of());

    private Transitions() {}

    /** The status after {@code trigger}; null where it means nothing. */
    static @Nullable AlertStatus after(AlertStatus status, Trigger trigger) {
        return TABLE.getOrDefault(status, Map.of()).get(trigger);
    }
}
