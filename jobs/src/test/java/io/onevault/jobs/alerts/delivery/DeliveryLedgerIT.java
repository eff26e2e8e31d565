package io.onevault.jobs.alerts.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.DeliveryPolicy;
import io.onevault.connectors.notify.Status;
import io.onevault.connectors.secret.Secret;
import io.onevault.jobs.alerts.delivery.ScriptedRequests.By;
import io.onevault.jobs.alerts.delivery.ScriptedRequests.Moment;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.HttpReceiver;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.testing.Until;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.apache.flink.api.common.JobID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every notification that is owed has one end, and it is the true one, although the job crashes at
 * any moment: the ledger is what was handed to the delivery, the witnesses are the receiver and the
 * vault.
 */
class DeliveryLedgerIT {

    /** Of what is asked for when, of who refuses what, and of the crashes. */
    private static final long SEED = 20_261_122;

    private static final int REQUESTS = 150;
    private static final int CRASHES = 6;
    private static final long QUIET_MILLIS = 1_000;

    /** How long the receiver takes, so that messages wait for their turn. */
    private static final long ANSWER_NANOS = TimeUnit.MILLISECONDS.toNanos(15);

    private static final List<String> CHANNELS =
            List.of("good", "good", "good", "good", "choosy", "away", "brief", "nobody");

    @TempDir static Path work;

    /** How often the receiver took which message. */
    private final Map<String, Integer> taken = new ConcurrentHashMap<>();

    /** When it had anything last. */
    private volatile long lastNanos;

    private final class Witness implements HttpReceiver.Manners {
        @Override
        public HttpReceiver.Answer answer(String key, int times) {
            throw new IllegalStateException("it answers by what it was sent");
        }

        @Override
        public HttpReceiver.Answer answer(HttpReceiver.Sent sent, int times) {
            lastNanos = System.nanoTime();
            String channel = sent.path().substring(1);
            String key = sent.header("Idempotency-Key");
            if (channel.equals("good")) {
                LockSupport.parkNanos(ANSWER_NANOS);
                if (ScriptedRequests.isMoment(By.MESSAGES)) {
                    ScriptedRequests.fail();
                    Until.holds("the crash", () -> !ScriptedRequests.isFailing());
                }
            }
            int status = status(channel, key, times);
            if (status == 200) {
                taken.merge(channel + '/' + key, 1, Integer::sum);
            }
            return HttpReceiver.Answer.of(status);
        }

        @Override
        public void answered(String key, int times) {
            if (key.startsWith("good") && ScriptedRequests.isMoment(By.ANSWERS)) {
                ScriptedRequests.fail();
            }
        }
    }

    private static int status(String channel, String key, int times) {
        return switch (channel) {
            case "good" -> times == 1 && key.endsWith("0") ? 503 : 200;
            case "choosy" -> isRefused(key) ? 400 : 200;
            default -> 503;
        };
    }

    private static boolean isRefused(String key) {
        return key.endsWith("1") || key.endsWith("4") || key.endsWith("7");
    }

