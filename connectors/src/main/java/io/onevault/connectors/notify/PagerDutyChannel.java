package io.onevault.connectors.notify;

import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.concurrent.CompletableFuture;

/**
 * Sends events to PagerDuty. It answers 202 with the {@code dedup_key} it has filed the event
 * under; 400 for an event it will never take; 429 and 5xx, which are to be repeated.
 *
 * <p>Source: https://developer.pagerduty.com/docs/events-api-v2-overview
 */
final class PagerDutyChannel implements Channel {

    private final ChannelOptions.PagerDuty options;
    private final HttpSender sender;
    private final URI url;
    private final Redactor redactor;

    PagerDutyChannel(ChannelOptions.PagerDuty options, HttpSender sender) {
        this.options = options;
        this.sender = sender;
        this.url = Addresses.secretUrl(options.name(), options.url());
        this.redactor = new Redactor(options.routingKey());
    }

    @Override
    public ChannelOptions options() {
        return options;
    }

    @Override
    public CompletableFuture<DeliveryAttempt> send(Notification notification) {
        MessageText text = MessageText.of(notification);
        String event = PagerDutyEvent.of(notification, text, options.routingKey().reveal());
        HttpRequest request =
                HttpRequest.newBuilder(url)
                        .header("Content-Type", "application/json; charset=utf-8")
                        .POST(BodyPublishers.ofString(event))
                        .build();
        return sender.send(
                notification, options, request, url.getHost(), text.plain(), this::judge);
    }

    private Outcome judge(HttpReply reply) {
        String key = redactor.line(Json.field(reply.body(), "dedup_key"));
        return reply.judge(key, redactor.line(reply.body()));
    }
}
