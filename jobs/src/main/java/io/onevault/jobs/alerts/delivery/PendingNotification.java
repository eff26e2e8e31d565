package io.onevault.jobs.alerts.delivery;

import io.onevault.connectors.notify.Notification;

/**
 * A notification that has not ended. Times are microseconds since the epoch.
 *
 * @param order of arrival in its channel
 * @param requestedAtMicros when it came
 * @param dueMicros not to be tried before
 * @param attempts begun
 * @param underWay whether the last of them has no outcome yet
 * @param lastReason why the last one failed; empty when none has
 */
public record PendingNotification(
        Notification notification,
        long order,
        long requestedAtMicros,
        long dueMicros,
        int attempts,
        boolean underWay,
        String lastReason) {

    static PendingNotification arrived(Notification notification, long order, long nowMicros) {
        return new PendingNotification(notification, order, nowMicros, nowMicros, 0, false, "");
    }

    PendingNotification begun() {
        return new PendingNotification(
                notification, order, requestedAtMicros, dueMicros, attempts + 1, true, lastReason);
    }

    PendingNotification again(long atMicros, String reason) {
        return new PendingNotification(
                notification, order, requestedAtMicros, atMicros, attempts, false, reason);
    }

    String key() {
        return notification.idempotencyKey();
    }

    /** Those of one matter go out in their order. */
    String alert() {
        return notification.matterKey();
    }
}
