package io.onevault.jobs.alerts.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.ChannelOptions.Security;
import io.onevault.connectors.notify.DeliveryPolicy;
import io.onevault.connectors.notify.Status;
import io.onevault.connectors.secret.Secret;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.HttpReceiver;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.testing.WebhookContract;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.JobID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.subethamail.smtp.server.SMTPServer;

/**
 * What receivers of a running job may ask for, by their own clocks: to be left alone for a while,
 * not to be sent too much, to recover. And how PagerDuty and a mail server that falls silent see
 * it.
 */
class ReceiversWishesIT {

    private static final String SIGNING = "s1gning-0123456789abcdef";

    /** Of all requests; what is asked of a receiver at once. */
    private static final long TICK = 50;

    private static final int RETRY_AFTER_SECONDS = 2;

    private static final int PER_MINUTE = 120;
    private static final int AT_ONCE = PER_MINUTE / 6;
    private static final int PACED = AT_ONCE + 6;
    private static final long MILLIS_EACH = 60_000 / PER_MINUTE;

    private static final int FAILURES = 3;
    private static final int BROKEN = 6;
    private static final long PAUSE_MILLIS = 1_000;

    private static final int REQUESTS = 2 + PACED + BROKEN + 3 + 1;

    @TempDir static Path work;

    /** A message at its receiver, by the receiver's clock. */
    private record Arrival(String path, String key, long millis) {}

    private final List<Arrival> arrivals = new CopyOnWriteArrayList<>();
    private final List<String> mails = new CopyOnWriteArrayList<>();

    private final class Wishing implements HttpReceiver.Manners {
        @Override
        public HttpReceiver.Answer answer(String key, int times) {
            throw new IllegalStateException("it answers by what it was sent");
        }

        @Override
        public HttpReceiver.Answer answer(HttpReceiver.Sent sent, int times) {
            arrivals.add(
                    new Arrival(
                            sent.path(),
                            sent.header("Idempotency-Key"),
                            System.currentTimeMillis()));
            int place = of(sent.path()).size();
            return switch (sent.path()) {
                case "/patient" ->
                        place == 1
                                ? new HttpReceiver.Answer(
                                        429,
                                        Map.of("Retry-After", "" + RETRY_AFTER_SECONDS),
                                        "slow down")
                                : HttpReceiver.Answer.of(200);
                // The one after the pause fails as well.
                case "/broken" -> HttpReceiver.Answer.of(place <= FAILURES + 1 ? 500 : 200);
                case "/pager" ->
                        new HttpReceiver.Answer(
                                202,
                                Map.of(),
                                "{\"status\": \"success\", \"message\": \"Event processed\","
                                        + " \"dedup_key\": "
                                        + sent.json().path("dedup_key")
                                        + "}");
                default -> HttpReceiver.Answer.of(200);
            };
        }
    }

    @Test
    @Timeout(value = 4, unit = TimeUnit.MINUTES)
    void eachReceiverIsTreatedAsItAsks() throws Exception {
        script();
        CountDownLatch repeated = new CountDownLatch(1);
        SMTPServer mail =
                SMTPServer.port(0)
                        .messageHandler(
                                (context, from, to, data) -> {
                                    mails.add(new String(data, StandardCharsets.UTF_8));
                                    if (mails.size() > 1) {
                                        repeated.countDown();
                                    }
                                    await(repeated);
                                })
                        .build();
        mail.start();
        try (TestVault vault = TestVault.start();
                HttpReceiver receiver = new HttpReceiver(new Wishing());
                LocalFlink flink = LocalFlink.start(work)) {
            JobID job =
                    flink.submit(
                            ScriptedRequests.topology(
                                    vault, channels(receiver.port(), mail.getPortAllocated())));
            vault.await(
                    "the end of all",
                    "SELECT count(*) = "
                            + REQUESTS
                            + " FROM notification_log_s WHERE load_end_date IS NULL AND"
                            + " delivery_status = 'DELIVERED'");
            flink.cancel(job);

            assertThatItIsLeftAloneAsLongAsItAsks();
            assertThatItGetsNoMoreThanItsLimit();
            assertThatABrokenOneIsLeftToRecoverAndProbed();
            assertThatPagerDutyKnowsItAllUnderOneKey(receiver, vault);
            assertThatASilentMailServerGetsTheSameMailAgain(vault);
            for (String path : List.of("/patient", "/paced", "/broken")) {
                assertThat(receiver.sent(path)).isNotEmpty();
                receiver.sent(path).forEach(sent -> WebhookContract.assertKept(sent, SIGNING));
            }
            assertThatTheLogTellsEachAttempt(vault);
        } finally {
            repeated.countDown();
            mail.stop();
        }
    }