    @Test
    @Timeout(value = 4, unit = TimeUnit.MINUTES)
    void eachThatIsOwedHasOneTrueEndAfterCrashesAtAnyMoment() throws Exception {
        Random random = new Random(SEED);
        ScriptedRequests.begin(moments(random));
        long lastTick = script(random);
        try (TestVault vault = TestVault.start();
                HttpReceiver receiver = new HttpReceiver(new Witness());
                LocalFlink flink = LocalFlink.start(work)) {
            JobID job = flink.submit(ScriptedRequests.topology(vault, channels(receiver.port())));
            Until.holds(
                    "quiet",
                    () ->
                            ScriptedRequests.allCrashed()
                                    && ScriptedRequests.tick() > lastTick
                                    && Until.millisSince(lastNanos) > QUIET_MILLIS
                                    && vault.holds(
                                            "SELECT count(*) = "
                                                    + REQUESTS
                                                    + " FROM notification_log_s WHERE load_end_date"
                                                    + " IS NULL AND delivery_status <>"
                                                    + " 'RETRYING'"));
            flink.cancel(job);

            Set<String> owed = ScriptedRequests.handed();
            int crashes = ScriptedRequests.crashes();
            System.out.printf(
                    "Seed %d: %d notifications, %d crashes, %d taken twice or more%n",
                    SEED,
                    owed.size(),
                    crashes,
                    taken.values().stream().filter(times -> times > 1).count());
            assertThat(owed).hasSize(REQUESTS);
            assertThat(crashes).isEqualTo(CRASHES);
            assertThat(
                            vault.texts(
                                    "SELECT concat_ws(' ', h.notification_log_bk,"
                                            + " s.delivery_status) FROM notification_log_h h LEFT"
                                            + " JOIN notification_log_s s ON s.notification_log_hk"
                                            + " = h.notification_log_hk AND s.load_end_date IS"
                                            + " NULL"))
                    .as("one end of each, with seed %d", SEED)
                    .containsExactlyInAnyOrderElementsOf(owed.stream().map(this::end).toList());
            assertThat(
                            vault.texts(
                                    "SELECT DISTINCT notification_log_bk FROM notification_log_h"
                                            + " JOIN notification_log_s USING"
                                            + " (notification_log_hk) WHERE delivery_status ="
                                            + " 'DELIVERED'"))
                    .as("the vault believes what the receiver says")
                    .containsExactlyInAnyOrderElementsOf(new TreeSet<>(taken.keySet()));
            assertThat(taken.values()).allMatch(times -> times <= 1 + crashes);
            assertThat(vault.text("SELECT count(*) FROM dead_letter")).isEqualTo("0");
        }
    }

    /** What became of it by what its receiver is like. */
    private String end(String owed) {
        String channel = owed.substring(0, owed.indexOf('/'));
        DeliveryState state =
                switch (channel) {
                    case "good" -> DeliveryState.DELIVERED;
                    case "choosy" ->
                            isRefused(owed) ? DeliveryState.FAILED : DeliveryState.DELIVERED;
                    case "brief" -> DeliveryState.EXPIRED;
                    default -> DeliveryState.FAILED;
                };
        return owed + ' ' + state;
    }

    /** Two of each kind, in any order. */
    private static List<Moment> moments(Random random) {
        List<Moment> moments = new ArrayList<>();
        for (int i = 0; i < CRASHES; i++) {
            By by = By.values()[i % By.values().length];
            int left = by == By.TICKS ? 30 + random.nextInt(60) : 2 + random.nextInt(8);
            moments.add(random.nextInt(moments.size() + 1), new Moment(by, left));
        }
        return moments;
    }

    /** One or several at once, about few matters, so that ends come while beginnings wait. */
    private static long script(Random random) {
        long tick = 50;
        for (int i = 0; i < REQUESTS; i++) {
            String channel = CHANNELS.get(random.nextInt(CHANNELS.size()));
            String matter = channel + "-matter-" + random.nextInt(4);
            Status status = Status.values()[random.nextInt(Status.values().length)];
            ScriptedRequests.at(tick, channel, matter, channel + '-' + i, status);
            tick += random.nextInt(3) == 0 ? random.nextInt(20) : 0;
        }
        return tick;
    }

    private static List<ChannelOptions> channels(int port) {
        Duration patient = Duration.ofMinutes(10);
        return List.of(
                hook("good", port, ScriptedRequests.policy(20, patient)),
                hook("choosy", port, ScriptedRequests.policy(20, patient)),
                hook("away", port, ScriptedRequests.policy(2, patient)),
                hook("brief", port, ScriptedRequests.policy(1_000, Duration.ofMillis(300))));
    }

    private static ChannelOptions hook(String name, int port, DeliveryPolicy policy) {
        return new ChannelOptions.Webhook(
                new Common(name, Duration.ofSeconds(30), policy),
                Secret.of("http://127.0.0.1:" + port + '/' + name),
                Secret.of("s1gning-0123456789abcdef"),
                null);
    }
}
