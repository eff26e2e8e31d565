package io.onevault.jobs.alerts.delivery;

import io.onevault.connectors.notify.DeliveryAttempt;
import java.util.Collection;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What a task has in memory of a channel beside its state. Used by the task's thread alone; only
 * the attempt is completed by others.
 */
final class OpenChannel {

    /** An attempt whose outcome nobody has looked at. */
    record Attempt(String key, long startedMillis, CompletableFuture<DeliveryAttempt> outcome) {}

    private final ChannelQueue queue;
    private @Nullable Attempt underWay;
    private long timer;

    OpenChannel(Collection<PendingNotification> pending) {
        queue = new ChannelQueue(pending);
    }

    ChannelQueue queue() {
        return queue;
    }

    /** The one attempt there may be at a time. */
    @Nullable Attempt underWay() {
        return underWay;
    }

    void underWay(@Nullable Attempt attempt) {
        underWay = attempt;
    }

    boolean isUnderWay(String key) {
        return underWay != null && underWay.key().equals(key);
    }

    /** When the channel is looked at next, milliseconds; 0 when no timer is known. */
    long timer() {
        return timer;
    }

    void timer(long millis) {
        timer = millis;
    }
}
