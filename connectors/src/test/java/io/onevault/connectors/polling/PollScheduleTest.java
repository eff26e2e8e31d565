package io.onevault.connectors.polling;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PollScheduleTest {

    private final PollSchedule schedule = new PollSchedule(1_000, 300);

    @Test
    void slotsLieOnAGrid() {
        assertThat(schedule.after(10_000)).isEqualTo(10_300);
        assertThat(schedule.after(10_300)).isEqualTo(11_300);
        assertThat(schedule.after(10_299)).isEqualTo(10_300);
    }

    @Test
    void aRunThatEndsInTimeIsFollowedByTheNextSlot() {
        assertThat(schedule.next(10_300, 10_900)).isEqualTo(11_300);
        assertThat(schedule.next(10_300, 11_900)).isEqualTo(11_300);
    }

    @Test
    void slotsThatPassedWhileARunWasBusyAreSkippedNotStacked() {
        assertThat(schedule.next(10_300, 12_300)).isEqualTo(12_300);
        assertThat(schedule.next(10_300, 15_800)).isEqualTo(15_300);
    }

    @Test
    void aRestoredPollWaitsForItsSlotAndAnOverdueOneRunsSoon() {
        assertThat(schedule.first(10_800, 10_500, 5_000)).isEqualTo(11_300);
        assertThat(schedule.first(0, 10_500, 5_000)).isBetween(10_500L, 11_499L);
        assertThat(schedule.first(9_000, 10_500, 1)).isEqualTo(10_500);
    }

    @Test
    void phasesDependOnSeedTargetAndPollOnlyAndSpread() {
        assertThat(PollSchedule.of(1, "a", "activity", 10_000))
                .isEqualTo(PollSchedule.of(1, "a", "activity", 10_000));
        List<Long> phases =
                IntStream.range(0, 200)
                        .mapToObj(i -> PollSchedule.of(1, "t" + i, "activity", 10_000).phase())
                        .toList();
        for (int tenth = 0; tenth < 10; tenth++) {
            long from = tenth * 1_000L;
            assertThat(phases.stream().filter(p -> p >= from && p < from + 1_000).count())
                    .isBetween(5L, 45L);
        }
    }
}
