package io.onevault.jobs.alerts.delivery;

import io.onevault.connectors.notify.DeliveryAttempt;
import io.onevault.connectors.notify.Notification;
import java.util.concurrent.CompletableFuture;

/** Makes attempts without blocking. An attempt completes in bounded time, and not by failing. */
public interface NotificationSender extends AutoCloseable {

    /**
     * Makes one attempt.
     *
     * @param channel one that is configured
     */
    CompletableFuture<DeliveryAttempt> send(String channel, Notification notification);

    @Override
    void close();
}