    private void assertThatItIsLeftAloneAsLongAsItAsks() {
        List<Arrival> got = of("/patient");
        assertThat(got).hasSize(3);
        assertThat(got.get(1).millis() - got.get(0).millis())
                .as("also for messages that it did not refuse")
                .isGreaterThanOrEqualTo(TimeUnit.SECONDS.toMillis(RETRY_AFTER_SECONDS));
    }

    private void assertThatItGetsNoMoreThanItsLimit() {
        List<Arrival> got = of("/paced");
        assertThat(got).hasSize(PACED);
        long began = ScriptedRequests.emittedMillis(TICK);
        for (int i = AT_ONCE; i < PACED; i++) {
            assertThat(got.get(i).millis() - began)
                    .as("message %d", i)
                    .isGreaterThanOrEqualTo((i - AT_ONCE + 1) * MILLIS_EACH - 1);
        }
    }

    private void assertThatABrokenOneIsLeftToRecoverAndProbed() {
        List<Arrival> got = of("/broken");
        assertThat(got).hasSize(FAILURES + 1 + BROKEN);
        for (int probe : List.of(FAILURES, FAILURES + 1)) {
            assertThat(got.get(probe).millis() - got.get(probe - 1).millis())
                    .as("pause before message %d", probe)
                    .isGreaterThanOrEqualTo(PAUSE_MILLIS);
        }
        assertThat(got.get(got.size() - 1).millis() - got.get(FAILURES + 1).millis())
                .as("without pauses from then on")
                .isLessThan((BROKEN - 2) * PAUSE_MILLIS);
    }

    private static void assertThatPagerDutyKnowsItAllUnderOneKey(
            HttpReceiver receiver, TestVault vault) throws SQLException {
        List<JsonNode> events = receiver.messages("/pager");
        assertThat(events.stream().map(event -> event.path("event_action").asText()))
                .containsExactly("trigger", "acknowledge", "resolve");
        assertThat(events.stream().map(event -> event.path("dedup_key").asText()))
                .containsOnly("pager-matter");
        assertThat(events.stream().map(event -> event.path("routing_key").asText()))
                .containsOnly("r0uting-key");
        assertThat(
                        vault.texts(
                                "SELECT concat_ws(' ', idempotency_key, channel_type,"
                                        + " external_message_id) FROM notification_log_s WHERE"
                                        + " channel_name = 'pager' ORDER BY load_date"))
                .containsExactly(
                        "pager-1 PAGERDUTY pager-matter",
                        "pager-2 PAGERDUTY pager-matter",
                        "pager-3 PAGERDUTY pager-matter");
    }

    private void assertThatASilentMailServerGetsTheSameMailAgain(TestVault vault)
            throws SQLException {
        assertThat(mails).hasSize(2);
        String id =
                vault.text(
                        "SELECT external_message_id FROM notification_log_s WHERE channel_name ="
                                + " 'mail' AND delivery_status = 'DELIVERED'");
        assertThat(mails).allMatch(mail -> mail.contains("Message-ID: " + id));
        assertThat(
                        vault.texts(
                                "SELECT concat_ws(' ', delivery_status, retry_count,"
                                    + " failure_reason) FROM notification_log_s WHERE channel_name"
                                    + " = 'mail' AND delivery_status = 'RETRYING'"))
                .containsExactly("RETRYING 0 no answer within 2000 ms");
    }

