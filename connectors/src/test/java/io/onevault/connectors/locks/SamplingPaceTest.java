package io.onevault.connectors.locks;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.locks.LockProbe.LockTable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SamplingPaceTest {

    private static final long MILLI = 1_000_000;

    /** Nanoseconds may begin anywhere, also shortly before they overflow. */
    private long now = Long.MAX_VALUE - 500 * MILLI;

    private final SamplingPace pace = new SamplingPace(LockSamplerOptions.DEFAULT, now);

    @Test
    void probesAtItsIntervalAndTakesNoSnapshotWhileAllIsQuiet() {
        for (int i = 0; i < 50; i++) {
            long started = next();
            assertThat(pace.snapshotNext()).isFalse();
            probe(started, 1, 0, 0);
            assertThat(pace.due() - started).isEqualTo(100 * MILLI);
        }
    }

    @Test
    void takesASnapshotAtOnceWhenSomebodyWaitsAndOneWhenNobodyDoesAnyMore() {
        probe(next(), 1, 3, 0);
        assertThat(pace.snapshotNext()).isTrue();
        assertThat(next()).isEqualTo(now);
        snapshot(now, 5, true);
        assertThat(pace.snapshotNext()).isTrue();
        snapshot(next(), 5, false);
        assertThat(pace.snapshotNext()).isFalse();
        probe(next(), 1, 0, 0);
        assertThat(pace.snapshotNext()).isFalse();
    }

    @Test
    void snapshotsTakeNoMoreThanTheirShareOfTheTime() {
        probe(next(), 1, 1, 0);
        assertThat(distanceAfter(10)).isEqualTo(100);
        assertThat(distanceAfter(40)).isEqualTo(160);
        assertThat(distanceAfter(200)).isEqualTo(800);
    }

    @Test
    void snapshotsDoNotFallBelowOneASecondUnlessTheyTakeLongerThanHalfOfIt() {
        probe(next(), 1, 1, 0);
        assertThat(distanceAfter(250)).isEqualTo(1000);
        assertThat(distanceAfter(400)).isEqualTo(1000);
        assertThat(distanceAfter(500)).isEqualTo(1000);
        assertThat(distanceAfter(900)).isEqualTo(1800);
    }

    @Test
    void aWaitThatComesAndGoesCannotCauseMoreSnapshotsThanTheirShare() {
        long begun = now;
        long spent = 0;
        Random random = new Random(7);
        while (now - begun < Duration.ofMinutes(2).toNanos()) {
            if (pace.snapshotNext()) {
                long took = 10 + random.nextInt(200);
                spent += took;
                snapshot(next(), took, random.nextInt(3) > 0);
            } else {
                probe(next(), 1 + random.nextInt(3), random.nextInt(3), 0);
            }
        }
        assertThat(spent * MILLI).isLessThan((now - begun) / 100 * 26);
    }

    @Test
    void briefWaitsAreShownAtOnceAndFromThenOnRarely() {
        probeOfBriefWaits(next(), 4);
        assertThat(pace.snapshotNext()).isTrue();
        assertThat(pace.due() - now).isNotPositive();
        long first = next();
        snapshotOfBriefWaits(first, 5);
        for (int i = 1; i < 5; i++) {
            assertThat(pace.snapshotNext()).isFalse();
            assertThat(next() - first).isEqualTo(i * 100 * MILLI);
            probeOfBriefWaits(now, 4);
        }
        assertThat(pace.snapshotNext()).isTrue();
        assertThat(next() - first).isEqualTo(500 * MILLI);
    }

    @Test
    void aWaitThatLastsIsShownAtOnceAlsoAmongBriefOnes() {
        probeOfBriefWaits(next(), 4);
        snapshotOfBriefWaits(next(), 5);
        probeOfBriefWaits(next(), 4);
        assertThat(pace.snapshotNext()).isFalse();
        probe(next(), 1, 1, 0);
        assertThat(pace.snapshotNext()).isTrue();
        assertThat(pace.due() - now).isNotPositive();
        snapshot(next(), 5, true);
        assertThat(pace.snapshotNext()).isTrue();
    }

    @Test
    void theEndOfBriefWaitsIsOwed() {
        probeOfBriefWaits(next(), 1);
        assertThat(pace.owesSnapshot()).isFalse();
        snapshotOfBriefWaits(next(), 5);
        probe(next(), 1, 0, 0);
        assertThat(pace.owesSnapshot()).isTrue();
        while (!pace.snapshotNext()) {
            probe(next(), 1, 0, 0);
        }
        snapshot(next(), 5, false);
        assertThat(pace.owesSnapshot()).isFalse();
        probe(next(), 1, 0, 0);
        assertThat(pace.snapshotNext()).isFalse();
    }

    @Test
    void aSlowProbeIsFollowedByAPauseAsLong() {
        long started = next();
        probe(started, 400, 0, 0);
        assertThat(pace.due() - started).isEqualTo(800 * MILLI);
    }

    @Test
    void withoutPrivilegeProbesAreRarer() {
        long started = next();
        end(started, 1);
        pace.probed(started, now, new LockProbe(0, false, 0, 0, 0, LockTable.NOT_ASKED));
        assertThat(pace.due() - started).isEqualTo(500 * MILLI);
    }

    @Test
    void asksTheLockTableNowAndThenAndShowsADangerousLockUntilItIsGone() {
        assertThat(pace.dangerCheckDue(now)).isTrue();
        probe(next(), LockTable.DANGEROUS, 0);
        assertThat(pace.dangerCheckDue(now)).isFalse();
        assertThat(pace.snapshotNext()).isTrue();
        snapshot(next(), 5, false);
        int probes = 0;
        long shown = now;
        while (!pace.snapshotNext()) {
            long started = next();
            probe(started, pace.dangerCheckDue(started) ? LockTable.DANGEROUS : null, 0);
            probes++;
        }
        assertThat(probes).isBetween(18, 21);
        assertThat(next() - shown).isBetween(1_900 * MILLI, 2_200 * MILLI);
        snapshot(now, 5, false);

        List<Boolean> looks = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            looks.add(pace.snapshotNext());
            long started = next();
            if (pace.snapshotNext()) {
                snapshot(started, 5, false);
            } else {
                probe(started, pace.dangerCheckDue(started) ? LockTable.HARMLESS : null, 0);
            }
        }
        assertThat(looks).filteredOn(snapshot -> snapshot).hasSize(1);
    }

    @Test
    void someoneWhoIdlesInATransactionIsDangerousToo() {
        probe(next(), 1, 0, 1);
        assertThat(pace.snapshotNext()).isTrue();
        snapshot(next(), 5, false);
        probe(next(), 1, 0, 0);
        assertThat(pace.snapshotNext()).isTrue();
        snapshot(next(), 5, false);
        assertThat(pace.snapshotNext()).isFalse();
    }

    private long distanceAfter(long millis) {
        long started = next();
        snapshot(started, millis, true);
        return (pace.due() - started) / MILLI;
    }

    private long next() {
        if (pace.due() - now > 0) {
            now = pace.due();
        }
        return now;
    }

    private void probe(long started, long millis, int lasting, int idleHolders) {
        end(started, millis);
        pace.probed(
                started,
                now,
                new LockProbe(0, true, lasting, lasting, idleHolders, LockTable.NOT_ASKED));
    }

    private void probeOfBriefWaits(long started, int waiters) {
        end(started, 1);
        pace.probed(started, now, new LockProbe(0, true, waiters, 0, 0, LockTable.NOT_ASKED));
    }

    private void probe(long started, LockTable table, int waiters) {
        end(started, 1);
        LockTable asked = table == null ? LockTable.NOT_ASKED : table;
        pace.probed(started, now, new LockProbe(0, true, waiters, waiters, 0, asked));
    }

    private void snapshot(long started, long millis, boolean lasting) {
        end(started, millis);
        pace.snapshotted(started, now, lasting, lasting);
    }

    private void snapshotOfBriefWaits(long started, long millis) {
        end(started, millis);
        pace.snapshotted(started, now, true, false);
    }

    private void end(long started, long millis) {
        now = started + millis * MILLI;
    }
}
