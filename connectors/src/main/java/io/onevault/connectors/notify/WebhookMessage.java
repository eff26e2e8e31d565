package io.onevault.connectors.notify;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A notification in our own format, described by {@code notification-v1.schema.json} beside this
 * class. Within a version fields are only added; whoever reads it ignores what it does not know.
 * Texts are one line each, without control characters, and bounded.
 */
final class WebhookMessage {

    /** Of the format. */
    static final int VERSION = 1;

    private static final int LONGEST_TEXT = 2_000;
    private static final int LONGEST_NAME = 500;
    private static final int MOST_LABELS = 64;
    private static final int MOST_RELATED = 50;

    private WebhookMessage() {}

    static String of(Notification notification, MessageText text) {
        ObjectNode message = Json.object();
        message.put("version", VERSION);
        message.put("idempotency_key", Keys.safe(notification.idempotencyKey()));
        message.put("alert_key", Keys.safe(notification.matterKey()));
        message.put("alert_id", Keys.digest(notification.alertKey()));
        message.put("status", notification.status());
        message.put("severity", notification.severity());
        message.put("rule", name(notification.rule()));
        message.put("title", text.headline());
        message.put("what", PlainText.line(notification.what(), LONGEST_TEXT));
        ObjectNode where = message.putObject("where");
        where.put("target", name(notification.target()));
        where.put("tenant", name(notification.tenant()));
        where.put("series", PlainText.line(notification.series(), LONGEST_TEXT));
        ObjectNode labels = where.putObject("labels");
        for (Map.Entry<String, String> label : new TreeMap<>(notification.labels()).entrySet()) {
            if (labels.size() == MOST_LABELS) {
                break;
            }
            labels.put(name(label.getKey()), name(label.getValue()));
        }
        message.put("since", MessageText.instant(notification.sinceMicros()).toString());
        message.put("at", MessageText.instant(notification.atMicros()).toString());
        number(message, "value", notification.value());
        number(message, "threshold", notification.threshold());
        message.put("unit", name(notification.unit()));
        message.put("likely_cause", PlainText.line(notification.likelyCause(), LONGEST_TEXT));
        message.put("what_to_do", PlainText.line(notification.whatToDo(), LONGEST_TEXT));
        message.put("link", text.link());
        ArrayNode related = message.putArray("related");
        for (String one : notification.related()) {
            if (related.size() == MOST_RELATED) {
                break;
            }
            related.add(name(one));
        }
        message.put("related_count", Math.max(0, notification.relatedCount()));
        return Json.write(message);
    }

    private static String name(String written) {
        return PlainText.line(written, LONGEST_NAME);
    }

    /** JSON has no word for what is not a finite number. */
    private static void number(ObjectNode message, String field, @Nullable Double value) {
        if (value == null || value.isNaN() || value.isInfinite()) {
            message.putNull(field);
        } else {
            message.put(field, value);
        }
    }
}
