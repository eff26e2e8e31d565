package io.onevault.connectors.notify;

import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.nio.charset.StandardCharsets;
import java.util.Date;

/**
 * A notification as mail: text for every reader, and the same in HTML, both in UTF-8. A header is
 * one line of clean text, encoded where it is not ASCII, so that nothing can add a header. Repeats
 * of a message have the same {@code Message-ID}; all messages about an alert refer to one thread.
 */
final class EmailMessage {

    private static final int LONGEST_SUBJECT = 150;
    private static final String UTF_8 = StandardCharsets.UTF_8.name();

    private EmailMessage() {}

    static MimeMessage of(
            Session session,
            ChannelOptions.Email options,
            Notification notification,
            MessageText text,
            Date now)
            throws MessagingException {
        String domain = options.from().substring(options.from().indexOf('@') + 1);
        String thread = id("alert", notification.matterKey(), domain);
        MimeMessage message =
                new Identified(session, id("message", notification.idempotencyKey(), domain));
        message.setFrom(new InternetAddress(options.from(), true));
        for (String address : options.to()) {
            message.addRecipient(Message.RecipientType.TO, new InternetAddress(address, true));
        }
        message.setSubject(PlainText.line(text.headline(), LONGEST_SUBJECT), UTF_8);
        message.setSentDate(now);
        message.setHeader("References", thread);
        message.setHeader("In-Reply-To", thread);
        message.setHeader("Auto-Submitted", "auto-generated");
        message.setHeader("X-Auto-Response-Suppress", "All");
        message.setHeader("X-OneVault-Idempotency-Key", Keys.safe(notification.idempotencyKey()));
        if (notification.state() == Status.FIRING && notification.level() == Severity.CRITICAL) {
            message.setHeader("X-Priority", "1");
        }
        MimeBodyPart plain = new MimeBodyPart();
        plain.setText(text.plain(), UTF_8);
        MimeBodyPart html = new MimeBodyPart();
        html.setText(html(notification, text), UTF_8, "html");
        message.setContent(new MimeMultipart("alternative", plain, html));
        message.saveChanges();
        return message;
    }

    private static String id(String kind, String key, String domain) {
        return "<onevault." + kind + '.' + Keys.digest(key).substring(0, 40) + '@' + domain + '>';
    }

    private static String html(Notification notification, MessageText text) {
        StringBuilder html =
                new StringBuilder("<!DOCTYPE html><html><head><meta charset=\"utf-8\">")
                        .append("<meta name=\"viewport\" content=\"width=device-width\"></head>")
                        .append("<body style=\"font-family:sans-serif;margin:12px\">")
                        .append("<h2 style=\"font-size:18px;margin:0 0 8px;color:")
                        .append(color(notification))
                        .append("\">")
                        .append(escaped(text.headline()))
                        .append("</h2>");
        for (MessageText.Line line : text.lines()) {
            html.append("<p style=\"margin:0 0 6px\"><b>")
                    .append(line.label())
                    .append("</b><br>")
                    .append(escaped(line.text()))
                    .append("</p>");
        }
        if (!text.link().isEmpty()) {
            html.append("<p><a href=\"").append(escaped(text.link())).append("\">Open</a></p>");
        }
        return html.append("</body></html>").toString();
    }

    private static String color(Notification notification) {
        if (notification.state() != Status.FIRING) {
            return "#1a7f37";
        }
        return switch (notification.level()) {
            case CRITICAL -> "#b42318";
            case WARNING -> "#9a6700";
            case INFO -> "#0b5cad";
        };
    }

    /** Text that HTML shows as it is, in content and in quoted attributes. */
    static String escaped(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                default -> escaped.append(c);
            }
        }
        return escaped.toString();
    }

    /** A message with an identity of our choice. */
    private static final class Identified extends MimeMessage {

        private final String id;

        Identified(Session session, String id) {
            super(session);
            this.id = id;
        }

        @Override
        protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", id);
        }
    }
}
