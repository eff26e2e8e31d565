package io.onevault.jobs.alerts.inhibition;

import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.lifecycle.Earlier;
import org.jspecify.annotations.Nullable;

/**
 * An alert that is not over.
 *
 * @param own how it stands by its own values
 * @param shown how everybody else sees it; null for not yet
 * @param cause key of the alert that explains it; empty for none
 * @param latest until when what explains it must have fired, on the watched server's clock
 * @param dueAt when it is decided whether it is told, this machine's clock in milliseconds since
 *     the epoch; 0 when it is
 * @param waitsForHours whether it would be told, were it not for its business hours; of one that
 *     its own values keep to them they will say when it is released
 */
public record HeldAlert(
        AlertInstance own,
        @Nullable AlertInstance shown,
        String cause,
        long latest,
        long dueAt,
        boolean waitsForHours) {

    /**
     * One that is heard of first. Of one that was taken up after a restart the vault knows whether
     * it was told. That another one was told before, when nothing waited for a cause, shows in that
     * it no longer fires for the first time.
     */
    static HeldAlert begun(AlertInstance own) {
        boolean first = own.status() == AlertStatus.FIRING && own.at() <= own.firedAt() + 1;
        Earlier earlier = own.earlier();
        boolean wasTold = earlier == null ? own.told() && !first : earlier.told();
        return new HeldAlert(own, wasTold ? own : null, "", 0, 0, false);
    }

    String key() {
        return own.subject().key();
    }

    boolean wasTold() {
        return shown != null && shown.told();
    }

    /** Of one that is taken up after a restart the vault may know that it was told meanwhile. */
    HeldAlert standing(AlertInstance now) {
        Earlier earlier = now.earlier();
        boolean toldMeanwhile = earlier != null && earlier.told() && !wasTold();
        return new HeldAlert(now, toldMeanwhile ? now : shown, cause, latest, dueAt, waitsForHours);
    }

    HeldAlert showing(AlertInstance now, String newCause) {
        return new HeldAlert(own, now, newCause, latest, 0, false);
    }

    /** Also explained by what fired until then. */
    HeldAlert until(long fired) {
        return new HeldAlert(own, shown, cause, Math.max(latest, fired), dueAt, waitsForHours);
    }

    HeldAlert due(long at) {
        return new HeldAlert(own, shown, cause, latest, at, waitsForHours);
    }

    HeldAlert withoutCause() {
        return new HeldAlert(own, shown, "", latest, dueAt, waitsForHours);
    }

    HeldAlert waitingForHours(boolean waits) {
        return new HeldAlert(own, shown, cause, latest, dueAt, waits);
    }
}
