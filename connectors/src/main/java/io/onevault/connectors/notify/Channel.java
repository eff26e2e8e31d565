package io.onevault.connectors.notify;

import java.util.concurrent.CompletableFuture;

/**
 * A way to one receiver. Sends without blocking the caller, once, within its timeout; whatever
 * happens is an outcome, never an exception. Thread-safe.
 */
public sealed interface Channel
        permits EmailChannel, PagerDutyChannel, SlackChannel, SmsChannel, WebhookChannel {

    /** What it was configured with. */
    ChannelOptions options();

    /**
     * Makes one attempt. An attempt that ran into its timeout may have reached the receiver all the
     * same, which the idempotency key is for.
     *
     * @return completes normally always, at the latest shortly after the channel's timeout
     */
    CompletableFuture<DeliveryAttempt> send(Notification notification);
}
