package io.onevault.jobs.locks.resolution;

import static io.onevault.jobs.locks.impact.Incidents.NOON;
import static io.onevault.jobs.locks.impact.Incidents.SECOND;
import static io.onevault.jobs.locks.impact.Incidents.incident;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.onevault.connectors.locks.SignalRequest;
import io.onevault.connectors.locks.SignalRequest.Signal;
import io.onevault.connectors.locks.SignalResult;
import io.onevault.connectors.locks.SignalResult.Outcome;
import io.onevault.jobs.locks.impact.Incidents;
import io.onevault.jobs.locks.incident.BlockingIncident;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LockDecisionsTest {

    /** A sender travels with its function; what it was asked stays here. */
    private static final ConcurrentMap<String, Queue<SignalRequest>> ASKED =
            new ConcurrentHashMap<>();

    private final String test = UUID.randomUUID().toString();
    private long clock = 1_000;

    @AfterEach
    void forget() {
        ASKED.remove(test);
    }

    @Test
    void nothingIsSentBeforeACheckpointHoldsTheDecision() throws Exception {
        try (var harness = harness(Settings.enabled(), Outcome.SENT)) {
            see(harness, incident(i -> i));
            see(harness, incident(i -> i.at(NOON + SECOND)));
            tick(harness, 2_000);
            assertThat(asked()).isEmpty();

            harness.snapshot(1, clock);
            see(harness, incident(i -> i.key("b").root(9, 1, 1).at(NOON + SECOND)));
            harness.notifyOfCompletedCheckpoint(1);
            awaitOutput(harness, 1);

            assertThat(asked()).singleElement().satisfies(r -> assertThat(r.pid()).isEqualTo(7));
            assertThat(harness.extractOutputValues())
                    .singleElement()
                    .satisfies(
                            done -> {
                                assertThat(done.decision()).isEqualTo("CANCEL");
                                assertThat(done.outcome()).isEqualTo("SENT");
                                assertThat(done.executedAtMicros()).isEqualTo(NOON + SECOND);
                                assertThat(done.decidedAtMicros()).isEqualTo(NOON);
                                assertThat(done.dryRun()).isFalse();
                                assertThat(done.safetyRules().values()).containsOnly("passed");
                            });
        }
    }

    @Test
    void afterARestartNothingIsSentAgainAndTheRecordSaysSo() throws Exception {
        OperatorSubtaskState state;
        try (var harness = harness(Settings.enabled(), Outcome.SENT)) {
            see(harness, incident(i -> i));
            state = harness.snapshot(1, clock);
            harness.notifyOfCompletedCheckpoint(1);
            await(() -> asked().size() == 1);
        }
        try (var restored = unopened(Settings.enabled(), Outcome.SENT)) {
            restored.initializeState(state);
            restored.open();
            restored.setProcessingTime(clock);
            see(restored, incident(i -> i.at(NOON + SECOND)));
            restored.snapshot(2, clock);
            restored.notifyOfCompletedCheckpoint(2);
            awaitOutput(restored, 1);

            assertThat(asked()).hasSize(1);
            assertThat(restored.extractOutputValues())
                    .singleElement()
                    .satisfies(
                            done -> {
                                assertThat(done.outcome()).isEqualTo("FAILED");
                                assertThat(done.reason()).contains("not sent again");
                                assertThat(done.executedAtMicros()).isZero();
                            });
        }
    }

    @Test
    void decisionThatNoCheckpointHeldIsMadeAnewAndSentOnce() throws Exception {
        OperatorSubtaskState before;
        try (var harness = harness(Settings.enabled(), Outcome.SENT)) {
            before = harness.snapshot(1, clock);
            see(harness, incident(i -> i));
            harness.notifyOfCompletedCheckpoint(1);
            tick(harness, 1_000);
            assertThat(asked()).isEmpty();
        }
        try (var restored = unopened(Settings.enabled(), Outcome.SENT)) {
            restored.initializeState(before);
            restored.open();
            restored.setProcessingTime(clock);
            see(restored, incident(i -> i.at(NOON + SECOND)));
            restored.snapshot(2, clock);
            restored.notifyOfCompletedCheckpoint(2);
            awaitOutput(restored, 1);
            assertThat(asked()).hasSize(1);
        }
    }

    @Test
    void cancelThenTerminateIsOneRecordEach() throws Exception {
        try (var harness = harness(Settings.enabled(), Outcome.SENT)) {
            for (int second = 0; second <= 100; second++) {
                long at = NOON + second * SECOND;
                see(harness, incident(i -> i.at(at)));
                checkpoint(harness, second + 1);
            }
            assertThat(harness.extractOutputValues())
                    .extracting(LockResolution::decision)
                    .containsExactly("CANCEL", "TERMINATE", "ADVISE");
            assertThat(asked())
                    .extracting(SignalRequest::signal)
                    .containsExactly(Signal.CANCEL, Signal.TERMINATE);
            assertThat(asked())
                    .allSatisfy(
                            request ->
                                    assertThat(request.victims())
                                            .singleElement()
                                            .satisfies(v -> assertThat(v.pid()).isEqualTo(8)));
        }
    }

    @Test
    void dryRunChecksAndRecordsOnce() throws Exception {
        ResolutionSettings dry =
                Settings.with(true, Duration.ofSeconds(30), Duration.ofSeconds(30), null);
        try (var harness = harness(dry, Outcome.ALLOWED)) {
            for (int second = 0; second <= 100; second++) {
                long at = NOON + second * SECOND;
                see(harness, incident(i -> i.at(at)));
                checkpoint(harness, second + 1);
            }
            assertThat(asked()).extracting(SignalRequest::signal).containsExactly(Signal.NONE);
            assertThat(harness.extractOutputValues())
                    .singleElement()
                    .satisfies(
                            done -> {
                                assertThat(done.decision()).isEqualTo("CANCEL");
                                assertThat(done.dryRun()).isTrue();
                                assertThat(done.outcome()).isEmpty();
                                assertThat(done.executedAtMicros()).isZero();
                            });
        }
    }

    @Test
    void rateLimitHoldsForTheTargetAndItsRefusalIsOneRecordAnIncident() throws Exception {
        try (var harness = harness(Settings.enabled(), Outcome.SENT)) {
            for (int n = 0; n < 5; n++) {
                int pid = 100 + n;
                for (int sample = 0; sample < 5; sample++) {
                    long at = NOON + (n * 5 + sample) * SECOND;
                    see(harness, incident(i -> i.key("i" + pid).root(pid, 1, 1).at(at)));
                    checkpoint(harness, n * 5 + sample + 1);
                }
            }
            assertThat(asked()).hasSize(3);
            assertThat(harness.extractOutputValues())
                    .extracting(LockResolution::decision)
                    .containsExactly("CANCEL", "CANCEL", "CANCEL", "REFUSE", "REFUSE");
            // Another target has a limit of its own, and this one again when the window is over.
            see(harness, incident(i -> i.target("other").key("x").at(NOON + 30 * SECOND)));
            checkpoint(harness, 50);
            assertThat(asked()).hasSize(4);
            see(harness, incident(i -> i.key("i104").root(104, 1, 1).at(NOON + 620 * SECOND)));
            checkpoint(harness, 51);
            assertThat(asked()).hasSize(5);
        }
    }

    @Test
    void refusalIsRecordedOncePerIncidentRootAndVerdict() throws Exception {
        try (var harness = harness(Settings.enabled(), Outcome.SENT)) {
            for (int sample = 0; sample < 10; sample++) {
                long at = NOON + sample * SECOND;
                see(harness, incident(i -> i.superuser().at(at)));
            }
            assertThat(harness.extractOutputValues()).hasSize(1);
            see(harness, incident(i -> i.superuser().application("psql").at(NOON + 20 * SECOND)));
            assertThat(harness.extractOutputValues()).hasSize(2);
            see(harness, incident(i -> i.superuser().root(9, 1, 1).at(NOON + 21 * SECOND)));
            assertThat(harness.extractOutputValues()).hasSize(3);
            assertThat(harness.extractOutputValues())
                    .extracting(LockResolution::key)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void senderThatBreaksLeavesARecordAndNoOpenOrder() throws Exception {
        SignalSender broken =
                (target, request) -> {
                    throw new IllegalArgumentException("no target " + target);
                };
        try (var harness = unopened(Settings.enabled(), broken)) {
            harness.open();
            harness.setProcessingTime(clock);
            see(harness, incident(i -> i));
            checkpoint(harness, 1);
            assertThat(harness.extractOutputValues())
                    .singleElement()
                    .satisfies(
                            done -> {
                                assertThat(done.outcome()).isEqualTo("FAILED");
                                assertThat(done.reason()).contains("no target shop");
                            });
        }
    }

    @Test
    void sessionThatIsTheRootOfTwoIncidentsIsSignalledOnce() throws Exception {
        try (var harness = harness(Settings.enabled(), Outcome.SENT)) {
            see(harness, incident(i -> i));
            see(harness, incident(i -> i.key("second")));
            checkpoint(harness, 1);
            see(harness, incident(i -> i.key("third")));
            checkpoint(harness, 2);
            assertThat(asked()).hasSize(1);
            assertThat(harness.extractOutputValues())
                    .extracting(LockResolution::incident, LockResolution::decision)
                    .containsExactlyInAnyOrder(
                            tuple(incident(i -> i).key(), "CANCEL"), tuple("second", "ADVISE"));
            // The grace of that signal is over, and it is still there.
            tick(harness, 10_000);
            see(harness, incident(i -> i.at(NOON + 10 * SECOND)));
            tick(harness, 25_000);
            checkpoint(harness, 3);
            assertThat(asked())
                    .extracting(SignalRequest::signal)
                    .containsExactly(Signal.CANCEL, Signal.TERMINATE);
        }
    }

    @Test
    void incidentsOfOneSessionHaveDecisionsOfTheirOwn() throws Exception {
        try (var harness = harness(Settings.enabled(), Outcome.SENT)) {
            see(harness, incident(Incidents::superuser));
            see(harness, incident(i -> i.key("second").superuser()));
            assertThat(harness.extractOutputValues())
                    .hasSize(2)
                    .extracting(LockResolution::key)
                    .doesNotHaveDuplicates();
        }
    }

    @Test
    void whatWasTooEarlyIsDecidedByATimer() throws Exception {
        try (var harness = harness(Settings.enabled(), Outcome.SENT)) {
            see(harness, incident(i -> i.rootSince(NOON - 10 * SECOND)));
            tick(harness, 19_999);
            checkpoint(harness, 1);
            assertThat(asked()).isEmpty();
            tick(harness, 1_000);
            checkpoint(harness, 2);
            assertThat(asked())
                    .singleElement()
                    .satisfies(
                            r ->
                                    assertThat(r.notAfterMicros())
                                            .isBetween(NOON + 50 * SECOND, NOON + 52 * SECOND));
            // And so is what follows from it.
            see(harness, incident(i -> i.rootSince(NOON - 10 * SECOND).at(NOON + 30 * SECOND)));
            tick(harness, 25_000);
            checkpoint(harness, 3);
            assertThat(asked())
                    .extracting(SignalRequest::signal)
                    .containsExactly(Signal.CANCEL, Signal.TERMINATE);
        }
    }

    @Test
    void whatFailedOrWasOneTooManyIsTriedAgainByATimer() throws Exception {
        try (var harness = harness(Settings.enabled(), Outcome.FAILED)) {
            see(harness, incident(i -> i));
            for (int minute = 0; minute < 5; minute++) {
                checkpoint(harness, minute + 1);
                tick(harness, 40_000);
                long at = NOON + (minute * 60L + 40) * SECOND;
                see(harness, incident(i -> i.at(at)));
                tick(harness, 20_000);
            }
            assertThat(asked()).hasSize(3);
            assertThat(harness.extractOutputValues())
                    .extracting(LockResolution::decision)
                    .containsExactly("CANCEL", "CANCEL", "CANCEL", "ADVISE");
            see(harness, incident(i -> i.key("late").root(9, 1, 1).at(NOON + 300 * SECOND)));
            assertThat(last(harness).decision()).isEqualTo("REFUSE");
            assertThat(last(harness).reason()).contains("rate limit");
            for (int step = 1; step < 20 && asked().size() < 4; step++) {
                checkpoint(harness, step + 10);
                tick(harness, 30_000);
                long at = NOON + (300 + step * 30L) * SECOND;
                see(harness, incident(i -> i.key("late").root(9, 1, 1).at(at)));
            }
            assertThat(asked().get(3).pid()).isEqualTo(9);
        }
    }

    /** A batch of short statements is another at each look, and idles in the end. */
    @Test
    void whatPassesIsTriedAgainWithoutFillingTheAuditOrTheRateLimit() throws Exception {
        String id = test;
        SignalSender server =
                (target, request) -> {
                    Queue<SignalRequest> all =
                            ASKED.computeIfAbsent(id, key -> new ConcurrentLinkedQueue<>());
                    all.add(request);
                    long at = request.notAfterMicros() - 29 * SECOND;
                    return all.size() < 10
                            ? new SignalResult(
                                    all.size() % 2 == 0 ? Outcome.GONE : Outcome.PROTECTED,
                                    all.size() % 2 == 0 ? "state" : "reader",
                                    "Told by a test.",
                                    at)
                            : new SignalResult(Outcome.SENT, "", "Told by a test.", at);
                };
        try (var harness = unopened(Settings.enabled(), server)) {
            harness.open();
            harness.setProcessingTime(clock);
            for (int step = 0; step < 40 && asked().size() < 10; step++) {
                long at = NOON + step * 10 * SECOND;
                see(harness, incident(i -> i.at(at)));
                checkpoint(harness, step + 1);
                tick(harness, 9_000);
            }
            assertThat(harness.extractOutputValues())
                    .extracting(LockResolution::outcome)
                    .containsExactly("PROTECTED", "GONE", "SENT");
            List<SignalRequest> asked = asked();
            for (int i = 1; i < asked.size(); i++) {
                assertThat(asked.get(i).notAfterMicros() - asked.get(i - 1).notAfterMicros())
                        .isGreaterThanOrEqualTo(30 * SECOND);
            }
        }
    }

    /** Who holds a lock beyond its transactions begins one after another. */
    @Test
    void rootsThatAlwaysBeginAnewAreToldOfOnceAndNotEnded() throws Exception {
        try (var harness = harness(Settings.enabled(), Outcome.SENT)) {
            for (int step = 0; step < 30; step++) {
                long passed = step * 10 * SECOND;
                UnaryOperator<Incidents> now =
                        i -> i.waited(20 * SECOND + passed).at(NOON + passed);
                int other = 100 + step;
                see(
                        harness,
                        incident(
                                i ->
                                        now.apply(i)
                                                .root(7, 1, NOON + passed)
                                                .rootSince(NOON + passed)));
                see(
                        harness,
                        incident(
                                i ->
                                        now.apply(i)
                                                .key("refused")
                                                .root(9, 1, NOON + passed)
                                                .rootSince(NOON + passed)
                                                .superuser()));
                see(
                        harness,
                        incident(
                                i ->
                                        now.apply(i)
                                                .key("others")
                                                .root(other, 1, NOON + passed)
                                                .rootSince(NOON + passed)));
                checkpoint(harness, step + 1);
                tick(harness, 9_000);
            }
            assertThat(asked()).isEmpty();
            assertThat(harness.extractOutputValues())
                    .extracting(LockResolution::incident, LockResolution::decision)
                    .containsExactly(
                            tuple("refused", "REFUSE"),
                            tuple(incident(i -> i).key(), "ADVISE"),
                            tuple("others", "ADVISE"));
        }
    }

    /** While nobody looks, and after a restart, timers know nothing new. */
    @Test
    void nothingIsDecidedOnWhatWasToldLongAgo() throws Exception {
        OperatorSubtaskState state;
        try (var harness = harness(Settings.enabled(), Outcome.SENT)) {
            see(harness, incident(i -> i.rootSince(NOON - 10 * SECOND)));
            see(harness, incident(i -> i.key("b").superuser().waited(10 * SECOND)));
            state = harness.snapshot(1, clock);
        }
        clock += 3_600_000;
        try (var restored = unopened(Settings.enabled(), Outcome.SENT)) {
            restored.initializeState(state);
            restored.open();
            restored.setProcessingTime(clock);
            tick(restored, 1_000);
            checkpoint(restored, 2);
            assertThat(asked()).isEmpty();
            assertThat(restored.extractOutputValues()).isEmpty();
            see(restored, incident(i -> i.waited(3_640 * SECOND).at(NOON + 3_600 * SECOND)));
            checkpoint(restored, 3);
            assertThat(asked()).hasSize(1);
        }
    }

    @Test
    void incidentThatClosesUndecidedLeavesNothing() throws Exception {
        try (var harness = harness(Settings.enabled(), Outcome.SENT)) {
            see(harness, incident(i -> i.rootSince(NOON - SECOND)));
            see(harness, incident(i -> i.key("refused").root(9, 1, 1).superuser()));
            assertThat(harness.numKeyedStateEntries()).isPositive();
            see(harness, incident(i -> i.key("refused").root(9, 1, 1).superuser().closed()));
            see(harness, incident(Incidents::closed));
            assertThat(harness.numKeyedStateEntries()).isZero();
            tick(harness, 60_000);
            checkpoint(harness, 1);
            assertThat(asked()).isEmpty();
            tick(harness, LockDecisions.EXPIRY.plusMinutes(2).toMillis());
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void closedWhileItsSignalIsOnTheWayItLeavesOnlyTheRateLimitAndNotForLong() throws Exception {
        ResolutionSettings settings = Settings.enabled();
        try (var harness = harness(settings, Outcome.SENT)) {
            see(harness, incident(i -> i));
            see(harness, incident(Incidents::closed));
            checkpoint(harness, 1);
            assertThat(last(harness).outcome()).isEqualTo("SENT");
            assertThat(harness.numKeyedStateEntries()).isPositive();
            tick(harness, settings.actionsWindow().toMillis());
            assertThat(harness.numKeyedStateEntries()).isZero();
        }
    }

    private static LockResolution last(
            KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LockResolution>
                    harness) {
        List<LockResolution> all = harness.extractOutputValues();
        return all.get(all.size() - 1);
    }

    @Test
    void noStateIsLeft() throws Exception {
        try (var harness = harness(Settings.enabled(), Outcome.SENT)) {
            see(harness, incident(i -> i));
            checkpoint(harness, 1);
            see(harness, incident(Incidents::closed));
            see(harness, incident(i -> i.key("never closed").root(9, 1, 1).superuser()));
            assertThat(harness.numKeyedStateEntries()).isPositive();
            tick(harness, LockDecisions.EXPIRY.plusMinutes(2).toMillis());
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {LockResolution.class, WatchedIncident.class, SignalOrder.class})
    void travelsAndIsKeptWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    private List<SignalRequest> asked() {
        return List.copyOf(ASKED.getOrDefault(test, new ConcurrentLinkedQueue<>()));
    }

    private void checkpoint(
            KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LockResolution>
                    harness,
            long id)
            throws Exception {
        harness.snapshot(id, clock);
        harness.notifyOfCompletedCheckpoint(id);
        // Whoever was asked answers at once; until the record is out, nothing else is decided.
        await(
                () -> {
                    tick(harness, 250);
                    return decisions(harness).signalsUnderWay() == 0;
                });
    }

    private static LockDecisions decisions(
            KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LockResolution>
                    harness) {
        return (LockDecisions)
                ((KeyedProcessOperator<?, ?, ?>) harness.getOperator()).getUserFunction();
    }

    private void see(
            KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LockResolution>
                    harness,
            BlockingIncident incident)
            throws Exception {
        harness.processElement(incident, incident.observedAtMicros() / 1_000);
    }

    private void tick(
            KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LockResolution>
                    harness,
            long millis)
            throws Exception {
        clock += millis;
        harness.setProcessingTime(clock);
    }

    private void awaitOutput(
            KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LockResolution>
                    harness,
            int size)
            throws Exception {
        await(
                () -> {
                    tick(harness, 250);
                    return harness.extractOutputValues().size() >= size;
                });
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition) throws Exception {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.holds()) {
            assertThat(System.nanoTime()).isLessThan(deadline);
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(5));
        }
    }

    private KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LockResolution>
            harness(ResolutionSettings settings, Outcome outcome) throws Exception {
        var harness = unopened(settings, outcome);
        harness.open();
        harness.setProcessingTime(clock);
        return harness;
    }

    private KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LockResolution>
            unopened(ResolutionSettings settings, Outcome outcome) throws Exception {
        String id = test;
        SignalSender sender =
                (target, request) -> {
                    ASKED.computeIfAbsent(id, key -> new ConcurrentLinkedQueue<>()).add(request);
                    long at = request.notAfterMicros() - 29 * SECOND;
                    return new SignalResult(outcome, "", "Told by a test.", at);
                };
        return unopened(settings, sender);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LockResolution>
            unopened(ResolutionSettings settings, SignalSender sender) throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new LockDecisions(settings, sender)),
                BlockingIncident::target,
                Types.STRING);
    }
}
