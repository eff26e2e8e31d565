package io.onevault.jobs.alerts.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.ChannelOptions.Security;
import io.onevault.connectors.notify.DeliveryPolicy;
import io.onevault.connectors.notify.Notification;
import io.onevault.connectors.notify.Severity;
import io.onevault.connectors.notify.Status;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.jobs.local.LocalFlink;
import io.onevault.jobs.testing.HttpReceiver;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import org.apache.flink.api.common.JobID;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.state.CheckpointListener;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.subethamail.smtp.RejectException;
import org.subethamail.smtp.server.SMTPServer;

/** From a request in a running job to real receivers, polite and rude ones, and to the vault. */
class DeliveryIT {

    private static final String TOKEN = "t0ken-0123456789abcdef";
    private static final String SIGNING = "s1gning-0123456789abcdef0123456789";
    private static final int TICKS_PER_SECOND = 100;

    /** The task that feeds the delivery fails at its next tick. */
    private static final AtomicBoolean FAIL = new AtomicBoolean();

    private static final AtomicInteger CHECKPOINTS = new AtomicInteger();

    /** What comes at which tick, and again after a failure; written before the job starts. */
    private static final Map<Long, NotificationRequest> SCRIPT = new ConcurrentHashMap<>();

    @TempDir static Path work;

    private static final class Feed
            implements FlatMapFunction<Long, NotificationRequest>, CheckpointListener {
        private static final long serialVersionUID = 1L;

        @Override
        public void flatMap(Long tick, Collector<NotificationRequest> out) {
            if (FAIL.compareAndSet(true, false)) {
                throw new IllegalStateException("made to fail");
            }
            NotificationRequest request = SCRIPT.get(tick);
            if (request != null) {
                out.collect(request);
            }
        }

        @Override
        public void notifyCheckpointComplete(long checkpointId) {
            CHECKPOINTS.incrementAndGet();
        }
    }

    /** Takes everything; two keys make the job fail, one before and one after its answer. */
    private static final class Crashing implements HttpReceiver.Manners {
        @Override
        public HttpReceiver.Answer answer(String key, int times) {
            if (key.equals("crash-before") && times == 1) {
                FAIL.set(true);
                while (FAIL.get()) {
                    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
                }
            }
            return HttpReceiver.Answer.of(200);
        }

        @Override
        public void answered(String key, int times) {
            if (key.equals("crash-after") && times == 1) {
                FAIL.set(true);
            }
        }
    }

