package io.onevault.connectors.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.Receiver.Answer;
import io.onevault.connectors.secret.Secret;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What receivers over HTTP get, and what their answers mean. */
class HttpChannelsTest {

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Instant NOW = Instant.parse("2026-03-01T14:15:10Z");
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);
    private static final Secret SECRET = Secret.of("s3cr3t-Zq9-0123456789");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Receiver receiver;

    @BeforeEach
    void start() throws Exception {
        receiver = new Receiver(new Answer(200, "ok"));
    }

    @AfterEach
    void stop() {
        receiver.close();
    }

    @Test
    void aWebhookGetsASignedMessageWithItsKey() throws Exception {
        DeliveryAttempt attempt = send(webhook(), Sample.firing());

        assertThat(attempt.outcome()).isEqualTo(new Outcome.Delivered("", ""));
        assertThat(attempt.recipient()).isEqualTo("127.0.0.1");
        assertThat(attempt.channelType()).isEqualTo("WEBHOOK");
        assertThat(attempt.startedMicros()).isEqualTo(NOW.getEpochSecond() * 1_000_000);
        Receiver.Request request = receiver.requests().get(0);
        assertThat(request.method()).isEqualTo("POST");
        assertThat(request.path()).isEqualTo("/hook?token=s3cr3t-Zq9-in-the-url");
        assertThat(request.headers().getFirst("Idempotency-Key")).isEqualTo("key-1");
        assertThat(
                        WebhookSignature.verify(
                                SECRET,
                                request.headers().getFirst("OneVault-Timestamp"),
                                request.body().getBytes(StandardCharsets.UTF_8),
                                request.headers().getFirst("OneVault-Signature"),
                                NOW.getEpochSecond(),
                                5))
                .isTrue();
        assertThat(JSON.readTree(request.body()).get("idempotency_key").asText())
                .isEqualTo("key-1");
    }

    @Test
    void aRepeatHasTheSameKeyAndBody() throws Exception {
        receiver.answer(new Answer(500, "oops"));
        send(webhook(), Sample.firing());
        receiver.answer(new Answer(204, ""));
        send(webhook(), Sample.firing());

        assertThat(receiver.requests())
                .hasSize(2)
                .extracting(request -> request.headers().getFirst("Idempotency-Key"))
                .containsOnly("key-1");
        assertThat(receiver.requests().get(0).body()).isEqualTo(receiver.requests().get(1).body());
    }

    @ParameterizedTest
    @CsvSource({
        "200, DELIVERED",
        "201, DELIVERED",
        "202, DELIVERED",
        "204, DELIVERED",
        "408, TEMPORARY_FAILURE",
        "425, TEMPORARY_FAILURE",
        "429, TEMPORARY_FAILURE",
        "500, TEMPORARY_FAILURE",
        "502, TEMPORARY_FAILURE",
        "503, TEMPORARY_FAILURE",
        "504, TEMPORARY_FAILURE",
        "400, PERMANENT_FAILURE",
        "401, PERMANENT_FAILURE",
        "403, PERMANENT_FAILURE",
        "404, PERMANENT_FAILURE",
        "410, PERMANENT_FAILURE",
        "422, PERMANENT_FAILURE"
    })
    void aStatusMeansTheSameForAll(int status, String result) throws Exception {
        receiver.answer(new Answer(status, ""));
        for (ChannelOptions channel : all()) {
            assertThat(send(channel, Sample.firing()).result())
                    .as(channel.type())
                    .isEqualTo(result);
        }
    }

    @Test
    void aReceiverSaysHowLongItWantsToBeLeftAlone() throws Exception {
        receiver.answer(new Answer(429, Map.of("Retry-After", "7"), "slow down"));
        for (ChannelOptions channel : all()) {
            assertThat(send(channel, Sample.firing()).outcome())
                    .isEqualTo(
                            new Outcome.TemporaryFailure(
                                    "HTTP 429: slow down", Duration.ofSeconds(7)));
        }
        receiver.answer(
                new Answer(503, Map.of("Retry-After", "Sun, 01 Mar 2026 14:16:10 GMT"), ""));
        assertThat(send(webhook(), Sample.firing()).retryAfterMillis()).isEqualTo(60_000);
        receiver.answer(new Answer(503, Map.of("Retry-After", "later"), ""));
        assertThat(send(webhook(), Sample.firing()).retryAfterMillis()).isNull();
    }

    @Test
    void aMessageDoesNotFollowRedirects() throws Exception {
        try (Receiver other = new Receiver(new Answer(200, "ok"))) {
            for (int status : new int[] {301, 302, 303, 307, 308}) {
                receiver.answer(new Answer(status, Map.of("Location", other.base() + "/x"), ""));
                assertThat(send(webhook(), Sample.firing()).outcome())
                        .isEqualTo(
                                new Outcome.PermanentFailure(
                                        "HTTP "
                                                + status
                                                + ": redirects are not followed; configure the"
                                                + " final address"));
            }
            assertThat(other.requests()).isEmpty();
        }
    }

    @Test
    void slackGetsBlocks() throws Exception {
        DeliveryAttempt attempt = send(slack(), Sample.firing());

        assertThat(attempt.result()).isEqualTo("DELIVERED");
        JsonNode message = JSON.readTree(receiver.requests().get(0).body());
        assertThat(message.get("text").asText())
                .isEqualTo(
                        "\uD83D\uDD34 CRITICAL orders-db: 12 sessions wait for a lock on orders");
        JsonNode blocks = message.get("blocks");
        assertThat(blocks.findValuesAsText("type"))
                .contains("header", "section", "context", "plain_text", "mrkdwn");
        assertThat(blocks.findValuesAsText("text"))
                .contains(
                        "Where: orders-db, tenant acme",
                        "Since: 2026-03-01 14:03:07 UTC (12 min)",
                        "What to do: End pid 4711 or ask its owner");
        assertThat(blocks.get(2).get("text").get("text").asText())
                .isEqualTo("<https://grafana.example/d/locks?target=orders&amp;x=1|Open>");
        receiver.answer(new Answer(404, "no_service"));
        assertThat(send(slack(), Sample.firing()).outcome())
                .isEqualTo(new Outcome.PermanentFailure("HTTP 404: no_service"));
    }

    @Test
    void pagerDutyGetsOneIncidentThatIsAcknowledgedAndResolved() throws Exception {
        receiver.answer(
                new Answer(
                        202,
                        "{\"status\":\"success\",\"message\":\"Event processed\","
                                + "\"dedup_key\":\"alert-7\"}"));
        assertThat(send(pagerDuty(), Sample.of("a", Status.FIRING)).externalId())
                .isEqualTo("alert-7");
        send(pagerDuty(), Sample.of("b", Status.ACKNOWLEDGED));
        send(pagerDuty(), Sample.of("c", Status.RESOLVED));

        List<JsonNode> events =
                receiver.requests().stream().map(request -> json(request.body())).toList();
        assertThat(events)
                .extracting(event -> event.get("event_action").asText())
                .containsExactly("trigger", "acknowledge", "resolve");
        assertThat(events)
                .allSatisfy(
                        event -> {
                            assertThat(event.get("dedup_key").asText()).isEqualTo("alert-7");
                            assertThat(event.get("routing_key").asText())
                                    .isEqualTo(SECRET.reveal());
                        });
        JsonNode payload = events.get(0).get("payload");
        assertThat(payload.get("summary").asText())
                .isEqualTo("CRITICAL orders-db: 12 sessions wait for a lock on orders");
        assertThat(payload.get("severity").asText()).isEqualTo("critical");
        assertThat(payload.get("source").asText()).isEqualTo("orders-db, tenant acme");
        assertThat(payload.get("timestamp").asText()).isEqualTo("2026-03-01T14:03:07.250Z");
        assertThat(payload.get("custom_details").get("Likely cause").asText())
                .startsWith("pid 4711");
        assertThat(events.get(0).get("links").get(0).get("href").asText())
                .isEqualTo("https://grafana.example/d/locks?target=orders&x=1");
    }

    @Test
    void textMessagesGoOutAsTwilioTakesThem() throws Exception {
        receiver.answer(new Answer(201, "{\"sid\":\"SM123\",\"status\":\"queued\"}"));
        DeliveryAttempt attempt = send(sms("+4915112345"), Sample.firing());

        assertThat(attempt.outcome()).isEqualTo(new Outcome.Delivered("SM123", ""));
        assertThat(attempt.recipient()).isEqualTo("+491701234567");
        Receiver.Request request = receiver.requests().get(0);
        assertThat(request.path()).isEqualTo("/2010-04-01/Accounts/AC1/Messages.json");
        assertThat(
                        new String(
                                Base64.getDecoder()
                                        .decode(
                                                request.headers()
                                                        .getFirst("Authorization")
                                                        .substring(6)),
                                StandardCharsets.UTF_8))
                .isEqualTo("AC1:" + SECRET.reveal());
        Map<String, String> form = form(request.body());
        assertThat(form).containsEntry("To", "+491701234567").containsEntry("From", "+4915112345");
        assertThat(form.get("Body")).isEqualTo(attempt.content()).contains("\nCause: pid 4711");
        send(sms("MG0123"), Sample.firing());
        assertThat(form(receiver.requests().get(1).body()))
                .containsEntry("MessagingServiceSid", "MG0123")
                .doesNotContainKey("From");
        receiver.answer(
                new Answer(400, "{\"code\":21211,\"message\":\"Invalid 'To' Phone Number\"}"));
        assertThat(send(sms("MG0123"), Sample.firing()).outcome())
                .isEqualTo(
                        new Outcome.PermanentFailure("HTTP 400: 21211 Invalid 'To' Phone Number"));
    }

    @Test
    void hostileTextArrivesAsText() throws Exception {
        for (int seed = 0; seed < 10; seed++) {
            Notification hostile = Sample.hostile(new Random(seed), Status.FIRING);
            for (ChannelOptions channel : all()) {
                assertThat(send(channel, hostile).result()).isEqualTo("DELIVERED");
            }
        }
        assertThat(receiver.requests()).hasSize(40);
        for (Receiver.Request request : receiver.requests()) {
            assertThat(request.body().length()).isLessThan(120_000);
            if (request.path().endsWith("Messages.json")) {
                assertThat(form(request.body()).keySet())
                        .containsExactlyInAnyOrder("To", "From", "Body");
            } else {
                assertThat(JSON.readTree(request.body()).isObject()).isTrue();
            }
        }
    }

    @Test
    void noSecretIsShownEvenWhenAReceiverRepeatsIt() throws Exception {
        for (ChannelOptions channel : all()) {
            send(channel, Sample.firing());
            Receiver.Request request = receiver.requests().get(receiver.requests().size() - 1);
            // Slack's secret is in its path; it has never seen the other one.
            String key = channel instanceof ChannelOptions.Slack ? "" : SECRET.reveal();
            String sent = request.path() + ' ' + key + ' ' + request.headers().get("Authorization");
            for (int status : new int[] {201, 400, 500}) {
                for (String field : new String[] {"sid", "dedup_key", "message"}) {
                    receiver.answer(new Answer(status, "{\"" + field + "\": \"" + sent + "\"}"));
                    assertThat(send(channel, Sample.firing()).toString())
                            .as(channel.type())
                            .doesNotContain("s3cr3t-Zq9")
                            .doesNotContain("QUMxOn");
                }
            }
            assertThat(channel.toString()).doesNotContain("s3cr3t-Zq9");
        }
    }

    @Test
    void optionsThatWouldLeakAreRefusedWithoutShowingThem() {
        String leak = "http://hooks.example/s3cr3t-Zq9";
        for (Runnable wrong :
                List.<Runnable>of(
                        () -> new ChannelOptions.Slack(Common.of("a"), Secret.of(leak)),
                        () -> new ChannelOptions.PagerDuty(Common.of("a"), SECRET, leak),
                        () ->
                                new ChannelOptions.Sms(
                                        Common.of("a"), "AC1", SECRET, "x", "+491", 3, leak),
                        () ->
                                new ChannelOptions.Webhook(
                                        Common.of("a"),
                                        Secret.of("https://u:s3cr3t-Zq9@example.org/"),
                                        SECRET,
                                        null),
                        () ->
                                new ChannelOptions.Webhook(
                                        Common.of("a"),
                                        Secret.of("https://example.org/"),
                                        Secret.of("s3cr3t-Zq9"),
                                        null),
                        () ->
                                new ChannelOptions.PagerDuty(
                                        Common.of("a"),
                                        Secret.of("s3cr3t-Zq9\r\nX: y"),
                                        ChannelOptions.PagerDuty.URL))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(wrong::run)
                    .satisfies(
                            e -> {
                                assertThat(e.getMessage()).contains("channel a");
                                assertThat(e.getMessage()).doesNotContain("s3cr3t-Zq9");
                                assertThat(e.getCause()).isNull();
                            });
        }
    }

    @Test
    void namesAreUniqueAndFilesAreThere() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Channels.open(List.of(slack(), slack()), CLOCK).close())
                .withMessageContaining("name of channel slack is that of another");
        ChannelOptions missing =
                new ChannelOptions.Webhook(
                        Common.of("hook"), Secret.of("https://x.example/"), SECRET, "/no/such.pem");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Channels.open(List.of(missing), CLOCK).close())
                .withMessageContaining("ca_file of channel hook");
    }

    private static DeliveryAttempt send(ChannelOptions options, Notification notification) {
        try (Channels channels = Channels.open(List.of(options), CLOCK)) {
            assertThat(channels.names()).containsExactly(options.name());
            return channels.send(options.name(), notification)
                    .orTimeout(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                    .join();
        }
    }

    private List<ChannelOptions> all() {
        return List.of(slack(), pagerDuty(), sms("+4915112345"), webhook());
    }

    private static Common common(String name) {
        return new Common(name, Duration.ofSeconds(30), DeliveryPolicy.DEFAULT);
    }

    private ChannelOptions slack() {
        return new ChannelOptions.Slack(
                common("slack"), Secret.of(receiver.base() + "/services/s3cr3t-Zq9-path"));
    }

    private ChannelOptions pagerDuty() {
        return new ChannelOptions.PagerDuty(
                common("pager"), SECRET, receiver.base() + "/v2/enqueue");
    }

    private ChannelOptions sms(String from) {
        return new ChannelOptions.Sms(
                common("phone"), "AC1", SECRET, from, "+491701234567", 3, receiver.base() + "/");
    }

    private ChannelOptions webhook() {
        return new ChannelOptions.Webhook(
                common("hook"),
                Secret.of(receiver.base() + "/hook?token=s3cr3t-Zq9-in-the-url"),
                SECRET,
                null);
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Map<String, String> form(String body) {
        return Arrays.stream(body.split("&"))
                .map(field -> field.split("=", 2))
                .collect(
                        Collectors.toMap(
                                field -> field[0],
                                field -> URLDecoder.decode(field[1], StandardCharsets.UTF_8)));
    }
}