    private static void assertThatTheLogTellsEachAttempt(TestVault vault) throws SQLException {
        assertThat(
                        vault.texts(
                                "SELECT s::text FROM notification_log_s s WHERE"
                                    + " delivery_duration_ms IS NULL OR delivery_duration_ms <= 0"
                                    + " OR message_content IS NULL OR recipient_address IS NULL OR"
                                    + " delivery_status = 'RETRYING' AND failure_reason IS NULL"))
                .as("an attempt without duration, text, recipient, or a failed one without reason")
                .isEmpty();
        assertThat(
                        vault.texts(
                                "SELECT DISTINCT failure_reason FROM notification_log_s WHERE"
                                        + " delivery_status = 'RETRYING' AND channel_type ="
                                        + " 'WEBHOOK' ORDER BY 1"))
                .containsExactly("HTTP 429: slow down", "HTTP 500");
        assertThat(
                        vault.texts(
                                "SELECT count(*) FROM notification_log_s WHERE channel_name ="
                                        + " 'broken' GROUP BY delivery_status ORDER BY"
                                        + " delivery_status"))
                .as("delivered, and to be repeated")
                .containsExactly("" + BROKEN, "" + (FAILURES + 1));
    }

    private static void script() {
        ScriptedRequests.begin(List.of());
        for (int i = 0; i < 2; i++) {
            ask("patient", i);
        }
        for (int i = 0; i < PACED; i++) {
            ask("paced", i);
        }
        for (int i = 0; i < BROKEN; i++) {
            ask("broken", i);
        }
        ask("mail", 0);
        int event = 0;
        for (Status status : List.of(Status.FIRING, Status.ACKNOWLEDGED, Status.RESOLVED)) {
            event++;
            ScriptedRequests.at(
                    TICK + 20L * event, "pager", "pager-matter", "pager-" + event, status);
        }
    }

    private static void ask(String channel, int number) {
        String key = channel + '-' + number;
        ScriptedRequests.at(TICK, channel, "matter-of-" + key, key, Status.FIRING);
    }

    private static List<ChannelOptions> channels(int port, int mail) {
        DeliveryPolicy usual = ScriptedRequests.policy(20, Duration.ofMinutes(10));
        return List.of(
                hook("patient", port, usual),
                hook("paced", port, policy(100_000, PER_MINUTE)),
                hook("broken", port, policy(FAILURES, 6_000)),
                new ChannelOptions.PagerDuty(
                        new Common("pager", Duration.ofSeconds(30), usual),
                        Secret.of("r0uting-key"),
                        "http://127.0.0.1:" + port + "/pager"),
                new ChannelOptions.Email(
                        new Common("mail", Duration.ofSeconds(2), usual),
                        "127.0.0.1",
                        mail,
                        Security.NONE,
                        "",
                        Secret.NONE,
                        "ours@ours.example",
                        List.of("a@example.org"),
                        null));
    }

    private static DeliveryPolicy policy(int circuitFailures, int perMinute) {
        return new DeliveryPolicy(
                20,
                Duration.ofMinutes(10),
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                circuitFailures,
                Duration.ofMillis(PAUSE_MILLIS),
                perMinute);
    }

    private static ChannelOptions hook(String name, int port, DeliveryPolicy policy) {
        return new ChannelOptions.Webhook(
                new Common(name, Duration.ofSeconds(30), policy),
                Secret.of("http://127.0.0.1:" + port + '/' + name),
                Secret.of(SIGNING),
                null);
    }

    private List<Arrival> of(String path) {
        return arrivals.stream().filter(arrival -> arrival.path().equals(path)).toList();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(1, TimeUnit.MINUTES)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
