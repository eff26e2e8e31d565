package io.onevault.connectors.locks;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import org.junit.jupiter.api.Test;

class RecentProcessesTest {

    private static final long SECOND = 1_000_000;
    private static final long START = 1_700_000_000 * SECOND;

    private final RecentProcesses recent = new RecentProcesses();

    @Test
    void whoeverLeftIsAskedForForSomeTimeThoughManyLooksPass() {
        assertThat(recent.with(Set.of(1, 2), START)).containsExactlyInAnyOrder(1, 2);
        for (long after = 100_000; after <= 3 * SECOND; after += 100_000) {
            assertThat(recent.with(Set.of(2), START + after)).containsExactlyInAnyOrder(1, 2);
        }
        assertThat(recent.with(Set.of(2), START + 3 * SECOND + 100_000)).containsExactly(2);
    }

    @Test
    void whoeverLeftIsAskedForInSomeLooksThoughMuchTimePasses() {
        recent.with(Set.of(1), START);
        for (int look = 1; look <= 3; look++) {
            assertThat(recent.with(Set.of(), START + look * 3_600 * SECOND)).containsExactly(1);
        }
        assertThat(recent.with(Set.of(), START + 4 * 3_600 * SECOND)).isEmpty();
    }

    @Test
    void nobodyIsKeptForAnHourBecauseTheClockWasSetBack() {
        recent.with(Set.of(1), START);
        long earlier = START - 3_600 * SECOND;
        for (int look = 0; look < 3; look++) {
            assertThat(recent.with(Set.of(2), earlier + look)).containsExactlyInAnyOrder(1, 2);
        }
        assertThat(recent.with(Set.of(2), earlier + 3)).containsExactly(2);
    }

    @Test
    void whatIsReturnedIsTheCallers() {
        recent.with(Set.of(1), START).clear();
        assertThat(recent.with(Set.of(), START + 1)).containsExactly(1);
    }
}
