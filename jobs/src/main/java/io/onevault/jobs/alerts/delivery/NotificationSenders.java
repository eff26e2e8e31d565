package io.onevault.jobs.alerts.delivery;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.Channels;
import io.onevault.connectors.notify.DeliveryAttempt;
import io.onevault.connectors.notify.Notification;
import java.io.Serializable;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** Opens the way to receivers where the task runs. */
@FunctionalInterface
public interface NotificationSenders extends Serializable {

    /** One for a task, which closes it. */
    NotificationSender open(List<ChannelOptions> channels);

    /** The real channels. */
    static NotificationSender channels(List<ChannelOptions> options) {
        Channels channels = Channels.open(options, Clock.systemUTC());
        return new NotificationSender() {
            @Override
            public CompletableFuture<DeliveryAttempt> send(
                    String channel, Notification notification) {
                return channels.send(channel, notification);
            }

            @Override
            public void close() {
                channels.close();
            }
        };
    }
}