    @Test
    @Timeout(value = 5, unit = TimeUnit.MINUTES)
    void eachEndsAsItsReceiverWantsAndAFailureRepeatsItOnce() throws Exception {
        List<String> mails = new CopyOnWriteArrayList<>();
        AtomicInteger refused = new AtomicInteger();
        CountDownLatch release = new CountDownLatch(1);
        SMTPServer mail =
                SMTPServer.port(0)
                        .messageHandler(
                                (context, from, to, data) -> {
                                    if (refused.getAndIncrement() == 0) {
                                        throw new RejectException(451, "come back later");
                                    }
                                    mails.add(new String(data, StandardCharsets.UTF_8));
                                })
                        .build();
        mail.start();
        try (TestVault vault = TestVault.start();
                HttpReceiver polite = new HttpReceiver(new Crashing());
                HttpReceiver moody =
                        new HttpReceiver(
                                (key, times) ->
                                        times == 1 && key.equals("moody-1")
                                                ? HttpReceiver.Answer.of(503)
                                                : times == 2 && key.equals("moody-1")
                                                        ? new HttpReceiver.Answer(
                                                                429, Map.of("Retry-After", "1"), "")
                                                        : HttpReceiver.Answer.of(200));
                HttpReceiver hostile =
                        new HttpReceiver(
                                (key, times) ->
                                        new HttpReceiver.Answer(
                                                404, Map.of(), "no " + TOKEN + " " + SIGNING));
                HttpReceiver hanging =
                        new HttpReceiver(
                                (key, times) -> {
                                    release.await();
                                    return HttpReceiver.Answer.of(200);
                                });
                LocalFlink flink = LocalFlink.start(work)) {
            List<ChannelOptions> channels =
                    List.of(
                            hook("polite", polite.url(), Duration.ofSeconds(10)),
                            hook("moody", moody.url(), Duration.ofSeconds(10)),
                            hook("hostile", hostile.url(), Duration.ofSeconds(10)),
                            hook("hanging", hanging.url(), Duration.ofSeconds(3)),
                            new ChannelOptions.Email(
                                    common("mail", Duration.ofSeconds(30)),
                                    "127.0.0.1",
                                    mail.getPortAllocated(),
                                    Security.NONE,
                                    "",
                                    Secret.NONE,
                                    "ours@ours.example",
                                    List.of("a@example.org"),
                                    null));
            script();
            JobID job = flink.submit(topology(vault, channels));

            vault.await(
                    "the end of all",
                    "SELECT count(DISTINCT notification_log_hk) = "
                            + SCRIPT.size()
                            + " FROM notification_log_s WHERE delivery_status <> 'RETRYING'");
            int checkpoints = CHECKPOINTS.get();
            assertThat(flink.status(job).isTerminalState()).isFalse();
            flink.cancel(job);

            // Receivers.
            List<String> got = polite.keys();
            Map<String, Long> times =
                    got.stream().collect(Collectors.groupingBy(k -> k, Collectors.counting()));
            System.out.printf(
                    "Polite receiver: %d messages, %d of them twice; %d checkpoints%n",
                    times.size(), times.values().stream().filter(n -> n > 1).count(), checkpoints);
            assertThat(times.values()).allMatch(n -> n <= 2);
            assertThat(times).containsEntry("crash-before", 2L).containsKey("crash-after");
            assertThat(FAIL).isFalse();
            assertThat(moody.keys()).containsExactly("moody-1", "moody-1", "moody-1", "moody-2");
            assertThat(new HashSet<>(hostile.keys())).containsExactlyInAnyOrder("hostile-1");
            assertThat(hanging.keys().stream().filter("hanging-1"::equals).count())
                    .isBetween(3L, 5L);
            assertThat(mails)
                    .singleElement()
                    .satisfies(m -> assertThat(m).contains("X-OneVault-Idempotency-Key: mail-1"));

            assertTheVaultTellsTheSame(vault);
            assertThat(checkpoints).as("while a receiver hung").isGreaterThan(10);
        } finally {
            release.countDown();
            mail.stop();
        }
    }

    private static void assertTheVaultTellsTheSame(TestVault vault) throws SQLException {
        assertThat(ends(vault, "polite")).containsOnly("DELIVERED");
        assertThat(ends(vault, "moody")).containsExactly("DELIVERED", "DELIVERED");
        assertThat(ends(vault, "mail")).containsExactly("DELIVERED");
        assertThat(ends(vault, "hostile")).containsExactly("FAILED");
        assertThat(ends(vault, "hanging")).containsExactly("FAILED");
        assertThat(ends(vault, "nobody")).containsExactly("FAILED");
        assertThat(
                        vault.texts(
                                "SELECT delivery_status || ' ' || retry_count FROM"
                                    + " notification_log_s WHERE idempotency_key = 'moody-1' ORDER"
                                    + " BY load_date"))
                .containsExactly("RETRYING 0", "RETRYING 1", "DELIVERED 2");
        assertThat(
                        vault.holds(
                                """
                                SELECT (SELECT max(load_date) FROM notification_log_s
                                        WHERE idempotency_key LIKE 'early-%')
                                    < (SELECT min(load_date) FROM notification_log_s
                                        WHERE channel_name = 'hanging')
                                """))
                .as("other channels' messages arrived while the first attempt hung")
                .isTrue();
        assertThat(
                        vault.texts(
                                "SELECT s::text FROM notification_log_s s WHERE s::text LIKE '%"
                                        + TOKEN
                                        + "%' OR s::text LIKE '%"
                                        + SIGNING
                                        + "%'"))
                .as("secrets")
                .isEmpty();
        assertThat(
                        vault.holds(
                                "SELECT (SELECT count(*) FROM notification_log_h) = "
                                        + SCRIPT.size()
                                        + " AND (SELECT count(*) FROM alert_notification_l) = "
                                        + SCRIPT.size()
                                        + " AND NOT EXISTS (SELECT FROM dead_letter)"))
                .isTrue();
    }

