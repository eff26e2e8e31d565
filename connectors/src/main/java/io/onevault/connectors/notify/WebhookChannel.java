package io.onevault.connectors.notify;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;

/**
 * Posts {@link WebhookMessage} to a receiver, signed anew for each attempt. 2xx means taken; what
 * else the receiver says is judged by {@link HttpReply#judge}.
 */
final class WebhookChannel implements Channel {

    private final ChannelOptions.Webhook options;
    private final HttpSender sender;
    private final Clock clock;
    private final URI url;
    private final Redactor redactor;

    WebhookChannel(ChannelOptions.Webhook options, HttpSender sender, Clock clock) {
        this.options = options;
        this.sender = sender;
        this.clock = clock;
        this.url = options.target();
        this.redactor = Redactor.ofAddress(url, options.secret(), options.url());
    }

    @Override
    public ChannelOptions options() {
        return options;
    }

    @Override
    public CompletableFuture<DeliveryAttempt> send(Notification notification) {
        MessageText text = MessageText.of(notification);
        String json = WebhookMessage.of(notification, text);
        byte[] body = json.getBytes(StandardCharsets.UTF_8);
        String timestamp = Long.toString(clock.instant().getEpochSecond());
        HttpRequest request =
                HttpRequest.newBuilder(url)
                        .header("Content-Type", "application/json; charset=utf-8")
                        .header("User-Agent", "onevault-streams")
                        .header(
                                WebhookSignature.KEY_HEADER,
                                Keys.safe(notification.idempotencyKey()))
                        .header(WebhookSignature.TIMESTAMP_HEADER, timestamp)
                        .header(
                                WebhookSignature.SIGNATURE_HEADER,
                                WebhookSignature.sign(options.secret(), timestamp, body))
                        .POST(BodyPublishers.ofByteArray(body))
                        .build();
        return sender.send(
                notification,
                options,
                request,
                url.getHost(),
                text.plain(),
                reply -> reply.judge("", redactor.line(reply.body())));
    }
}
