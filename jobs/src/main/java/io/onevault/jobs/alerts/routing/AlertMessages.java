package io.onevault.jobs.alerts.routing;

import io.onevault.connectors.notify.Notification;
import io.onevault.connectors.notify.Severity;
import io.onevault.connectors.notify.Status;
import io.onevault.connectors.vault.HashKey;
import io.onevault.jobs.alerts.delivery.NotificationRequest;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertSubject;
import io.onevault.jobs.alerts.routing.AlertGroup.Message;
import java.util.HexFormat;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Writes what a group's message says to one channel. */
final class AlertMessages {

    private static final String ID = "{alert_id}";

    private AlertMessages() {}

    /**
     * What receivers know a new matter by. It does not follow from the alert, for values are not
     * read again after a restart: the same trouble may then have begun a moment later.
     *
     * @param origin of the job's state
     * @param group its key
     * @param checkpoint the last one that was complete
     * @param before matters of the group since then
     */
    static String matter(String origin, String group, long checkpoint, int before) {
        return hash(
                String.join(
                        "|", origin, Long.toString(checkpoint), Integer.toString(before), group));
    }

    /**
     * The request for one channel. Its idempotency key follows from channel, matter, status,
     * severity and how many messages of it there were before, so that what is told again after a
     * restart has the key it had. A job without state goes on with a matter of which it does not
     * know how many there were: what it says between the first message and the end has keys of its
     * own.
     *
     * @param origin of the job's state
     */
    static NotificationRequest request(
            Message message, GroupState group, String origin, String channel, String link) {
        AlertInstance head = message.head();
        AlertSubject subject = head.subject();
        boolean over = message.status() == Status.RESOLVED;
        boolean between = !over && group.messages > 1;
        String key =
                hash(
                        String.join(
                                "|",
                                channel,
                                group.matter,
                                message.status().word(),
                                message.severity().name(),
                                Integer.toString(group.messages),
                                between ? origin : ""));
        String more = over ? head.reason() : head.suppressedBy();
        String what = more.isEmpty() ? head.message() : head.message() + "; " + more;
        Notification notification =
                Notification.builder(
                                key,
                                group.leader,
                                message.status(),
                                Severity.valueOf(message.severity().name()))
                        .finding(subject.ruleName(), what)
                        .where(
                                subject.target(),
                                subject.tenant(),
                                subject.metric(),
                                subject.labels())
                        .figure(finite(head.value()), finite(head.threshold()), subject.unit())
                        .times(micros(group.since), micros(group.changedAt))
                        .advice(
                                over ? "" : subject.description(),
                                over ? "" : subject.runbook(),
                                link.replace(ID, hash(group.leader)))
                        .related(message.related(), message.relatedCount())
                        .matter(group.matter)
                        .build();
        return new NotificationRequest(channel, notification);
    }

    private static String hash(String text) {
        return HexFormat.of().formatHex(HashKey.of(text));
    }

    private static @Nullable Double finite(double value) {
        return Double.isFinite(value) ? value : null;
    }

    private static long micros(long millis) {
        return TimeUnit.MILLISECONDS.toMicros(millis);
    }
}
