package io.onevault.connectors.notify;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * One attempt at a notification and its outcome, as the notification log wants it.
 *
 * @param idempotencyKey of the notification
 * @param channel configured name
 * @param channelType {@code EMAIL, SLACK, PAGERDUTY, SMS, WEBHOOK}
 * @param recipient whom it was sent to; of receivers whose address is a secret, the host only
 * @param content what a person gets to read, bounded
 * @param result {@code DELIVERED, TEMPORARY_FAILURE, PERMANENT_FAILURE}
 * @param reason why it failed, or what the receiver said beside taking it; may be empty
 * @param externalId the receiver's name for the message; may be empty
 * @param retryAfterMillis how long the receiver asks to be left alone; null when it does not say
 * @param startedMicros beginning of the attempt, microseconds since the epoch
 * @param durationMillis how long it took
 */
public record DeliveryAttempt(
        String idempotencyKey,
        String channel,
        String channelType,
        String recipient,
        String content,
        String result,
        String reason,
        String externalId,
        @Nullable Long retryAfterMillis,
        long startedMicros,
        double durationMillis) {

    static final String DELIVERED = "DELIVERED";
    static final String TEMPORARY = "TEMPORARY_FAILURE";
    static final String PERMANENT = "PERMANENT_FAILURE";

    static DeliveryAttempt of(
            Notification notification,
            ChannelOptions channel,
            String recipient,
            String content,
            Outcome outcome,
            long startedMicros,
            double durationMillis) {
        String result;
        String reason;
        String externalId = "";
        Long retryAfter = null;
        if (outcome instanceof Outcome.Delivered delivered) {
            result = DELIVERED;
            reason = delivered.detail();
            externalId = delivered.externalId();
        } else if (outcome instanceof Outcome.TemporaryFailure temporary) {
            result = TEMPORARY;
            reason = temporary.reason();
            Duration wait = temporary.retryAfter();
            retryAfter = wait == null ? null : wait.toMillis();
        } else {
            result = PERMANENT;
            reason = ((Outcome.PermanentFailure) outcome).reason();
        }
        return new DeliveryAttempt(
                notification.idempotencyKey(),
                channel.name(),
                channel.type(),
                recipient,
                content,
                result,
                reason,
                externalId,
                retryAfter,
                startedMicros,
                durationMillis);
    }

    /** What became of it. */
    public Outcome outcome() {
        return switch (result) {
            case DELIVERED -> new Outcome.Delivered(externalId, reason);
            case TEMPORARY ->
                    new Outcome.TemporaryFailure(
                            reason,
                            retryAfterMillis == null ? null : Duration.ofMillis(retryAfterMillis));
            case PERMANENT -> new Outcome.PermanentFailure(reason);
            default -> throw new IllegalStateException("result of an attempt: " + result);
        };
    }
}
