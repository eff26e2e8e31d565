package io.onevault.jobs.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.PriorityQueue;
import org.junit.jupiter.api.Test;

class PaceTest {

    private static final long NOW = 1_700_000_000_000L;

    private final Pace pace = new Pace();

    @Test
    void aStretchOfWorkIsFollowedByAPause() {
        assertThat(pace.free(NOW)).isTrue();
        pace.worked(NOW, NOW + 120);
        assertThat(pace.free(NOW + 120)).isTrue();
        pace.worked(NOW + 120, NOW + 220);
        assertThat(pace.free(NOW + 220)).isFalse();
        assertThat(pace.free(NOW + 225)).isFalse();
        assertThat(pace.free(NOW + 226)).isTrue();
    }

    @Test
    void workThatTakesNoTimeCountsAllTheSame() {
        int done = 0;
        while (pace.free(NOW)) {
            pace.worked(NOW, NOW);
            done++;
        }
        assertThat(done).isEqualTo(Pace.STRETCH);
    }

    @Test
    void clockThatWasSetBackDelaysNothingForLong() {
        pace.worked(NOW, NOW + 300);
        assertThat(pace.free(NOW + 300)).isFalse();
        assertThat(pace.later(NOW + 300)).isGreaterThan(NOW);
        long earlier = NOW - 3_600_000;
        assertThat(pace.free(earlier)).isTrue();
        pace.worked(earlier, earlier + 300);
        assertThat(pace.free(earlier + 300)).isFalse();
        assertThat(pace.later(earlier + 300)).isBetween(earlier, earlier + 3 * Pace.BEAT);
        assertThat(pace.free(earlier + 300 + Pace.BEAT)).isTrue();
    }

    @Test
    void muchWorkIsDoneWithoutEverKeepingOthersForLong() {
        int pieces = 5_000;
        int cost = 3;
        PriorityQueue<Long> timers = new PriorityQueue<>();
        long clock = NOW;
        int done = 0;
        int tried = 0;
        int waking = 0;
        for (int i = 0; i < pieces; i++) {
            if (pace.free(clock)) {
                pace.worked(clock, clock + cost);
                clock += cost;
                done++;
            } else {
                timers.add(pace.later(clock));
            }
        }
        assertThat(done * cost).isLessThan(Pace.STRETCH + cost);
        long stretch = 0;
        long longest = 0;
        while (!timers.isEmpty()) {
            long due = timers.remove();
            if (due > clock) {
                clock = due;
                stretch = 0;
                waking++;
            }
            tried++;
            if (pace.free(clock)) {
                pace.worked(clock, clock + cost);
                clock += cost;
                stretch += cost;
                longest = Math.max(longest, stretch);
                done++;
            } else {
                timers.add(pace.later(clock));
            }
        }
        assertThat(done).isEqualTo(pieces);
        assertThat(longest).isLessThanOrEqualTo(2 * Pace.STRETCH);
        assertThat(clock - NOW).isLessThan((long) (1.5 * pieces * cost));
        assertThat(tried).isLessThan(2 * pieces);
        assertThat(waking).isLessThan(2 * pieces * cost / Pace.STRETCH);
    }
}
