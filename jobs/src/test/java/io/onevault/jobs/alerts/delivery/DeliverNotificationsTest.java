package io.onevault.jobs.alerts.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.notify.ChannelOptions;
import io.onevault.connectors.notify.ChannelOptions.Common;
import io.onevault.connectors.notify.DeliveryAttempt;
import io.onevault.connectors.notify.DeliveryPolicy;
import io.onevault.connectors.notify.Notification;
import io.onevault.connectors.notify.ReceiverState;
import io.onevault.connectors.notify.Severity;
import io.onevault.connectors.notify.Status;
import io.onevault.connectors.secret.Secret;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.PojoTestUtils;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DeliverNotificationsTest {

    private static final String DELIVERED = "DELIVERED";
    private static final String TEMPORARY = "TEMPORARY_FAILURE";
    private static final String PERMANENT = "PERMANENT_FAILURE";

    /** A sender travels with its function; what it was asked stays here. */
    private static final ConcurrentMap<String, List<Call>> ASKED = new ConcurrentHashMap<>();

    private final String test = UUID.randomUUID().toString();
    private List<ChannelOptions> channels =
            List.of(
                    channel("ops", DeliveryPolicy.DEFAULT),
                    channel("chat", DeliveryPolicy.DEFAULT));
    private long clock = TimeUnit.HOURS.toMillis(1);

    /** An attempt whose outcome the test decides. */
    private record Call(
            String channel, Notification notification, CompletableFuture<DeliveryAttempt> outcome) {

        String key() {
            return notification.idempotencyKey();
        }

        void ends(String result, @Nullable Duration retryAfter) {
            outcome.complete(
                    new DeliveryAttempt(
                            key(),
                            channel,
                            "WEBHOOK",
                            "receiver.example",
                            "text",
                            result,
                            result.equals(DELIVERED) ? "" : "said no",
                            result.equals(DELIVERED) ? "id-" + key() : "",
                            retryAfter == null ? null : retryAfter.toMillis(),
                            7_000_000,
                            1.5));
        }
    }

    /** One test's view of the operator. */
    private final class Run implements AutoCloseable {
        private final KeyedOneInputStreamOperatorTestHarness<
                        String, NotificationRequest, DeliveryRecord>
                harness;

        Run(@Nullable OperatorSubtaskState state) throws Exception {
            String id = test;
            harness =
                    new KeyedOneInputStreamOperatorTestHarness<>(
                            new KeyedProcessOperator<>(
                                    new DeliverNotifications(channels, options -> sender(id))),
                            NotificationRequest::channel,
                            Types.STRING);
            if (state != null) {
                harness.initializeState(state);
            }
            harness.open();
            harness.setProcessingTime(clock);
        }

        void ask(String channel, String alert, String key, Status status) throws Exception {
            ask(channel, alert, key, status, clock);
        }

        /** About an alert that began at {@code since}, milliseconds. */
        void ask(String channel, String alert, String key, Status status, long since)
                throws Exception {
            harness.processElement(
                    new NotificationRequest(channel, notification(alert, key, status, since)),
                    clock);
        }

        void tick(long millis) throws Exception {
            clock += millis;
            harness.setProcessingTime(clock);
        }

        /** Ends the latest attempt and lets the operator see it. */
        void ends(String result) throws Exception {
            last().ends(result, null);
            tick(100);
        }

        List<DeliveryRecord> records() {
            return harness.extractOutputValues();
        }

        List<String> states(String key) {
            return records().stream()
                    .filter(record -> record.idempotencyKey().equals(key))
                    .map(DeliveryRecord::state)
                    .toList();
        }

        void until(String what, BooleanSupplier condition) throws Exception {
            for (int i = 0; i < 10_000 && !condition.getAsBoolean(); i++) {
                tick(100);
            }
            assertThat(condition.getAsBoolean()).as(what).isTrue();
        }

        @Override
        public void close() throws Exception {
            harness.close();
        }
    }

    private static NotificationSender sender(String id) {
        return new NotificationSender() {
            @Override
            public CompletableFuture<DeliveryAttempt> send(String channel, Notification message) {
                Call call = new Call(channel, message, new CompletableFuture<>());
                ASKED.computeIfAbsent(id, key -> new CopyOnWriteArrayList<>()).add(call);
                return call.outcome();
            }

            @Override
            public void close() {
                // What is under way stays as it is, like a request that a crash leaves behind.
            }
        };
    }

    @AfterEach
    void forget() {
        ASKED.remove(test);
    }

    @Test
    void aMessageIsSentAtOnceAndNothingIsLeftOfIt() throws Exception {
        try (Run run = new Run(null)) {
            run.ask("ops", "a", "a1", Status.FIRING);
            assertThat(keys()).containsExactly("a1");
            run.ask("ops", "a", "a1", Status.FIRING);
            run.tick(1_000);
            assertThat(run.records()).isEmpty();

            run.ends(DELIVERED);
            assertThat(keys()).containsExactly("a1");
            assertThat(run.records())
                    .containsExactly(
                            new DeliveryRecord(
                                    "ops",
                                    "WEBHOOK",
                                    "a1",
                                    "a",
                                    "a",
                                    "acme",
                                    "firing",
                                    "DELIVERED",
                                    "receiver.example",
                                    "text",
                                    "",
                                    "id-a1",
                                    1,
                                    TimeUnit.HOURS.toMicros(1),
                                    7_001_500,
                                    1.5));
            run.tick(61_000);
            assertNothingLeft(run);
        }
    }

    @Test
    void everyAttemptBearsTheSameKeyAndWaitsLonger() throws Exception {
        try (Run run = new Run(null)) {
            run.ask("ops", "a", "a1", Status.FIRING);
            run.ends(TEMPORARY);
            run.tick(390);
            assertThat(keys()).as("the first wait is half a second at least").hasSize(1);
            run.tick(600);
            assertThat(keys()).containsExactly("a1", "a1");
            run.ends(TEMPORARY);
            run.tick(890);
            assertThat(keys()).as("the second is twice as long").hasSize(2);
            run.tick(1_100);
            run.ends(DELIVERED);
            assertThat(keys()).containsExactly("a1", "a1", "a1");
            assertThat(run.states("a1")).containsExactly("RETRYING", "RETRYING", "DELIVERED");
            assertThat(run.records()).extracting(DeliveryRecord::attempts).containsExactly(1, 2, 3);
        }
    }

    @Test
    void anAlertsEndWaitsForItsBeginningAndOthersDoNot() throws Exception {
        try (Run run = new Run(null)) {
            run.ask("ops", "a", "a1", Status.FIRING);
            run.ends(TEMPORARY);
            run.ask("ops", "a", "a2", Status.RESOLVED);
            run.ask("ops", "b", "b1", Status.FIRING);
            assertThat(keys()).containsExactly("a1", "b1");
            run.ends(DELIVERED);
            run.until("the second attempt", () -> keys().size() == 3);
            run.ends(DELIVERED);
            run.ends(DELIVERED);
            assertThat(keys()).containsExactly("a1", "b1", "a1", "a2");
            assertThat(run.states("a2")).containsExactly("DELIVERED");
        }
    }

    @Test
    void whatNobodyTriedIsDroppedWhenTheAlertIsOverButItsEndIsTold() throws Exception {
        try (Run run = new Run(null)) {
            run.ask("ops", "busy", "busy", Status.FIRING);
            run.tick(60_001);
            run.ask("ops", "a", "a1", Status.FIRING);
            run.ask("ops", "a", "a2", Status.ACKNOWLEDGED);
            run.ask("ops", "a", "a3", Status.RESOLVED);
            assertThat(run.states("a1")).containsExactly("DROPPED");
            assertThat(run.states("a2")).containsExactly("DROPPED");
            run.ends(DELIVERED);
            run.ends(DELIVERED);
            assertThat(keys()).containsExactly("busy", "a3");
            assertThat(run.states("a3")).containsExactly("DELIVERED");
        }
    }

    @Test
    void whatIsOverIsDroppedAlsoWhereNothingWasToldForLong() throws Exception {
        try (Run run = new Run(null)) {
            run.harness.snapshot(1, clock);
            run.tick(60_001);
            run.ask("ops", "busy", "busy", Status.FIRING);
            run.ask("ops", "a", "a1", Status.FIRING);
            run.ask("ops", "a", "a2", Status.RESOLVED);
            assertThat(run.states("a1")).containsExactly("DROPPED");
        }
    }

    @Test
    void anEndIsToldThoughItsBeginningWasRefused() throws Exception {
        try (Run run = new Run(null)) {
            run.ask("ops", "a", "a1", Status.FIRING);
            run.ask("ops", "a", "a2", Status.RESOLVED);
            run.ends(PERMANENT);
            run.ends(DELIVERED);
            assertThat(run.states("a1")).containsExactly("FAILED");
            assertThat(run.states("a2")).containsExactly("DELIVERED");
        }
    }

    @Test
    void aRestartInAnAttemptRepeatsThatOneWithItsKey() throws Exception {
        OperatorSubtaskState state;
        try (Run run = new Run(null)) {
            run.ask("ops", "before", "done", Status.FIRING);
            run.ends(DELIVERED);
            run.ask("ops", "a", "a1", Status.FIRING);
            run.ask("ops", "a", "a2", Status.FIRING);
            run.ask("ops", "b", "b1", Status.FIRING);
            state = run.harness.snapshot(1, clock);
        }
        try (Run run = new Run(state)) {
            run.tick(100);
            assertThat(keys()).containsExactly("done", "a1", "a1");
            assertThat(run.states("a1")).containsExactly("RETRYING");
            assertThat(run.records().get(0).reason()).contains("same key");
            run.ends(DELIVERED);
            run.ends(DELIVERED);
            run.ends(DELIVERED);
            assertThat(keys().subList(3, 5)).containsExactlyInAnyOrder("a2", "b1");
            assertThat(run.states("a1")).containsExactly("RETRYING", "DELIVERED");
            assertThat(last(run.records(), "a1").attempts()).isEqualTo(2);
            run.tick(61_000);
            assertNothingLeft(run);
        }
    }

    @Test
    void whatTheRunBeforeMayHaveSentIsSentAgainAndNotDropped() throws Exception {
        OperatorSubtaskState state;
        try (Run run = new Run(null)) {
            run.ask("ops", "busy", "busy", Status.FIRING);
            run.tick(60_001);
            run.ask("ops", "a", "a1", Status.FIRING);
            state = run.harness.snapshot(1, clock);
            run.ends(DELIVERED);
            run.ends(DELIVERED);
            run.ask("ops", "b", "b1", Status.FIRING);
            run.ends(DELIVERED);
            assertThat(run.states("a1")).as("after the checkpoint").containsExactly("DELIVERED");
            assertThat(run.states("b1")).as("after the checkpoint").containsExactly("DELIVERED");
        }
        long since = clock;
        try (Run run = new Run(state)) {
            run.tick(100);
            assertThat(keys()).containsExactly("busy", "a1", "b1", "busy");
            run.tick(61_000);
            run.ask("ops", "a", "a2", Status.RESOLVED, since);
            run.ask("ops", "b", "b1", Status.FIRING, since);
            run.ask("ops", "b", "b2", Status.RESOLVED, since);
            run.ask("ops", "c", "c1", Status.FIRING);
            run.ask("ops", "c", "c2", Status.RESOLVED);
            for (int i = 0; i < 6; i++) {
                run.ends(DELIVERED);
            }
            assertThat(keys().subList(4, 9)).containsExactly("a1", "a2", "b1", "b2", "c2");
            assertThat(run.states("a1")).containsExactly("DELIVERED");
            assertThat(run.states("b1")).containsExactly("DELIVERED");
            assertThat(run.states("c1")).as("it is new").containsExactly("DROPPED");
        }
    }

    @Test
    void whatWasUnderWayAndIsTooOldAfterwardsHasOneEnd() throws Exception {
        OperatorSubtaskState state;
        try (Run run = new Run(null)) {
            run.ask("ops", "a", "a1", Status.FIRING);
            state = run.harness.snapshot(1, clock);
        }
        clock += TimeUnit.HOURS.toMillis(2);
        try (Run run = new Run(state)) {
            run.tick(100);
            assertThat(run.states("a1"))
                    .as("two rows of one moment would leave either of them as the last")
                    .containsExactly("EXPIRED");
            assertThat(run.records().get(0).reason()).contains("restarted", "too old");
            run.tick(61_000);
            assertNothingLeft(run);
        }
    }

    @Test
    void oneThatHangsHoldsUpNoOtherChannelAndNoCheckpoint() throws Exception {
        try (Run run = new Run(null)) {
            run.ask("ops", "a", "a1", Status.FIRING);
            run.ask("ops", "b", "b1", Status.FIRING);
            for (int i = 0; i < 5; i++) {
                run.ask("chat", "c" + i, "c" + i, Status.FIRING);
                run.ends(DELIVERED);
                assertThat(run.states("c" + i)).containsExactly("DELIVERED");
                run.harness.snapshot(i + 1, clock);
            }
            assertThat(run.states("a1")).isEmpty();
            assertThat(keys()).doesNotContain("b1");
        }
    }

    @Test
    void whatGrowsTooOldEndsTriedOrNot() throws Exception {
        try (Run run = new Run(null)) {
            run.ask("ops", "a", "a1", Status.FIRING);
            last().ends(TEMPORARY, Duration.ofMinutes(59));
            run.tick(100);
            run.ask("ops", "b", "b1", Status.FIRING);
            run.ask("ops", "b", "b2", Status.ACKNOWLEDGED);
            run.tick(TimeUnit.MINUTES.toMillis(58));
            assertThat(keys()).as("the receiver asked for it").containsExactly("a1");
            run.tick(TimeUnit.SECONDS.toMillis(61));
            assertThat(keys()).hasSize(2);
            run.tick(TimeUnit.MINUTES.toMillis(1));
            last().ends(TEMPORARY, null);
            run.tick(100);
            run.tick(TimeUnit.MINUTES.toMillis(2));
            assertThat(run.states("a1").get(1)).isEqualTo("EXPIRED");
            assertThat(run.states("b1")).containsExactly("EXPIRED");
            assertThat(run.states("b2")).containsExactly("EXPIRED");
            assertThat(last(run.records(), "b1").reason()).contains("PT1H");
            run.tick(TimeUnit.HOURS.toMillis(1));
            assertNothingLeft(run);
        }
    }

    @Test
    void attemptsThatAreUsedUpEndIt() throws Exception {
        channels = List.of(channel("ops", policy(3, 5, 60)));
        try (Run run = new Run(null)) {
            run.ask("ops", "a", "a1", Status.FIRING);
            run.ends(TEMPORARY);
            for (int attempt = 2; attempt <= 3; attempt++) {
                int wanted = attempt;
                run.until("attempt " + attempt, () -> keys().size() == wanted);
                run.ends(TEMPORARY);
            }
            assertThat(run.states("a1")).containsExactly("RETRYING", "RETRYING", "FAILED");
            assertThat(last(run.records(), "a1").reason()).contains("3 attempts");
        }
    }

    @Test
    void failuresInARowOpenTheCircuitForAllMessages() throws Exception {
        channels = List.of(channel("ops", policy(20, 2, 60)));
        try (Run run = new Run(null)) {
            run.ask("ops", "a", "a1", Status.FIRING);
            run.ends(TEMPORARY);
            run.ask("ops", "b", "b1", Status.FIRING);
            run.ends(TEMPORARY);
            run.ask("ops", "c", "c1", Status.FIRING);
            run.tick(29_000);
            assertThat(keys()).containsExactly("a1", "b1");
            run.tick(1_000);
            run.until("a probe", () -> keys().size() == 3);
            run.ends(DELIVERED);
            run.until("the next", () -> keys().size() == 4);
        }
    }

    @Test
    void theRateLimitLetsASixthOfAMinutesMessagesGoAtOnce() throws Exception {
        try (Run run = new Run(null)) {
            for (int i = 0; i < 30; i++) {
                run.ask("ops", "alert" + i, "key" + i, Status.FIRING);
            }
            for (int i = 0; i < 300; i++) {
                last().ends(DELIVERED, null);
                run.tick(10);
            }
            assertThat(keys().size()).as("in three seconds").isBetween(12, 14);
            for (int i = 0; i < 200; i++) {
                last().ends(DELIVERED, null);
                run.tick(100);
            }
            assertThat(run.records()).extracting(DeliveryRecord::state).containsOnly("DELIVERED");
            assertThat(run.records()).hasSize(30);
        }
    }

    @Test
    void aChannelThatIsNotConfiguredEndsWhatIsSentToIt() throws Exception {
        OperatorSubtaskState state;
        try (Run run = new Run(null)) {
            run.ask("nobody", "a", "a1", Status.FIRING);
            assertThat(run.states("a1")).containsExactly("FAILED");
            assertThat(run.records().get(0).channelType()).isEqualTo("NONE");
            assertNothingLeft(run);
            run.ask("ops", "b", "b1", Status.FIRING);
            state = run.harness.snapshot(1, clock);
        }
        channels = List.of();
        try (Run run = new Run(state)) {
            run.tick(100);
            assertThat(run.states("b1")).containsExactly("FAILED");
            assertNothingLeft(run);
        }
    }

    @Test
    void aSenderThatBreaksItsPromiseCostsAnAttemptOnly() throws Exception {
        try (Run run = new Run(null)) {
            run.ask("ops", "a", "a1", Status.FIRING);
            last().outcome().completeExceptionally(new IllegalStateException("token=s3cr3t"));
            run.tick(100);
            assertThat(run.states("a1")).containsExactly("RETRYING");
            assertThat(run.records().get(0).reason()).doesNotContain("s3cr3t");
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void whateverHappensEachEndsOnceInItsAlertsOrderAndNothingIsLeft(long seed) throws Exception {
        Random random = new Random(seed);
        channels =
                List.of(channel("ops", policy(4, 3, 6_000)), channel("chat", policy(4, 3, 6_000)));
        List<DeliveryRecord> all = new ArrayList<>();
        Map<String, Integer> order = new HashMap<>();
        Run run = new Run(null);
        for (int i = 0; i < 200; i++) {
            String key = "key" + i;
            order.put(key, i);
            Status status = Status.values()[random.nextInt(3)];
            String channel = random.nextBoolean() ? "ops" : "chat";
            run.ask(channel, channel + random.nextInt(12), key, status);
            answer(random);
            run.tick(random.nextInt(400));
            if (random.nextInt(20) == 0) {
                OperatorSubtaskState state = run.harness.snapshot(i, clock);
                all.addAll(run.records());
                run.close();
                // Nobody hears the answers to what was under way.
                asked().forEach(call -> call.ends(TEMPORARY, null));
                run = new Run(state);
            }
        }
        for (int i = 0; i < 3_000; i++) {
            answer(random);
            run.tick(5_000);
        }
        all.addAll(run.records());
        assertNothingLeft(run);
        run.close();

        Set<String> ended = new HashSet<>();
        Map<String, Integer> latest = new HashMap<>();
        for (DeliveryRecord record : all) {
            if (record.delivery().terminal()) {
                assertThat(ended.add(record.idempotencyKey())).isTrue();
            }
        }
        assertThat(ended).hasSize(200);
        for (Call call : asked()) {
            int place = order.get(call.key());
            Integer before = latest.put(call.notification().alertKey(), place);
            assertThat(before == null || before <= place).isTrue();
        }
    }

    /** What a run had done when its state was last kept. */
    private record Kept(OperatorSubtaskState state, int asked, List<DeliveryRecord> told) {}

    @ParameterizedTest
    @ValueSource(longs = {11, 12, 13, 14, 15, 16})
    void afterCrashesThatForgetEachStillEndsOnceAndIsRepeatedOnceACrash(long seed)
            throws Exception {
        Random random = new Random(seed);
        channels =
                List.of(channel("ops", policy(4, 3, 6_000)), channel("chat", policy(4, 3, 6_000)));
        List<Asking> script = new ArrayList<>();
        for (int i = 0; i < 150; i++) {
            String key = "key" + i;
            Status status = Status.values()[random.nextInt(3)];
            String channel = random.nextBoolean() ? "ops" : "chat";
            String alert = channel + random.nextInt(12);
            long since = clock + i * 2_000L;
            script.add(run -> run.ask(channel, alert, key, status, since));
        }
        Map<String, Integer> delivered = new HashMap<>();
        List<DeliveryRecord> everything = new ArrayList<>();
        List<DeliveryRecord> told = new ArrayList<>();
        Run run = new Run(null);
        Kept kept = new Kept(run.harness.snapshot(0, clock), 0, List.of());
        int crashes = 0;
        for (int asked = 0; asked < script.size(); asked++) {
            script.get(asked).run(run);
            count(answer(random), delivered);
            run.tick(random.nextInt(4_000));
            int what = random.nextInt(25);
            if (what == 0) {
                List<DeliveryRecord> all = new ArrayList<>(told);
                all.addAll(run.records());
                kept = new Kept(run.harness.snapshot(asked + 1, clock), asked + 1, all);
            } else if (what == 1 && crashes < 5) {
                crashes++;
                everything.addAll(run.records());
                run.close();
                // What is under way arrives; nobody hears the answer.
                for (Call call : asked()) {
                    if (!call.outcome().isDone()) {
                        call.ends(DELIVERED, null);
                        delivered.merge(call.key(), 1, Integer::sum);
                    }
                }
                told = new ArrayList<>(kept.told());
                asked = kept.asked() - 1;
                run = new Run(kept.state());
            }
        }
        for (int i = 0; i < 3_000; i++) {
            count(answer(random), delivered);
            run.tick(5_000);
        }
        everything.addAll(run.records());
        told.addAll(run.records());
        assertNothingLeft(run);
        run.close();

        assertThat(crashes).as("crashes with seed %d", seed).isPositive();
        Map<String, Long> ends = new HashMap<>();
        told.stream()
                .filter(record -> record.delivery().terminal())
                .forEach(record -> ends.merge(record.idempotencyKey(), 1L, Long::sum));
        assertThat(ends).as("seed %d", seed).hasSize(script.size());
        assertThat(ends.values()).containsOnly(1L);
        int most = crashes + 1;
        assertThat(delivered.values()).allMatch(times -> times <= most);
        Map<String, String> last = new HashMap<>();
        everything.forEach(record -> last.put(record.idempotencyKey(), record.state()));
        assertThat(last.values()).as("the last row of each").doesNotContain("RETRYING");
        assertThat(last.keySet().stream().filter(key -> last.get(key).equals("DROPPED")))
                .as("dropped with seed %d", seed)
                .doesNotContainAnyElementsOf(delivered.keySet());
    }

    private interface Asking {
        void run(Run run) throws Exception;
    }

    private static void count(List<Call> taken, Map<String, Integer> delivered) {
        for (Call call : taken) {
            if (call.outcome().join().result().equals(DELIVERED)) {
                delivered.merge(call.key(), 1, Integer::sum);
            }
        }
    }

    private List<Call> answer(Random random) {
        List<Call> answered = new ArrayList<>();
        List<String> results = List.of(DELIVERED, DELIVERED, TEMPORARY, TEMPORARY, PERMANENT);
        for (Call call : asked()) {
            if (!call.outcome().isDone() && random.nextInt(3) > 0) {
                call.ends(results.get(random.nextInt(results.size())), null);
                answered.add(call);
            }
        }
        return answered;
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                NotificationRequest.class,
                DeliveryRecord.class,
                PendingNotification.class,
                Notification.class,
                ReceiverState.class
            })
    void travelsAndIsKeptWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    private static void assertNothingLeft(Run run) {
        assertThat(run.harness.numKeyedStateEntries()).isZero();
        assertThat(run.harness.numProcessingTimeTimers()).isZero();
    }

    private static DeliveryRecord last(List<DeliveryRecord> records, String key) {
        return records.stream()
                .filter(record -> record.idempotencyKey().equals(key))
                .reduce((first, second) -> second)
                .orElseThrow();
    }

    private List<Call> asked() {
        return ASKED.getOrDefault(test, List.of());
    }

    private List<String> keys() {
        return asked().stream().map(Call::key).toList();
    }

    private Call last() {
        return asked().get(asked().size() - 1);
    }

    private static DeliveryPolicy policy(int attempts, int failures, int rate) {
        return new DeliveryPolicy(
                attempts,
                Duration.ofHours(1),
                Duration.ofSeconds(1),
                Duration.ofMinutes(5),
                failures,
                Duration.ofSeconds(30),
                rate);
    }

    private static ChannelOptions channel(String name, DeliveryPolicy policy) {
        return new ChannelOptions.Webhook(
                new Common(name, Common.DEFAULT_TIMEOUT, policy),
                Secret.of("http://127.0.0.1:9/hook"),
                Secret.of("0123456789abcdef0123456789abcdef"),
                null);
    }

    private static Notification notification(
            String alert, String key, Status status, long sinceMillis) {
        return Notification.builder(key, alert, status, Severity.CRITICAL)
                .finding("rule", "too many of them")
                .where("shop", "acme", "connections", Map.of("database", "shop"))
                .figure(null, 5.0, "")
                .times(
                        TimeUnit.MILLISECONDS.toMicros(sinceMillis),
                        TimeUnit.MILLISECONDS.toMicros(sinceMillis))
                .build();
    }
}
