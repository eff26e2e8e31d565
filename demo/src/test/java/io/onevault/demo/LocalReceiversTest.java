package io.onevault.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.Channels;
import io.onevault.connectors.notify.Notification;
import io.onevault.connectors.notify.Outcome;
import io.onevault.connectors.notify.Severity;
import io.onevault.connectors.notify.Status;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class LocalReceiversTest {

    private static final Notification ALERT =
            Notification.builder("key", "alert", Status.FIRING, Severity.WARNING)
                    .finding("deadlocks", "deadlocks on demo is größer")
                    .where("demo", "", "deadlocks", Map.of())
                    .advice("", "Read the log.", "")
                    .build();

    @Test
    void bothShowWhatTheJobSends() throws Exception {
        try (LocalReceivers receivers = LocalReceivers.start();
                Channels channels = Channels.open(receivers.channels(), Clock.systemUTC())) {
            for (ChannelOptions channel : receivers.channels()) {
                assertThat(channels.send(channel.name(), ALERT).get(30, TimeUnit.SECONDS).outcome())
                        .isInstanceOf(Outcome.Delivered.class);
            }
            List<String> messages = receivers.messages();
            assertThat(messages).hasSize(2);
            assertThat(messages.get(0))
                    .endsWith("webhook  WARNING demo: deadlocks on demo is größer → Read the log.");
            assertThat(messages.get(1)).endsWith("WARNING demo: deadlocks on demo is größer");
        }
    }

    @Test
    void whatIsNotSignedIsNotShown() throws Exception {
        try (LocalReceivers receivers = LocalReceivers.start()) {
            ChannelOptions.Webhook hook = (ChannelOptions.Webhook) receivers.channels().get(0);
            HttpRequest forged =
                    HttpRequest.newBuilder(URI.create(hook.url().reveal()))
                            .POST(HttpRequest.BodyPublishers.ofString("{\"title\": \"boo\"}"))
                            .build();
            assertThat(
                            HttpClient.newHttpClient()
                                    .send(forged, HttpResponse.BodyHandlers.discarding())
                                    .statusCode())
                    .isEqualTo(401);
            assertThat(receivers.messages()).isEmpty();
        }
    }
}
