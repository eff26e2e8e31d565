package io.onevault.connectors.notify;

import io.onevault.connectors.notify.Outcome.Delivered;
import io.onevault.connectors.notify.Outcome.PermanentFailure;
import io.onevault.connectors.notify.Outcome.TemporaryFailure;
import java.io.Serializable;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Decides when to send, when to try again and when to give up. Pure: time and chance are given. All
 * moments are microseconds since the epoch.
 *
 * <p>A notification's waits double from {@code backoffBase} to {@code backoffCap}, the upper half
 * of each is random, and a receiver's {@code Retry-After} is obeyed when it is longer. After {@code
 * circuitFailures} failures in a row nothing is sent to the receiver for {@code circuitPause}; then
 * one message tries, and the pause doubles, to {@code backoffCap} at most, each time it fails.
 *
 * @param maxAttempts at one notification
 * @param maxAge of a notification; an older one is not tried again
 * @param backoffBase wait after the first failure
 * @param backoffCap longest wait between attempts
 * @param circuitFailures in a row that open the circuit
 * @param circuitPause how long an opened circuit stays so at first
 * @param ratePerMinute messages to the receiver; a sixth of them may go at once
 */
public record DeliveryPolicy(
        int maxAttempts,
        Duration maxAge,
        Duration backoffBase,
        Duration backoffCap,
        int circuitFailures,
        Duration circuitPause,
        int ratePerMinute)
        implements Serializable {

    /** An hour of patience: twenty attempts, 1 s to 5 min apart. */
    public static final DeliveryPolicy DEFAULT =
            new DeliveryPolicy(
                    20,
                    Duration.ofHours(1),
                    Duration.ofSeconds(1),
                    Duration.ofMinutes(5),
                    5,
                    Duration.ofSeconds(30),
                    60);

    private static final int MOST_DOUBLINGS = 20;
    private static final double MICROS_PER_MINUTE = 60e6;
    private static final int BURSTS_PER_MINUTE = 6;

    /**
     * Checks the values.
     *
     * @throws IllegalArgumentException one sentence with the remedy
     */
    public DeliveryPolicy {
        if (maxAttempts < 1 || circuitFailures < 1 || ratePerMinute < 1) {
            throw new IllegalArgumentException(
                    "delivery: attempts, circuit failures and rate must each be at least 1");
        }
        if (!isPositive(maxAge) || !isPositive(backoffBase) || !isPositive(circuitPause)) {
            throw new IllegalArgumentException(
                    "delivery: maximal age, backoff and circuit pause must be positive");
        }
        if (backoffCap.compareTo(backoffBase) < 0) {
            throw new IllegalArgumentException(
                    "delivery: the longest backoff must not be shorter than the first");
        }
    }

    private static boolean isPositive(Duration duration) {
        return !duration.isNegative() && !duration.isZero();
    }

    /** Whether a receiver may be sent to now. */
    public sealed interface Admission {

        /**
         * Send.
         *
         * @param state to remember
         */
        record Go(ReceiverState state) implements Admission {}

        /**
         * Ask again then.
         *
         * @param untilMicros always later than now
         */
        record Wait(long untilMicros) implements Admission {}
    }

    /** What becomes of a notification after an attempt. */
    public sealed interface Decision {

        /** It has arrived. */
        record Done() implements Decision {}

        /**
         * Try again.
         *
         * @param atMicros not before
         */
        record RetryAt(long atMicros) implements Decision {}

        /**
         * It has failed for good.
         *
         * @param reason for people
         */
        record GiveUp(String reason) implements Decision {}
    }

    /** Whether {@code state} lets one message through at {@code nowMicros}. */
    public Admission admit(ReceiverState state, long nowMicros) {
        if (nowMicros < state.pausedUntilMicros()) {
            return new Admission.Wait(state.pausedUntilMicros());
        }
        double allowance = allowance(state, nowMicros);
        if (allowance < 1) {
            double wait = (1 - allowance) * MICROS_PER_MINUTE / ratePerMinute;
            return new Admission.Wait(nowMicros + (long) Math.ceil(wait) + 1);
        }
        // While the circuit is open one message probes; the others wait for what it finds, or for
        // another pause when its outcome is lost with the process.
        boolean open = state.failures() >= circuitFailures;
        return new Admission.Go(
                new ReceiverState(
                        state.failures(),
                        open ? nowMicros + micros(pause(state.failures())) : 0,
                        allowance - 1,
                        Math.max(nowMicros, state.countedMicros())));
    }

    private double allowance(ReceiverState state, long nowMicros) {
        double burst = Math.max(1, ratePerMinute / (double) BURSTS_PER_MINUTE);
        if (state.countedMicros() < 0) {
            return burst;
        }
        double elapsed = Math.max(0, nowMicros - state.countedMicros());
        return Math.min(burst, state.allowance() + elapsed * ratePerMinute / MICROS_PER_MINUTE);
    }

    /** What an attempt's outcome says about its receiver. */
    public ReceiverState after(ReceiverState state, Outcome outcome, long nowMicros) {
        if (!(outcome instanceof TemporaryFailure failure)) {
            // It has answered. A pause without an open circuit is the receiver's own wish.
            boolean open = state.failures() >= circuitFailures;
            return new ReceiverState(
                    0,
                    open ? 0 : state.pausedUntilMicros(),
                    state.allowance(),
                    state.countedMicros());
        }
        int failures = Math.min(state.failures(), Integer.MAX_VALUE - 1) + 1;
        long until = state.pausedUntilMicros();
        if (failures >= circuitFailures) {
            until = Math.max(until, nowMicros + micros(pause(failures)));
        }
        Duration wish = failure.retryAfter();
        if (wish != null) {
            until = Math.max(until, nowMicros + micros(wish));
        }
        return new ReceiverState(failures, until, state.allowance(), state.countedMicros());
    }

    private Duration pause(int failures) {
        Duration longest = backoffCap.compareTo(circuitPause) > 0 ? backoffCap : circuitPause;
        return doubled(circuitPause, failures - circuitFailures, longest);
    }

    /**
     * What becomes of a notification.
     *
     * @param attempts made at it, this one included
     * @param createdMicros when it was first to be sent
     * @param random from 0 to 1
     */
    public Decision next(
            int attempts, long createdMicros, long nowMicros, Outcome outcome, double random) {
        if (outcome instanceof Delivered) {
            return new Decision.Done();
        }
        if (outcome instanceof PermanentFailure failure) {
            return new Decision.GiveUp(failure.reason());
        }
        TemporaryFailure failure = (TemporaryFailure) outcome;
        if (attempts >= maxAttempts) {
            return new Decision.GiveUp(
                    "gave up after %d attempts; the last: %s"
                            .formatted(attempts, failure.reason()));
        }
        long backoff = micros(doubled(backoffBase, attempts - 1, backoffCap));
        long wait = backoff / 2 + (long) (backoff / 2 * random);
        Duration wish = failure.retryAfter();
        if (wish != null) {
            // A little later than asked for: everybody was asked the same.
            long spread = (long) (micros(backoffBase) * random);
            wait = Math.max(wait, micros(wish) + spread);
        }
        long at = nowMicros + wait;
        if (isExpired(createdMicros, at)) {
            return new Decision.GiveUp(
                    "the next attempt would come after %s; the last: %s"
                            .formatted(maxAge, failure.reason()));
        }
        return new Decision.RetryAt(at);
    }

    /** Whether a notification is too old at {@code atMicros} to be sent. */
    public boolean isExpired(long createdMicros, long atMicros) {
        return atMicros - createdMicros > micros(maxAge);
    }

    private static Duration doubled(Duration base, int times, Duration cap) {
        Duration doubled = base.multipliedBy(1L << Math.min(Math.max(times, 0), MOST_DOUBLINGS));
        return doubled.compareTo(cap) > 0 ? cap : doubled;
    }

    private static long micros(Duration duration) {
        return TimeUnit.NANOSECONDS.toMicros(duration.toNanos());
    }
}
