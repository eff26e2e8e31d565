package io.onevault.jobs.alerts.routing;

import io.onevault.jobs.alerts.delivery.DeliveryJob;
import io.onevault.jobs.alerts.delivery.DeliveryRecord;
import io.onevault.jobs.alerts.delivery.NotificationRequest;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.vault.FindingSinks;
import org.apache.flink.streaming.api.datastream.DataStream;

/** Tells alerts to the configured channels. */
public final class RoutingJob {

    private RoutingJob() {}

    /**
     * Adds grouping, routing, escalation and delivery to a topology.
     *
     * @param alerts every change of every alert, in order for each alert
     * @param routing with at least one channel
     * @return what became of the messages
     */
    public static DataStream<DeliveryRecord> defineWorkflow(
            DataStream<AlertInstance> alerts, AlertRouting routing, FindingSinks sinks) {
        DataStream<NotificationRequest> requests =
                alerts.keyBy(TellAlerts::group)
                        .process(new TellAlerts(routing))
                        .returns(NotificationRequest.class)
                        .uid("tell-alerts")
                        .name("tell-alerts");
        return DeliveryJob.defineWorkflow(requests, routing.channels(), sinks);
    }
}
