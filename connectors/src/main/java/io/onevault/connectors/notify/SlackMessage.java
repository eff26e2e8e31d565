package io.onevault.connectors.notify;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.TimeUnit;

/**
 * A notification in Slack's Block Kit, within its limits (header 150, text 3,000 characters, 10
 * fields of 2,000). Text from databases stands in {@code plain_text} objects only, in which nothing
 * is formatted, linked or mentioned; {@code & < >} are entities everywhere, as Slack asks.
 *
 * <p>Source: https://docs.slack.dev/reference/block-kit and
 * https://docs.slack.dev/messaging/formatting-message-text
 */
final class SlackMessage {

    private static final int LONGEST_HEADER = 150;
    private static final int LONGEST_FIELD = 2_000;
    private static final int MOST_FIELDS = 10;

    private SlackMessage() {}

    static String of(Notification notification, MessageText text) {
        ObjectNode message = Json.object();
        // Shown where blocks are not: in notifications on a locked phone.
        message.put("text", escaped(mark(notification) + " " + text.headline(), LONGEST_FIELD));
        message.put("mrkdwn", false);
        message.put("unfurl_links", false);
        message.put("unfurl_media", false);
        ArrayNode blocks = message.putArray("blocks");
        plain(
                blocks.addObject().put("type", "header").putObject("text"),
                mark(notification) + " " + text.headline(),
                LONGEST_HEADER);
        ArrayNode fields = null;
        for (MessageText.Line line : text.lines()) {
            if (fields == null || fields.size() == MOST_FIELDS) {
                fields = blocks.addObject().put("type", "section").putArray("fields");
            }
            plain(fields.addObject(), line.label() + ": " + line.text(), LONGEST_FIELD);
        }
        if (!text.link().isEmpty()) {
            ObjectNode link = blocks.addObject().put("type", "section").putObject("text");
            link.put("type", "mrkdwn");
            link.put("text", "<" + linked(text.link()) + "|Open>");
            link.put("verbatim", true);
        }
        ObjectNode context =
                blocks.addObject().put("type", "context").putArray("elements").addObject();
        context.put("type", "mrkdwn");
        context.put("text", localTime(notification));
        return Json.write(message);
    }

    private static String mark(Notification notification) {
        return switch (notification.state()) {
            case RESOLVED -> "\u2705";
            case ACKNOWLEDGED -> "\uD83D\uDC40";
            case FIRING ->
                    switch (notification.level()) {
                        case CRITICAL -> "\uD83D\uDD34";
                        case WARNING -> "\uD83D\uDFE0";
                        case INFO -> "\uD83D\uDD35";
                    };
        };
    }

    /** When it was sent, in the reader's own time zone. */
    private static String localTime(Notification notification) {
        long seconds = MessageText.instant(notification.atMicros()).getEpochSecond();
        long shown = Math.max(0, Math.min(seconds, TimeUnit.DAYS.toSeconds(365L * 7_000)));
        return "<!date^%d^{date_num} {time_secs}|%s>"
                .formatted(shown, MessageText.instant(notification.atMicros()));
    }

    private static void plain(ObjectNode node, String text, int limit) {
        node.put("type", "plain_text");
        node.put("text", escaped(text, limit));
        node.put("emoji", false);
    }

    /** {@code text} with entities, cut before rather than within one. */
    static String escaped(String text, int limit) {
        StringBuilder escaped = new StringBuilder();
        for (int i = 0; i < text.length(); ) {
            int point = text.codePointAt(i);
            i += Character.charCount(point);
            String written =
                    switch (point) {
                        case '&' -> "&amp;";
                        case '<' -> "&lt;";
                        case '>' -> "&gt;";
                        default -> Character.toString(point);
                    };
            int room = i < text.length() ? limit - 1 : limit;
            if (escaped.length() + written.length() > room) {
                return escaped.append('…').toString();
            }
            escaped.append(written);
        }
        return escaped.toString();
    }

    /** A link that cannot end its own markup. */
    private static String linked(String link) {
        return link.replace("&", "&amp;")
                .replace("<", "%3C")
                .replace(">", "%3E")
                .replace("|", "%7C");
    }
}
