package io.onevault.jobs.alerts.inhibition;

import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import org.jspecify.annotations.Nullable;

/**
 * An alert that is not over.
 *
 * @param own how it stands by its own values
 * @param shown how everybody else sees it; null for not yet
 * @param cause key of the alert that explains it; empty for none
 * @param dueAt when it is decided whether it is told, this machine's clock in milliseconds since
 *     the epoch; 0 when it is
 */
public record HeldAlert(
        AlertInstance own, @Nullable AlertInstance shown, String cause, long dueAt) {

    String key() {
        return own.subject().key();
    }

    boolean wasTold() {
        return shown != null && shown.told();
    }

    HeldAlert standing(AlertInstance now) {
        return new HeldAlert(now, shown, cause, dueAt);
    }

    HeldAlert showing(AlertInstance now, String newCause) {
        return new HeldAlert(own, now, newCause, 0);
    }

    HeldAlert due(long at) {
        return new HeldAlert(own, shown, cause, at);
    }

    HeldAlert withoutCause() {
        return new HeldAlert(own, shown, "", dueAt);
    }
}
