package io.onevault.jobs.locks.incident;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Single scenes, heard as they come. */
class LockEpisodesTest {

    private final SimulatedServer server = new SimulatedServer(12);
    private final EpisodeState state = new EpisodeState();
    private final LockEpisodes episodes =
            new LockEpisodes(SimulatedServer.TARGET, EpisodeSettings.DEFAULT, state);
    private final Recorded out = new Recorded();

    private void look() {
        episodes.observe(server.look(), out);
    }

    /** Looks ten times a second, with a log in which nothing stands. */
    private void lookFor(long micros) {
        long stop = server.now + micros;
        while (server.now < stop) {
            server.pass(100_000);
            episodes.observe(server.readUntilNow(), out);
            look();
        }
    }

    @Test
    void aNearMissEndsWhenAMemberGaveUpAndNotWhenItIsJudged() {
        server.lock(1, 1).lock(2, 2).lock(1, 2).lock(2, 1);
        look();
        assertThat(out.deadlocks)
                .singleElement()
                .satisfies(row -> assertThat(row.endedAtMicros()).isZero());
        lookFor(1_000_000);
        long gaveUp = server.pass(30_000).now;
        server.cancel(2);
        episodes.observe(SimulatedServer.line(server.log.get(0)), out);
        lookFor(5_000_000);
        DeadlockEvent last = out.deadlocks.get(out.deadlocks.size() - 1);
        assertThat(last.outcome()).isEqualTo("NEAR_MISS");
        assertThat(last.endedAtMicros()).isBetween(gaveUp - 1_000, gaveUp);
        assertThat(last.observedAtMicros()).isGreaterThan(gaveUp + 400_000);
    }
}
