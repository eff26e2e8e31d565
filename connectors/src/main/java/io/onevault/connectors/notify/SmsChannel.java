package io.onevault.connectors.notify;

import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.CompletableFuture;

/**
 * Sends text messages through Twilio's API or what speaks like it. It answers 201 with the
 * message's {@code sid}; 400 with a {@code code} and a {@code message} for numbers and texts it
 * will never take; 401 and 403 for wrong credentials; 429 (code 20429) and 5xx, which are to be
 * repeated.
 *
 * <p>Source: https://www.twilio.com/docs/messaging/api/message-resource
 */
final class SmsChannel implements Channel {

    private static final int LONGEST_ID = 64;

    private final ChannelOptions.Sms options;
    private final HttpSender sender;
    private final URI url;
    private final String authorization;
    private final Redactor redactor;

    SmsChannel(ChannelOptions.Sms options, HttpSender sender) {
        this.options = options;
        this.sender = sender;
        String base = options.url().strip().replaceAll("/+$", "");
        this.url =
                Addresses.secretUrl(
                        options.name(),
                        base + "/2010-04-01/Accounts/" + options.accountSid() + "/Messages.json");
        String credentials = options.accountSid() + ':' + options.authToken().reveal();
        this.authorization =
                "Basic "
                        + Base64.getEncoder()
                                .encodeToString(credentials.getBytes(StandardCharsets.UTF_8));
        this.redactor = new Redactor(options.authToken());
    }

    @Override
    public ChannelOptions options() {
        return options;
    }

    @Override
    public CompletableFuture<DeliveryAttempt> send(Notification notification) {
        String text = SmsText.of(MessageText.of(notification), options.maxSegments());
        String senderField = options.from().startsWith("MG") ? "MessagingServiceSid" : "From";
        String form =
                field("To", options.to())
                        + '&'
                        + field(senderField, options.from())
                        + '&'
                        + field("Body", text);
        HttpRequest request =
                HttpRequest.newBuilder(url)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .header("Authorization", authorization)
                        .POST(BodyPublishers.ofString(form))
                        .build();
        return sender.send(notification, options, request, options.to(), text, this::judge);
    }

    private Outcome judge(HttpReply reply) {
        String id = PlainText.line(redactor.line(Json.field(reply.body(), "sid")), LONGEST_ID);
        String code = Json.field(reply.body(), "code");
        String said = Json.field(reply.body(), "message");
        String detail = said.isEmpty() ? reply.body() : code + ' ' + said;
        return reply.judge(id, redactor.line(detail));
    }

    private static String field(String name, String value) {
        return name + '=' + URLEncoder.encode(value, StandardCharsets.UTF_8);
    }
}
