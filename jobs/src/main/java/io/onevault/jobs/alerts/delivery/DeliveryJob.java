package io.onevault.jobs.alerts.delivery;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.jobs.vault.FindingSinks;
import io.onevault.jobs.vault.NotificationLogRows;
import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;

/** Sends notifications, and logs in the vault what became of them. */
public final class DeliveryJob {

    private DeliveryJob() {}

    /**
     * Adds the delivery to a topology.
     *
     * @param requests of one alert and channel in the order in which they are to arrive
     * @param channels all that are configured
     * @return what the log has: a record of each attempt, the last one of a notification terminal
     */
    public static DataStream<DeliveryRecord> defineWorkflow(
            DataStream<NotificationRequest> requests,
            List<ChannelOptions> channels,
            FindingSinks sinks) {
        DataStream<DeliveryRecord> records =
                deliver(requests, channels, NotificationSenders::channels);
        sinks.urgent().write(records, NotificationLogRows.TABLE, NotificationLogRows::row);
        return records;
    }

    static DataStream<DeliveryRecord> deliver(
            DataStream<NotificationRequest> requests,
            List<ChannelOptions> channels,
            NotificationSenders senders) {
        return requests.keyBy(NotificationRequest::channel)
                .process(new DeliverNotifications(channels, senders))
                .uid("deliver-notifications")
                .name("deliver-notifications");
    }
}
