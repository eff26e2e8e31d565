package io.onevault.jobs.alerts.delivery;

/**
 * What became of a notification: one record of each attempt, the last one terminal; a notification
 * that ends without an attempt has a terminal record alone. Texts are free of secrets. Times are
 * this machine's clock in microseconds since the epoch. A text that is not known is empty.
 *
 * @param channel configured name
 * @param channelType {@code EMAIL, SLACK, PAGERDUTY, SMS, WEBHOOK}; {@code NONE} when no channel of
 *     that name is configured
 * @param idempotencyKey with the channel, the notification's identity
 * @param alertKey business key of its alert
 * @param matterKey what receivers know the trouble by
 * @param tenant whose it is
 * @param notification what it says: {@code firing, acknowledged, resolved}
 * @param state name of a {@link DeliveryState}
 * @param recipient whom it was sent to; of receivers whose address is a secret, the host only
 * @param content what a person gets to read
 * @param reason why it failed or ended, or what the receiver said beside taking it
 * @param externalId the receiver's name for the message
 * @param attempts begun so far
 * @param requestedAtMicros when it was first to be sent
 * @param atMicros when this became of it
 * @param durationMillis of the attempt; 0 without one
 */
public record DeliveryRecord(
        String channel,
        String channelType,
        String idempotencyKey,
        String alertKey,
        String matterKey,
        String tenant,
        String notification,
        String state,
        String recipient,
        String content,
        String reason,
        String externalId,
        int attempts,
        long requestedAtMicros,
        long atMicros,
        double durationMillis) {

    /** {@link #state} as a constant. */
    public DeliveryState delivery() {
        return DeliveryState.valueOf(state);
    }

    /** The notification's business key: channel names have no slash. */
    public String key() {
        return channel + '/' + idempotencyKey;
    }
}
