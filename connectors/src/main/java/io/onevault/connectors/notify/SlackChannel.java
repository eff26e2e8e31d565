package io.onevault.connectors.notify;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.concurrent.CompletableFuture;

/**
 * Posts to a Slack incoming webhook. Slack answers 200 {@code ok}; 4xx with a word for what is
 * wrong with the message or the webhook, which no repetition mends; 429 with {@code Retry-After};
 * 5xx, of which {@code rollup_error} is the usual one.
 *
 * <p>Source: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks
 */
final class SlackChannel implements Channel {

    private final ChannelOptions.Slack options;
    private final HttpSender sender;
    private final URI url;
    private final Redactor redactor;

    SlackChannel(ChannelOptions.Slack options, HttpSender sender) {
        this.options = options;
        this.sender = sender;
        this.url = Addresses.secretUrl(options.name(), options.url().reveal());
        this.redactor = Redactor.ofAddress(url, options.url());
    }

    @Override
    public ChannelOptions options() {
        return options;
    }

    @Override
    public CompletableFuture<DeliveryAttempt> send(Notification notification) {
        MessageText text = MessageText.of(notification);
        HttpRequest request =
                HttpRequest.newBuilder(url)
                        .header("Content-Type", "application/json; charset=utf-8")
                        .POST(BodyPublishers.ofString(SlackMessage.of(notification, text)))
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
