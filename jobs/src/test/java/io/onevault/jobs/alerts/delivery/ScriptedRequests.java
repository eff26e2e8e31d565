package io.onevault.jobs.alerts.delivery;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.DeliveryPolicy;
import io.onevault.connectors.notify.Notification;
import io.onevault.connectors.notify.Severity;
import io.onevault.connectors.notify.Status;
import io.onevault.connectors.secret.Secret;
import io.onevault.connectors.vault.VaultOptions;
import io.onevault.jobs.testing.TestVault;
import io.onevault.jobs.vault.VaultFindingSinks;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.FlatMapFunction;
import org.apache.flink.api.common.functions.MapFunction;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.connector.source.util.ratelimit.RateLimiterStrategy;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.RestartStrategyOptions;
import org.apache.flink.connector.datagen.source.DataGeneratorSource;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.util.Collector;

/**
 * A job that hands requests to the delivery as a script says, a tick each 10 ms, and after a crash
 * those again that came after the last checkpoint. It crashes at the moments it is given. One at a
 * time in a process.
 */
final class ScriptedRequests {

    private static final int TICKS_PER_SECOND = 100;

    /** What a moment is counted by. */
    enum By {
        TICKS,
        /** Before the receiver answers; it waits for the crash. */
        MESSAGES,
        ANSWERS
    }

    /**
     * When the job crashes.
     *
     * @param left how many until then, from the crash before on
     */
    record Moment(By by, int left) {}

    private static final Map<Long, List<NotificationRequest>> SCRIPT = new ConcurrentHashMap<>();
    private static final Map<Long, Long> EMITTED = new ConcurrentHashMap<>();
    private static final Set<String> HANDED = ConcurrentHashMap.newKeySet();
    private static final Deque<Moment> MOMENTS = new ArrayDeque<>();
    private static final AtomicBoolean FAIL = new AtomicBoolean();
    private static final AtomicInteger CRASHES = new AtomicInteger();
    private static final AtomicLong TICK = new AtomicLong();

    private ScriptedRequests() {}

    private static final class Feed implements FlatMapFunction<Long, NotificationRequest> {
        private static final long serialVersionUID = 1L;

        @Override
        public void flatMap(Long tick, Collector<NotificationRequest> out) {
            if (FAIL.compareAndSet(true, false) || isMoment(By.TICKS)) {
                CRASHES.incrementAndGet();
                throw new IllegalStateException("made to fail");
            }
            TICK.set(tick);
            List<NotificationRequest> requests = SCRIPT.get(tick);
            if (requests != null) {
                EMITTED.putIfAbsent(tick, System.currentTimeMillis());
                requests.forEach(out::collect);
            }
        }
    }

    /** Every request that is handed to the delivery. */
    private static final class Ledger
            implements MapFunction<NotificationRequest, NotificationRequest> {
        private static final long serialVersionUID = 1L;

        @Override
        public NotificationRequest map(NotificationRequest request) {
            HANDED.add(request.channel() + '/' + request.notification().idempotencyKey());
            return request;
        }
    }

    /** Begins a script. */
    static synchronized void begin(List<Moment> moments) {
        SCRIPT.clear();
        EMITTED.clear();
        HANDED.clear();
        MOMENTS.clear();
        MOMENTS.addAll(moments);
        FAIL.set(false);
        CRASHES.set(0);
        TICK.set(0);
    }

    static void at(long tick, String channel, String matter, String key, Status status) {
        SCRIPT.computeIfAbsent(tick, any -> new ArrayList<>())
                .add(
                        new NotificationRequest(
                                channel,
                                Notification.builder(key, matter, status, Severity.CRITICAL)
                                        .finding("rule", "too many of them")
                                        .where("shop", "acme", "connections", Map.of())
                                        .times(1_700_000_000_000_000L, 1_700_000_000_000_000L)
                                        .build()));
    }

    /** When a tick's requests came first, milliseconds. */
    static long emittedMillis(long tick) {
        return EMITTED.getOrDefault(tick, Long.MAX_VALUE);
    }

    /** The last tick. */
    static long tick() {
        return TICK.get();
    }

    /** Channel and key of what was handed to the delivery. */
    static Set<String> handed() {
        return Set.copyOf(HANDED);
    }

    static int crashes() {
        return CRASHES.get();
    }

    static synchronized boolean allCrashed() {
        return MOMENTS.isEmpty() && !FAIL.get();
    }

    /** Counts for the next moment; whether it has come. */
    static synchronized boolean isMoment(By by) {
        Moment next = MOMENTS.peek();
        if (next == null || next.by() != by || FAIL.get()) {
            return false;
        }
        MOMENTS.remove();
        if (next.left() > 1) {
            MOMENTS.addFirst(new Moment(by, next.left() - 1));
            return false;
        }
        return true;
    }

    /** The job fails at its next tick. */
    static void fail() {
        FAIL.set(true);
    }

    static boolean isFailing() {
        return FAIL.get();
    }

    /** The job; two tasks deliver. */
    static StreamExecutionEnvironment topology(TestVault vault, List<ChannelOptions> channels) {
        Configuration flink = new Configuration();
        flink.set(PipelineOptions.GENERIC_TYPES, false);
        flink.set(RestartStrategyOptions.RESTART_STRATEGY, "fixed-delay");
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_ATTEMPTS, 100);
        flink.set(RestartStrategyOptions.RESTART_STRATEGY_FIXED_DELAY_DELAY, Duration.ofMillis(50));
        StreamExecutionEnvironment env = StreamExecutionEnvironment.getExecutionEnvironment(flink);
        env.setParallelism(2);
        env.enableCheckpointing(300);
        DeliveryJob.defineWorkflow(
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
                        .uid("feed")
                        .map(new Ledger())
                        .returns(TypeInformation.of(NotificationRequest.class))
                        .setParallelism(1)
                        .uid("ledger"),
                channels,
                new VaultFindingSinks(
                        VaultOptions.of(vault.jdbcUrl(), "pipeline", Secret.of("secret"))));
        return env;
    }

    /** Short waits; so many attempts, and such an age. */
    static DeliveryPolicy policy(int attempts, Duration age) {
        return new DeliveryPolicy(
                attempts,
                age,
                Duration.ofMillis(50),
                Duration.ofMillis(100),
                100_000,
                Duration.ofSeconds(1),
                6_000);
    }
}
