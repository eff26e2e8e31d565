package io.onevault.jobs.locks.incident;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.SessionRow;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A root answers for its own time, not for that of whoever was the root before. */
class RootSinceTest {

    private static final String TARGET = "prod";
    private static final long SECOND = 1_000_000L;
    private static final long START = 1_700_000_000L * SECOND;
    private static final int VICTIM = 9;

    private final Recorded out = new Recorded();
    private final LockEpisodes episodes =
            new LockEpisodes(TARGET, EpisodeSettings.DEFAULT, new EpisodeState());

    @Test
    void sameRootKeepsItsTime() {
        look(0, 1, 100);
        look(10, 1, 100);
        look(60, 1, 100);
        assertThat(out.incidents).hasSizeGreaterThan(1);
        assertThat(out.incidents).allMatch(row -> row.rootSinceMicros() == START);
    }

    @Test
    void nextRootBeginsAnew() {
        look(0, 1, 100);
        look(60, 1, 100);
        look(61, 2, 200);
        BlockingIncident row = last();
        assertThat(row.key()).isEqualTo(out.incidents.get(0).key());
        assertThat(row.longestWaitMicros()).isEqualTo(62 * SECOND);
        assertThat(row.rootSinceMicros()).isEqualTo(START + 61 * SECOND);
    }

    @Test
    void nextTransactionOfTheSameSessionBeginsAnew() {
        look(0, 1, 100);
        look(60, 1, 100);
        look(180, 1, 101);
        assertThat(last().roots()).isEqualTo(1);
        assertThat(last().rootSinceMicros()).isEqualTo(START + 180 * SECOND);
    }

    private BlockingIncident last() {
        return out.incidents.get(out.incidents.size() - 1);
    }

    /** The victim waits since a second before the start, for whoever holds the table now. */
    private void look(long second, int root, long xactStart) {
        long at = START + second * SECOND;
        LockSnapshot snapshot =
                new LockSnapshot(
                        TARGET,
                        at,
                        "18",
                        List.of(row(root, true), row(VICTIM, false)),
                        List.of(session(root, xactStart), session(VICTIM, 1)),
                        List.of(),
                        List.of());
        episodes.observe(new LockObservation(TARGET, at / 1_000, 1, snapshot, null), out);
    }

    private static LockRow row(int pid, boolean granted) {
        return new LockRow(
                "relation",
                5,
                7,
                "public.t",
                0,
                0,
                "",
                0,
                0,
                0,
                0,
                pid + "/1",
                pid,
                "ExclusiveLock",
                granted,
                false,
                granted ? 0 : START - SECOND);
    }

    private static SessionRow session(int pid, long xactStart) {
        return new SessionRow(
                pid,
                1,
                "client backend",
                0,
                "db",
                "user",
                false,
                "app",
                "local",
                "active",
                xactStart,
                1,
                1,
                "",
                "",
                0,
                "LOCK TABLE ?",
                "f",
                0,
                true);
    }
}
