package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class TargetStateTest {

    private static final PollFailure FAILURE =
            new PollFailure("UNREACHABLE", "gone", PollFailure.Scope.TARGET);

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.EPOCH);

    @Test
    void waitsDoubleToTheCapWithHalfOfThemRandomAndEndWithAnAnswer() {
        TargetState state = state(1);
        long longest = 1_000;
        for (int attempt = 0; attempt < 10; attempt++) {
            state.failed(FAILURE);
            long waited = untilAllowed(state);
            assertThat(waited).isBetween(longest / 2, longest + 10);
            longest = Math.min(30_000, longest * 2);
        }
        state.failed(FAILURE);
        state.answered();
        assertThat(state.refusal()).isNull();
        assertThat(state.isDown()).isFalse();
    }

    @Test
    void twoTargetsDoNotComeBackInStep() {
        List<Long> one = new ArrayList<>();
        List<Long> other = new ArrayList<>();
        TargetState a = state(1);
        TargetState b = state(2);
        for (int attempt = 0; attempt < 8; attempt++) {
            a.failed(FAILURE);
            one.add(untilAllowed(a));
            b.failed(FAILURE);
            other.add(untilAllowed(b));
        }
        assertThat(one).isNotEqualTo(other);
    }

    @Test
    void aRestartIsAnotherStartThanTheLastOneAlsoAcrossJobs() {
        TargetState state = state(1);
        assertThat(state.serverStarted(100_000)).isFalse();
        assertThat(state.serverStarted(100_400)).isFalse();
        assertThat(state.serverStarted(200_000)).isTrue();
        TargetState later = state(1);
        later.restore(new PollSplit.Progress(1, 70, 200_000, 1));
        assertThat(later.clockSkew()).isEqualTo(70);
        assertThat(later.serverStarted(300_000)).isTrue();
    }

    private long untilAllowed(TargetState state) {
        Instant start = now.get();
        while (state.refusal() != null) {
            now.updateAndGet(time -> time.plusMillis(10));
        }
        return Duration.between(start, now.get()).toMillis();
    }

    private TargetState state(long seed) {
        Clock clock =
                new Clock() {
                    @Override
                    public java.time.ZoneId getZone() {
                        return ZoneOffset.UTC;
                    }

                    @Override
                    public Clock withZone(java.time.ZoneId zone) {
                        return this;
                    }

                    @Override
                    public Instant instant() {
                        return now.get();
                    }
                };
        return new TargetState(
                clock, new Random(seed), Duration.ofSeconds(1), Duration.ofSeconds(30));
    }
}
