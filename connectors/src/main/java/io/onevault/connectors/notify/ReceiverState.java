package io.onevault.connectors.notify;

/**
 * What is remembered of a receiver between attempts, for all notifications to it: its circuit
 * breaker and its rate limit. Made and changed by {@link DeliveryPolicy} only; begin with {@link
 * #FRESH}. To forget it means to begin with a closed circuit and a full allowance.
 *
 * @param failures temporary failures since the last answer that was none
 * @param pausedUntilMicros nothing is sent before, microseconds since the epoch
 * @param allowance messages that may be sent at once, as of {@code countedMicros}
 * @param countedMicros microseconds since the epoch; negative when nothing has been sent yet
 */
public record ReceiverState(
        int failures, long pausedUntilMicros, double allowance, long countedMicros) {

    /** A receiver nobody has sent to. */
    public static final ReceiverState FRESH = new ReceiverState(0, 0, 0, -1);
}
