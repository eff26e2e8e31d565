package io.onevault.jobs.alerts.delivery;

import io.onevault.connectors.notify.DeliveryAttempt;
import io.onevault.connectors.notify.Notification;

/** Writes down what became of a channel's notifications. */
final class DeliveryRecords {

    private static final String NO_CHANNEL = "NONE";
    private static final double MICROS_PER_MILLI = 1e3;

    private DeliveryRecords() {}

    /** After an attempt. */
    static DeliveryRecord of(
            PendingNotification pending,
            DeliveryAttempt attempt,
            DeliveryState state,
            String reason) {
        Notification notification = pending.notification();
        return new DeliveryRecord(
                attempt.channel(),
                attempt.channelType(),
                notification.idempotencyKey(),
                notification.alertKey(),
                notification.matterKey(),
                notification.tenant(),
                notification.status(),
                state.name(),
                attempt.recipient(),
                attempt.content(),
                reason,
                attempt.externalId(),
                pending.attempts(),
                pending.requestedAtMicros(),
                attempt.startedMicros() + Math.round(attempt.durationMillis() * MICROS_PER_MILLI),
                attempt.durationMillis());
    }

    /** Without an attempt, or when its outcome is not known. */
    static DeliveryRecord of(
            PendingNotification pending,
            String channel,
            String type,
            DeliveryState state,
            String reason,
            long nowMicros) {
        Notification notification = pending.notification();
        return new DeliveryRecord(
                channel,
                type,
                notification.idempotencyKey(),
                notification.alertKey(),
                notification.matterKey(),
                notification.tenant(),
                notification.status(),
                state.name(),
                "",
                "",
                reason,
                "",
                pending.attempts(),
                pending.requestedAtMicros(),
                nowMicros,
                0);
    }

    /** For a channel that is not configured, or is not any more. */
    static DeliveryRecord unroutable(PendingNotification pending, String channel, long nowMicros) {
        return of(
                pending,
                channel,
                NO_CHANNEL,
                DeliveryState.FAILED,
                "there is no channel of this name in the configuration",
                nowMicros);
    }
}
