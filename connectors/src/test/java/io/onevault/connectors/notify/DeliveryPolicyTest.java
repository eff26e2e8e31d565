package io.onevault.connectors.notify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.onevault.connectors.notify.DeliveryPolicy.Admission;
import io.onevault.connectors.notify.DeliveryPolicy.Decision;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class DeliveryPolicyTest {

    private static final long SECOND = 1_000_000;
    private static final long NOW = 1_700_000_000 * SECOND;
    private static final DeliveryPolicy POLICY =
            new DeliveryPolicy(
                    6,
                    Duration.ofMinutes(10),
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(8),
                    3,
                    Duration.ofSeconds(30),
                    60);
    private static final Outcome TEMPORARY = new Outcome.TemporaryFailure("HTTP 500", null);
    private static final Outcome TAKEN = new Outcome.Delivered("", "");

    @Test
    void waitsDoubleToTheCapAndTheirUpperHalfIsRandom() {
        List<Long> least = new ArrayList<>();
        List<Long> most = new ArrayList<>();
        for (int attempt = 1; attempt <= 5; attempt++) {
            least.add(wait(attempt, TEMPORARY, 0));
            most.add(wait(attempt, TEMPORARY, 1));
        }

        assertThat(least).containsExactly(500_000L, SECOND, 2 * SECOND, 4 * SECOND, 4 * SECOND);
        assertThat(most).containsExactly(SECOND, 2 * SECOND, 4 * SECOND, 8 * SECOND, 8 * SECOND);
    }

    @Test
    void retryAfterIsObeyedWhenLonger() {
        Outcome asked = new Outcome.TemporaryFailure("HTTP 429", Duration.ofSeconds(20));

        assertThat(wait(1, asked, 0)).isEqualTo(20 * SECOND);
        assertThat(wait(1, asked, 1)).isEqualTo(21 * SECOND);
        assertThat(wait(5, new Outcome.TemporaryFailure("x", Duration.ZERO), 0))
                .isEqualTo(4 * SECOND);
    }

    @Test
    void attemptsAndAgeAreBounded() {
        assertThat(POLICY.next(6, NOW, NOW, TEMPORARY, 0))
                .isEqualTo(new Decision.GiveUp("gave up after 6 attempts; the last: HTTP 500"));
        Decision late = POLICY.next(1, NOW - 600 * SECOND, NOW, TEMPORARY, 0);
        assertThat(late).isInstanceOf(Decision.GiveUp.class);
        Outcome nextYear = new Outcome.TemporaryFailure("HTTP 503", Duration.ofDays(30));
        assertThat(POLICY.next(1, NOW, NOW, nextYear, 0)).isInstanceOf(Decision.GiveUp.class);
        assertThat(POLICY.isExpired(NOW, NOW + 600 * SECOND)).isFalse();
        assertThat(POLICY.isExpired(NOW, NOW + 601 * SECOND)).isTrue();
    }

    @Test
    void everySequenceOfFailuresEnds() {
        Random random = new Random(11);
        for (int run = 0; run < 500; run++) {
            long now = NOW;
            int attempts = 0;
            Decision decision;
            do {
                attempts++;
                Outcome outcome =
                        new Outcome.TemporaryFailure(
                                "x",
                                random.nextBoolean()
                                        ? Duration.ofSeconds(random.nextInt(300))
                                        : null);
                decision = POLICY.next(attempts, NOW, now, outcome, random.nextDouble());
                if (decision instanceof Decision.RetryAt retry) {
                    assertThat(retry.atMicros()).isGreaterThan(now);
                    now = retry.atMicros();
                }
            } while (decision instanceof Decision.RetryAt);
            assertThat(decision).isInstanceOf(Decision.GiveUp.class);
            assertThat(attempts).isLessThanOrEqualTo(POLICY.maxAttempts());
            assertThat(now - NOW).isLessThanOrEqualTo(600 * SECOND);
        }
    }

    @Test
    void whatIsTakenIsDoneAndWhatIsRefusedIsNotRepeated() {
        assertThat(POLICY.next(1, NOW, NOW, TAKEN, 0)).isEqualTo(new Decision.Done());
        assertThat(POLICY.next(1, NOW, NOW, new Outcome.PermanentFailure("HTTP 404"), 0))
                .isEqualTo(new Decision.GiveUp("HTTP 404"));
    }

    @Test
    void failuresInARowOpenTheCircuitAndOneProbeMayCloseIt() {
        ReceiverState state = ReceiverState.FRESH;
        for (int i = 0; i < 2; i++) {
            state = POLICY.after(go(state, NOW), TEMPORARY, NOW);
            assertThat(state.pausedUntilMicros()).isZero();
        }
        state = POLICY.after(go(state, NOW), TEMPORARY, NOW);

        assertThat(POLICY.admit(state, NOW)).isEqualTo(new Admission.Wait(NOW + 30 * SECOND));
        long later = NOW + 30 * SECOND;
        ReceiverState probing = go(state, later);
        assertThat(POLICY.admit(probing, later)).isInstanceOf(Admission.Wait.class);
        ReceiverState closed = POLICY.after(probing, TAKEN, later);
        assertThat(closed.failures()).isZero();
        go(closed, later);
    }

    @Test
    void aProbeWhoseOutcomeIsLostIsFollowedByAnother() {
        ReceiverState state = new ReceiverState(3, NOW, 10, NOW);
        ReceiverState probing = go(state, NOW);

        assertThat(probing.pausedUntilMicros()).isEqualTo(NOW + 30 * SECOND);
        go(probing, NOW + 30 * SECOND);
    }

    @Test
    void failedProbesComeEverMoreRarelyUpToABound() {
        DeliveryPolicy patient = DeliveryPolicy.DEFAULT;
        ReceiverState state = ReceiverState.FRESH;
        long now = NOW;
        List<Long> pauses = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            state = patient.after(go(patient, state, now), TEMPORARY, now);
            pauses.add(Math.max(0, state.pausedUntilMicros() - now) / SECOND);
            now = Math.max(now, state.pausedUntilMicros());
        }

        assertThat(pauses)
                .containsExactly(0L, 0L, 0L, 0L, 30L, 60L, 120L, 240L, 300L, 300L, 300L, 300L);
    }

    @Test
    void aRefusalShowsThatTheReceiverLives() {
        ReceiverState failing = new ReceiverState(2, 0, 5, NOW);

        assertThat(POLICY.after(failing, new Outcome.PermanentFailure("x"), NOW).failures())
                .isZero();
    }

    @Test
    void retryAfterHoldsForAllMessagesAndOutlivesAMessageThatWasTaken() {
        Outcome asked = new Outcome.TemporaryFailure("HTTP 429", Duration.ofSeconds(20));
        ReceiverState state = POLICY.after(go(ReceiverState.FRESH, NOW), asked, NOW);

        assertThat(POLICY.admit(state, NOW)).isEqualTo(new Admission.Wait(NOW + 20 * SECOND));
        ReceiverState after = POLICY.after(state, TAKEN, NOW);
        assertThat(POLICY.admit(after, NOW)).isEqualTo(new Admission.Wait(NOW + 20 * SECOND));
        go(after, NOW + 20 * SECOND);
    }

    @Test
    void noMoreThanTheRateAndABurstIsEverAdmitted() {
        ReceiverState state = ReceiverState.FRESH;
        long now = NOW;
        List<Long> sent = new ArrayList<>();
        while (now < NOW + 120 * SECOND) {
            Admission admission = POLICY.admit(state, now);
            if (admission instanceof Admission.Go go) {
                state = POLICY.after(go.state(), TAKEN, now);
                sent.add(now);
            } else {
                long until = ((Admission.Wait) admission).untilMicros();
                assertThat(until).isGreaterThan(now);
                now = until;
            }
        }

        assertThat(sent.stream().filter(at -> at == NOW)).hasSize(10);
        assertThat(sent).hasSizeBetween(128, 130);
    }

    @Test
    void aClockThatIsSetBackGrantsNothing() {
        ReceiverState spent = new ReceiverState(0, 0, 0, NOW);

        assertThat(POLICY.admit(spent, NOW - 3_600 * SECOND)).isInstanceOf(Admission.Wait.class);
    }

    @Test
    void aPolicyThatCannotWorkIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () ->
                                new DeliveryPolicy(
                                        0,
                                        Duration.ofHours(1),
                                        Duration.ofSeconds(1),
                                        Duration.ofSeconds(1),
                                        1,
                                        Duration.ofSeconds(1),
                                        1));
    }

    private static long wait(int attempts, Outcome outcome, double random) {
        Decision decision = POLICY.next(attempts, NOW, NOW, outcome, random);
        return ((Decision.RetryAt) decision).atMicros() - NOW;
    }

    private static ReceiverState go(ReceiverState state, long now) {
        return go(POLICY, state, now);
    }

    private static ReceiverState go(DeliveryPolicy policy, ReceiverState state, long now) {
        Admission admission = policy.admit(state, now);
        assertThat(admission).isInstanceOf(Admission.Go.class);
        return ((Admission.Go) admission).state();
    }
}
