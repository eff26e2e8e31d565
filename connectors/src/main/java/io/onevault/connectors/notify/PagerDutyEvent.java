package io.onevault.connectors.notify;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * A notification as an event of PagerDuty's Events API v2: a firing alert triggers, an acknowledged
 * one acknowledges, a resolved one resolves the incident of the same {@code dedup_key}. Summary at
 * most 1,024 characters, key at most 255, event at most 512 KB.
 *
 * <p>Source: https://developer.pagerduty.com/docs/send-alert-event
 */
final class PagerDutyEvent {

    private static final int LONGEST_SUMMARY = 1_024;

    private PagerDutyEvent() {}

    static String of(Notification notification, MessageText text, String routingKey) {
        ObjectNode event = Json.object();
        event.put("routing_key", routingKey);
        event.put(
                "event_action",
                switch (notification.state()) {
                    case FIRING -> "trigger";
                    case ACKNOWLEDGED -> "acknowledge";
                    case RESOLVED -> "resolve";
                });
        event.put("dedup_key", Keys.safe(notification.matterKey()));
        if (notification.state() != Status.FIRING) {
            return Json.write(event);
        }
        event.put("client", "One Vault Streams");
        ObjectNode payload = event.putObject("payload");
        payload.put("summary", PlainText.line(text.headline(), LONGEST_SUMMARY));
        payload.put("source", text.where().isEmpty() ? "onevault" : text.where());
        payload.put(
                "severity",
                switch (notification.level()) {
                    case CRITICAL -> "critical";
                    case WARNING -> "warning";
                    case INFO -> "info";
                });
        payload.put("timestamp", MessageText.instant(notification.sinceMicros()).toString());
        if (!text.rule().isEmpty()) {
            payload.put("class", text.rule());
        }
        ObjectNode details = payload.putObject("custom_details");
        for (MessageText.Line line : text.lines()) {
            details.put(line.label(), line.text());
        }
        if (!text.link().isEmpty()) {
            event.put("client_url", text.link());
            event.putArray("links").addObject().put("href", text.link()).put("text", "Open");
        }
        return Json.write(event);
    }
}