    private static void script() {
        for (int i = 0; i < 5; i++) {
            at(40 + i, "polite", "early-alert-" + i, "early-" + i, Status.FIRING);
        }
        at(10, "hanging", "hanging", "hanging-1", Status.FIRING);
        at(20, "moody", "moody", "moody-1", Status.FIRING);
        at(21, "moody", "moody", "moody-2", Status.RESOLVED);
        at(22, "hostile", "hostile", "hostile-1", Status.FIRING);
        at(23, "nobody", "nobody", "nobody-1", Status.FIRING);
        at(24, "mail", "mail", "mail-1", Status.FIRING);
        at(600, "polite", "crash", "crash-before", Status.FIRING);
        at(601, "polite", "crash", "crash-end", Status.RESOLVED);
        at(1_000, "polite", "crash2", "crash-after", Status.FIRING);
        for (int i = 0; i < 5; i++) {
            at(1_030 + 5 * i, "polite", "late-alert-" + i, "late-" + i, Status.FIRING);
        }
    }

    private static void at(long tick, String channel, String alert, String key, Status status) {
        SCRIPT.put(
                tick,
                new NotificationRequest(
                        channel,
                        Notification.builder(key, alert, status, Severity.CRITICAL)
                                .finding("rule", "too many of them")
                                .where("shop", "acme", "connections", Map.of("database", "shop"))
                                .times(1_700_000_000_000_000L, 1_700_000_000_000_000L)
                                .build()));
    }

    private static StreamExecutionEnvironment topology(
            TestVault vault, List<ChannelOptions> channels) {
        Configuration flink = new Configuration();
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        flink.set(PipelineOptions.OBJECT_REUSE, true);
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 2);
        flink.set(
                RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(100));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        env.setParallelism(2);
        env.enableCheckpointing(300);
        DataStream<NotificationRequest> requests =
                env.fromSource(
                                new DataGeneratorSource<>(
                                        i -> i,
                                        Long.MAX_VALUE,
                                        RateLimiterStrategy.perSecond(TICKS_PER_SECOND),
                                        Types.LONG),
                                WatermarkStrategy.noWatermarks(),
                                "ticks")
                        .setParallelism(1)
                        .uid("ticks")
                        .flatMap(new Feed())
                        .returns(TypeInformation.of(NotificationRequest.class))
                        .setParallelism(1)
                        .uid("feed");
        DeliveryJob.defineWorkflow(
                requests,
                channels,
                new VaultFindingSinks(
                        VaultOptions.of(vault.jdbcUrl(), "pipeline", Secret.of("secret"))));
        return env;
    }

    private static ChannelOptions hook(String name, String url, Duration timeout) {
        return new ChannelOptions.Webhook(
                common(name, timeout),
                Secret.of(url + "?token=" + TOKEN),
                Secret.of(SIGNING),
                null);
    }

    private static Common common(String name, Duration timeout) {
        return new Common(
                name,
                timeout,
                new DeliveryPolicy(
                        3,
                        Duration.ofMinutes(10),
                        Duration.ofMillis(200),
                        Duration.ofSeconds(1),
                        5,
                        Duration.ofSeconds(1),
                        6_000));
    }

    /** How a channel's notifications stand. */
    private static List<String> ends(TestVault vault, String channel) throws SQLException {
        return vault.texts(
                "SELECT delivery_status FROM notification_log_s WHERE load_end_date IS NULL AND"
                        + " channel_name = '"
                        + channel
                        + "'");
    }
}
