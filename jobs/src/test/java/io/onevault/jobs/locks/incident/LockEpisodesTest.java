package io.onevault.jobs.locks.incident;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.LogObservation;
import io.onevault.connectors.model.SessionRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Single scenes, heard as they come. */
class LockEpisodesTest {

    private static final long SECOND = 1_000_000;

    /** So many are shown with two roots, and with no third one. */
    private static final int STORM = 5_000;

    private final SimulatedServer server = new SimulatedServer(12);
    private final EpisodeState state = new EpisodeState();
    private final LockEpisodes episodes =
            new LockEpisodes(SimulatedServer.TARGET, EpisodeSettings.DEFAULT, state);
    private final Recorded out = new Recorded();

    /** When the statements of sessions in {@link #shows} began. */
    private long statementAt = SimulatedServer.START - SECOND;

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

    private LockWait lastWait(int pid) {
        return out.waits.stream().filter(row -> row.pid() == pid).reduce((a, b) -> b).orElseThrow();
    }

    private BlockingIncident lastIncident() {
        return out.incidents.get(out.incidents.size() - 1);
    }

    /** Without the log. */
    private void onlyLookFor(long micros) {
        long stop = server.now + micros;
        while (server.now < stop) {
            server.pass(100_000);
            look();
        }
    }

    @Test
    void whatEndedWhileTheJobWasHeldUpEndedWhenItWasLastSeen() {
        server.lock(1, 1).lock(2, 1);
        onlyLookFor(1_000_000);
        long seen = server.now;
        server.pass(60_000_000).terminate(2).commit(1);
        look();
        assertThat(lastWait(2).waitEndMicros()).isEqualTo(seen);
        assertThat(lastWait(2).resolution()).isEmpty();
        assertThat(lastIncident().open()).isFalse();
        assertThat(lastIncident().closedAtMicros()).isEqualTo(seen);
        assertThat(lastIncident().resolution()).isEmpty();
    }

    @Test
    void anEndingWaitsForALogWhoseConnectionIsOpenedAgain() {
        server.lock(1, 1).lock(2, 1);
        lookFor(1_000_000);
        server.pass(20_000).terminate(2).pass(20_000);
        episodes.observe(server.logFails("UNREACHABLE"), out);
        look();
        assertThat(lastWait(2).waitEndMicros()).isZero();
        episodes.observe(SimulatedServer.line(server.log.get(0)), out);
        assertThat(lastWait(2).resolution()).isEqualTo("TERMINATED");
    }

    @Test
    void anEndingDoesNotWaitForALogThatMayNotBeRead() {
        server.lock(1, 1).lock(2, 1);
        lookFor(1_000_000);
        server.pass(20_000).terminate(2).pass(20_000);
        episodes.observe(server.logFails("PRIVILEGE"), out);
        look();
        assertThat(lastWait(2).waitEndMicros()).isPositive();
        assertThat(lastWait(2).resolution()).isEmpty();
    }

    @Test
    void aLogThatLostLinesDoesNotSayThatWaitsWentWell() {
        server.lock(1, 1).lock(2, 1).lock(3, 1).lock(4, 1);
        lookFor(1_000_000);
        long read = server.now;
        server.pass(20_000).terminate(2).terminate(3).pass(20_000);
        look();
        episodes.observe(server.logLoses(read), out);
        assertThat(lastWait(2).waitEndMicros()).isZero();
        // The line about the other one was written to the next file.
        episodes.observe(SimulatedServer.line(server.log.get(1)), out);
        lookFor(1_000_000);
        assertThat(lastWait(2).waitEndMicros()).isPositive();
        assertThat(lastWait(2).resolution()).isEmpty();
        assertThat(lastWait(3).resolution()).isEqualTo("TERMINATED");
        server.pass(10_000).commit(1);
        lookFor(1_000_000);
        assertThat(lastWait(4).resolution()).isEqualTo("COMPLETED");
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatACycleLeavesBehindIsTheSameIncident(boolean restarted) {
        server.lock(1, 1).lock(2, 2).lock(3, 3).lock(1, 2).lock(2, 3).lock(3, 1);
        lookFor(900_000);
        assertThat(lastIncident().root().pid()).isEqualTo(1);
        server.pass(1_000).endDeadlock(3, true);
        LockEpisodes then =
                restarted
                        ? new LockEpisodes(SimulatedServer.TARGET, EpisodeSettings.DEFAULT, state)
                        : episodes;
        then.observe(server.look(), out);
        assertThat(out.lastIncidents()).hasSize(1);
        then.observe(server.pass(1_100_000).look(), out);
        assertThat(lastIncident().root().pid()).isEqualTo(2);
        assertThat(lastIncident().roots()).isEqualTo(2);
    }

    /** With so many waits most changes are told once a second. */
    @Test
    void aWaitIsLinkedToTheIncidentThatItJoinsForAMoment() {
        SimulatedServer many = new SimulatedServer(70);
        many.lock(1, 1).lock(2, 2).lock(3, 3).lock(1, 2).lock(2, 3).lock(3, 1).lock(4, 4);
        for (int pid = 5; pid <= 70; pid++) {
            many.lock(pid, 4);
        }
        episodes.observe(many.look(), out);
        assertThat(lastWait(1).incident()).isEmpty();
        many.pass(100_000).endDeadlock(3, true);
        episodes.observe(many.look(), out);
        many.pass(100_000).commit(2);
        episodes.observe(many.look(), out);
        episodes.observe(many.pass(1_000_000).readUntilNow(), out);
        assertThat(lastWait(1).waitEndMicros()).isPositive();
        assertThat(out.lastIncidents()).containsKey(lastWait(1).incident());
    }

    @Test
    void withoutALogASessionThatIsGoneWasNotTerminatedForSure() {
        server.lock(1, 1).lock(2, 1).lock(3, 1);
        onlyLookFor(1_000_000);
        server.terminate(2);
        onlyLookFor(200_000);
        assertThat(lastWait(2).waitEndMicros()).isEqualTo(server.now - 100_000);
        assertThat(lastWait(2).resolution()).isEmpty();
        assertThat(lastIncident().open()).isTrue();
        server.terminate(1);
        onlyLookFor(200_000);
        assertThat(lastWait(3).resolution()).isEqualTo("COMPLETED");
        assertThat(lastIncident().open()).isFalse();
        assertThat(lastIncident().resolution()).isEmpty();
    }

    @Test
    void withoutALogAStatementOnItsOwnMayHaveFailed() {
        server.lock(1, 1).lock(2, 1).lock(3, 1);
        onlyLookFor(1_000_000);
        server.pass(50_000).timeOut(2).commit(2);
        onlyLookFor(100_000);
        assertThat(lastWait(2).waitEndMicros()).isPositive();
        assertThat(lastWait(2).resolution()).isEmpty();
        server.commit(1).commit(3);
        onlyLookFor(100_000);
        assertThat(lastWait(3).resolution()).isEmpty();
        assertThat(lastIncident().open()).isFalse();
        assertThat(lastIncident().resolution()).isEmpty();
    }

    /** Who waited for a row's writer holds nothing of that afterwards. */
    @Test
    void withoutALogATransactionThatGoesOnGotWhatItWaitedFor() {
        LockRow root = row(101, 1, "ShareLock", true);
        LockRow other = row(1_000, 2, "RowExclusiveLock", true);
        shows(0, root, other, row(1_000, 1, "ExclusiveLock", false));
        shows(1, root, other, row(1_000, 1, "ExclusiveLock", false));
        statementAt = SimulatedServer.START + 2 * SECOND;
        shows(2, root, other);
        assertThat(lastWait(1_000).resolution()).isEqualTo("COMPLETED");
    }

    @Test
    void aSessionThatTookTheNumberOfAnotherSaysNothingOfIt() {
        server.lock(1, 1).lock(2, 1);
        onlyLookFor(1_000_000);
        server.terminate(2).commit(1).lock(2, 1);
        onlyLookFor(200_000);
        assertThat(lastWait(2).resolution()).isEmpty();
    }

    @Test
    void aLogThatHasToBeCaughtUpWithAfterARestartTellsHowWaitsEnded() {
        server.lock(1, 1).lock(2, 1).lock(3, 1);
        lookFor(1_000_000);
        long away = server.now;
        server.pass(60_000_000).timeOut(2);
        episodes.observe(server.pass(60_000_000).gap(away, "SKIPPED"), out);
        onlyLookFor(300_000);
        assertThat(lastWait(2).waitEndMicros()).isZero();
        episodes.observe(SimulatedServer.line(server.log.get(0)), out);
        assertThat(lastWait(2).resolution()).isEqualTo("TIMEOUT");
        assertThat(lastWait(2).waitEndMicros()).isBetween(away + 59_999_000, away + 60_001_000);
    }

    @Test
    void aLogThatHasToBeCaughtUpWithTellsHowTheRootEnded() {
        server.lock(1, 1).lock(2, 1).lock(3, 2).lock(4, 2);
        lookFor(1_000_000);
        long away = server.now;
        server.pass(20_000_000).terminate(1);
        server.pass(40_000_000).terminate(3);
        server.pass(60_000_000).commit(2).commit(4);
        LogObservation between = server.pass(-30_000_000).readUntilNow();
        episodes.observe(server.pass(30_000_000).gap(away, "SKIPPED"), out);
        onlyLookFor(300_000);
        episodes.observe(SimulatedServer.line(server.log.get(0)), out);
        onlyLookFor(100_000);
        episodes.observe(SimulatedServer.line(server.log.get(1)), out);
        episodes.observe(between, out);
        onlyLookFor(300_000);
        assertThat(out.incidents).allMatch(BlockingIncident::open);
        lookFor(1_000_000);
        assertThat(out.lastIncidents().values())
                .hasSize(2)
                .allMatch(row -> row.resolution().equals("TERMINATED"));
        lookFor(20_000_000);
        assertThat(state.endings.isEmpty()).isTrue();
    }

    @Test
    void aLogThatIsNotReadAnyMoreIsNotWaitedForLong() {
        server.lock(1, 1).lock(2, 1).lock(3, 1);
        lookFor(1_000_000);
        long away = server.now;
        server.pass(60_000_000).timeOut(2);
        episodes.observe(server.pass(60_000_000).gap(away, "SKIPPED"), out);
        onlyLookFor(2_400_000);
        assertThat(lastWait(2).waitEndMicros()).isZero();
        onlyLookFor(400_000);
        assertThat(lastWait(2).waitEndMicros()).isPositive();
    }

    @Test
    void aClockThatWasSetBackEndsWhatWasOpenAndBeginsAnew() {
        server.lock(1, 1).lock(2, 1);
        lookFor(1_000_000);
        long seen = server.now;
        LockWait before = lastWait(2);
        String incident = lastIncident().key();
        server.pass(-3_600_000_000L);
        lookFor(300_000);
        assertThat(out.lastWaits().get(before.key()).waitEndMicros()).isEqualTo(seen);
        assertThat(out.lastWaits().get(before.key()).resolution()).isEmpty();
        assertThat(out.lastIncidents().get(incident).closedAtMicros()).isEqualTo(seen);
        assertThat(out.lastIncidents().get(incident).resolution()).isEmpty();
        LockWait after = lastWait(2);
        assertThat(after.key()).isNotEqualTo(before.key());
        assertThat(after.waitEndMicros()).isZero();
        assertThat(after.waitStartMicros()).isBetween(server.now - 300_000, server.now);
        assertThat(lastIncident().open()).isTrue();
        lookFor(12_000_000);
        assertThat(lastIncident().observedAtMicros()).isGreaterThan(server.now - 11_000_000);
        long timeOut = server.pass(1_000).now;
        server.timeOut(2);
        episodes.observe(SimulatedServer.line(server.log.get(0)), out);
        lookFor(1_000_000);
        assertThat(lastWait(2).key()).isEqualTo(after.key());
        assertThat(lastWait(2).waitEndMicros()).isBetween(timeOut - 1_000, timeOut);
        assertThat(lastWait(2).resolution()).isEqualTo("TIMEOUT");
        assertThat(lastIncident().resolution()).isEqualTo("TIMEOUT");
        out.assertEachEndsOnce(true);
    }

    /** The server shows the beginnings of waits as they were under the clock of their time. */
    @ParameterizedTest
    @ValueSource(longs = {7, 10, 40, 3_600})
    void aShortStepBackBeginsWhatLastsUnderOtherKeys(long seconds) {
        server.lock(1, 1).lock(2, 1);
        lookFor(30_000_000);
        server.lock(3, 1);
        lookFor(1_000_000);
        Set<String> before = Set.copyOf(out.lastWaits().keySet());
        String incident = lastIncident().key();
        int told = out.waits.size();
        server.pass(-seconds * SECOND);
        lookFor(100_000);
        long step = server.now;
        lookFor((seconds + 60) % 600 * SECOND);
        assertThat(out.waits.subList(told, out.waits.size()))
                .filteredOn(row -> row.waitEndMicros() == 0)
                .isNotEmpty()
                .allMatch(row -> !before.contains(row.key()))
                .allMatch(row -> row.waitStartMicros() == step);
        assertThat(lastIncident().open()).isTrue();
        assertThat(lastIncident().key()).isNotEqualTo(incident);
        assertThat(out.lastIncidents().get(incident).open()).isFalse();
        server.timeOut(3);
        episodes.observe(SimulatedServer.line(server.log.get(0)), out);
        lookFor(1_000_000);
        assertThat(lastWait(3).resolution()).isEqualTo("TIMEOUT");
        server.lock(4, 1);
        lookFor(1_000_000);
        assertThat(lastWait(4).waitStartMicros()).isEqualTo(server.now - SECOND);
        out.assertEachEndsOnce(false);
    }

    @Test
    void aDeadlockThatAShortStepFallsIntoIsNoNearMissInTheEnd() {
        server.lock(1, 1).lock(2, 2).lock(1, 2);
        lookFor(15_000_000);
        server.lock(2, 1);
        lookFor(600_000);
        server.pass(-10 * SECOND);
        lookFor(200_000);
        server.pass(1_000).endDeadlock(2, true);
        episodes.observe(SimulatedServer.line(server.log.get(0)), out);
        lookFor(5_000_000);
        assertThat(out.lastDeadlocks().values())
                .extracting(DeadlockEvent::outcome)
                .containsExactly("NEAR_MISS", "DEADLOCK");
        out.assertEachEndsOnce(false);
    }

    /** What the log told under the clock of before is not about what came after. */
    @Test
    void anEndingOfBeforeAStepEndsNothingAfterIt() {
        server.lock(1, 1).lock(2, 1);
        lookFor(19_500_000);
        server.timeOut(2);
        episodes.observe(SimulatedServer.line(server.log.get(0)), out);
        server.commit(2).lock(2, 1);
        lookFor(500_000);
        server.pass(-10 * SECOND);
        lookFor(15_000_000);
        server.commit(1).commit(2);
        lookFor(1_000_000);
        assertThat(lastWait(2).waitEndMicros()).isPositive();
        assertThat(lastWait(2).resolution()).isEqualTo("COMPLETED");
    }

    @Test
    void deadlocksAreCountedOnceWhenTheClockIsSetBack() {
        lookFor(1_000_000);
        episodes.observe(server.look(List.of(server.count(7))), out);
        deadlock();
        server.pass(-600_000_000L);
        lookFor(1_000_000);
        episodes.observe(server.look(List.of(server.count(8))), out);
        lookFor(10_000_000);
        deadlock();
        lookFor(1_000_000);
        episodes.observe(server.look(List.of(server.count(9))), out);
        lookFor(10_000_000);
        assertThat(out.counted()).isEqualTo(2);
        assertThat(state.isQuiet() || out.lastDeadlocks().size() == 2).isTrue();
    }

    @Test
    @Timeout(20)
    void theLinesThatEndAStormCostNoMoreForTheOthersThatWaited() {
        int many = 20_000;
        SimulatedServer wide = new SimulatedServer(many);
        wide.lock(1, 1);
        for (int pid = 2; pid <= many; pid++) {
            wide.lock(pid, 1);
        }
        episodes.observe(wide.pass(100_000).readUntilNow(), out);
        episodes.observe(wide.look(), out);
        wide.pass(50_000);
        for (int pid = 2; pid <= many; pid++) {
            wide.timeOut(pid);
        }
        episodes.observe(wide.pass(50_000).look(), out);
        assertThat(lastIncident().open()).isTrue();
        wide.log.forEach(line -> episodes.observe(SimulatedServer.line(line), out));
        assertThat(out.waits.stream().filter(row -> row.resolution().equals("TIMEOUT")))
                .hasSize(many - 1);
        assertThat(lastIncident().resolution()).isEqualTo("TIMEOUT");
    }

    @Test
    void aPictureThatComesAfterTheReportDoesNotReopenADeadlock() {
        server.lock(1, 1).lock(2, 2).lock(1, 2).lock(2, 1);
        lookFor(900_000);
        // So little that it is taken for disorder.
        LockObservation late = server.pass(-50_000).look();
        server.pass(1_000).endDeadlock(2, true);
        episodes.observe(SimulatedServer.line(server.log.get(0)), out);
        episodes.observe(late, out);
        lookFor(5_000_000);
        assertThat(out.counted()).isEqualTo(1);
        assertThat(out.lastDeadlocks().values())
                .singleElement()
                .satisfies(row -> assertThat(row.outcome()).isEqualTo("DEADLOCK"));
    }

    private void deadlock() {
        int told = server.log.size();
        server.lock(1, 1).lock(2, 2).lock(1, 2).lock(2, 1);
        lookFor(1_000_000);
        server.pass(1_000).endDeadlock(2, true);
        episodes.observe(SimulatedServer.line(server.log.get(told)), out);
        lookFor(1_000_000);
        server.commit(1).commit(2);
        lookFor(1_000_000);
    }

    @Test
    void changesOfAnIncidentAreToldOnceASecondAtMost() {
        server.lock(1, 1).lock(2, 1).lock(3, 1);
        look();
        long opened = server.now;
        // A row that everybody updates: each look shows another root.
        for (int i = 0; i < 100; i++) {
            int root = 1 + i % 4;
            int next = 1 + (i + 1) % 4;
            server.lock(1 + (i + 3) % 4, 1).commit(root);
            assertThat(server.holds(next, 1)).isTrue();
            server.pass(100_000);
            look();
        }
        long seconds = (server.now - opened) / 1_000_000;
        assertThat(out.lastIncidents()).hasSize(1);
        assertThat(out.incidents).hasSizeBetween((int) seconds - 2, (int) seconds + 1);
        assertThat(lastIncident().roots()).isGreaterThan(80);
        for (int i = 1; i < out.incidents.size(); i++) {
            assertThat(out.incidents.get(i).observedAtMicros())
                    .isGreaterThanOrEqualTo(out.incidents.get(i - 1).observedAtMicros() + SECOND);
        }
    }

    @Test
    void anIncidentIsNeverOlderThanTenSecondsInItsRows() {
        server.lock(1, 1).lock(2, 1).lock(3, 1);
        look();
        for (int i = 0; i < 600; i++) {
            onlyLookFor(1_000_000);
            assertThat(lastIncident().observedAtMicros()).isGreaterThan(server.now - 10 * SECOND);
        }
        assertThat(out.incidents).hasSizeBetween(55, 62);
        server.cancel(3);
        onlyLookFor(1_100_000);
        assertThat(lastIncident().victims()).extracting(Victim::pid).containsExactly(2);
        server.lock(4, 1);
        onlyLookFor(1_100_000);
        assertThat(lastIncident().victims()).extracting(Victim::pid).containsExactly(2, 4);
    }

    @Test
    void aLookThatShowsTheSameChangesNoState() {
        server.lock(1, 1).lock(2, 1).lock(3, 1);
        onlyLookFor(1_000_000);
        List<String> changed = new ArrayList<>();
        state.incidents.drain((key, value) -> {});
        state.waits.drain((key, value) -> {});
        onlyLookFor(700_000);
        state.incidents.drain((key, value) -> changed.add(key));
        state.waits.drain((key, value) -> changed.add(key));
        assertThat(changed).isEmpty();
    }

    @Test
    void aCycleThatStoodWhenTheTargetVanishedEndedNobodyKnowsHow() {
        server.lock(1, 1).lock(2, 2).lock(1, 2).lock(2, 1);
        onlyLookFor(500_000);
        long seen = server.now;
        episodes.observe(server.pass(3_600_000_000L).gap(seen, "UNREACHABLE"), out);
        episodes.forget(out);
        assertThat(out.lastDeadlocks().values())
                .singleElement()
                .satisfies(
                        row -> {
                            assertThat(row.outcome()).isEqualTo("NEAR_MISS");
                            assertThat(row.resolution()).isEmpty();
                            assertThat(row.endedAtMicros()).isEqualTo(seen);
                        });
        out.assertEachEndsOnce(true);
        assertThat(out.waits).allMatch(row -> row.resolution().isEmpty());
        assertThat(state.isQuiet()).isTrue();
    }

    @Test
    void aLogThatIsReadThoughNobodyLooksDoesNotSayThatWaitsWentWell() {
        server.lock(1, 1).lock(2, 1);
        lookFor(1_000_000);
        episodes.observe(server.pass(3_600_000_000L).readUntilNow(), out);
        episodes.forget(out);
        assertThat(lastWait(2).waitEndMicros()).isPositive();
        assertThat(lastWait(2).resolution()).isEmpty();
        assertThat(lastIncident().resolution()).isEmpty();
    }

    @Test
    void anIncidentWhoseVictimsAreAllShownWithOthersIsKept() {
        episodes.observe(storm(0, 101, 102), out);
        assertThat(out.incidents).hasSize(2);
        String second = out.incidents.get(1).key();
        assertThat(second).contains("/102/");
        episodes.observe(storm(100_000, 50, 101, 102), out);
        assertThat(out.incidents.stream().filter(row -> row.key().equals(second))).hasSize(1);
        for (long after = 2_100_000; after < 20_000_000; after += 1_000_000) {
            episodes.observe(storm(after, 50, 101, 102), out);
            BlockingIncident told = out.lastIncidents().get(second);
            assertThat(told.open()).isTrue();
            assertThat(told.victimCount()).isEqualTo(STORM);
            assertThat(told.observedAtMicros())
                    .isGreaterThan(SimulatedServer.START + after - 10 * SECOND);
            assertThat(told.totalVictimMicros())
                    .isEqualTo(STORM * (told.observedAtMicros() - SimulatedServer.START + SECOND));
        }
        assertThat(out.incidents.stream().filter(row -> row.key().equals(second))).hasSize(2);
        episodes.observe(storm(20_100_000, 102), out);
        BlockingIncident last = out.lastIncidents().get(second);
        assertThat(last.open()).isTrue();
        assertThat(last.victimCount()).isEqualTo(STORM);
        assertThat(last.totalVictimMicros()).isEqualTo(STORM * 21_100_000L);
    }

    @Test
    void theLastRowIsAboutTheLastRootThoughThatWasNeverTold() {
        server.lock(1, 1).lock(2, 1).lock(3, 1);
        episodes.observe(server.readUntilNow(), out);
        look();
        lookFor(300_000);
        server.commit(1);
        lookFor(400_000);
        server.pass(50_000).terminate(2);
        episodes.observe(SimulatedServer.line(server.log.get(0)), out);
        lookFor(1_000_000);
        assertThat(lastIncident().open()).isFalse();
        assertThat(lastIncident().root().pid()).isEqualTo(2);
        assertThat(lastIncident().roots()).isEqualTo(2);
        assertThat(lastIncident().resolution()).isEqualTo("TERMINATED");
    }

    @Test
    void thatAnEarlierRootIsGoneSaysNothingOfTheLastOne() {
        server.lock(1, 1).lock(2, 1).lock(3, 1);
        look();
        onlyLookFor(300_000);
        server.terminate(1);
        onlyLookFor(400_000);
        server.commit(2);
        onlyLookFor(100_000);
        assertThat(lastIncident().open()).isFalse();
        assertThat(lastIncident().root().pid()).isEqualTo(2);
        assertThat(lastIncident().rootSinceMicros()).isEqualTo(SimulatedServer.START + 400_000);
        assertThat(lastIncident().resolution()).isEqualTo("COMPLETED");
    }

    @Test
    void theLastRowNamesTablesThatWereNeverTold() {
        server.lock(1, 1).lock(1, 2).lock(3, 1);
        look();
        server.lock(4, 2);
        onlyLookFor(300_000);
        server.cancel(4);
        onlyLookFor(100_000);
        server.commit(1);
        onlyLookFor(100_000);
        assertThat(lastIncident().open()).isFalse();
        assertThat(lastIncident().relations()).containsExactly("public.t1", "public.t2");
    }

    @Test
    void anIncidentWhoseLastVictimWaitsOnBehindAnotherRootEndsThen() {
        LockRow first = row(101, 1, "AccessShareLock", true);
        LockRow second = row(102, 1, "AccessShareLock", true);
        LockRow alter = row(1_000, 1, "AccessExclusiveLock", false);
        LockRow other = row(101, 2, "ShareLock", true);
        LockRow victim = row(1_001, 2, "RowExclusiveLock", false);
        for (int seconds = 0; seconds < 10; seconds++) {
            shows(seconds, first, second, other, alter, victim);
        }
        shows(10, first, second, other, alter, row(1_001, 2, "RowExclusiveLock", true));
        for (int seconds = 11; seconds < 3_600; seconds++) {
            shows(seconds, first, second, other, alter);
        }
        shows(3_600, second, alter);
        BlockingIncident last =
                out.lastIncidents().values().stream()
                        .filter(row -> row.root().pid() == 101)
                        .findAny()
                        .orElseThrow();
        assertThat(last.open()).isFalse();
        assertThat(last.closedAtMicros()).isEqualTo(SimulatedServer.START + 3_600 * SECOND);
        assertThat(last.resolution()).isEmpty();
        assertThat(out.lastIncidents().values().stream().filter(BlockingIncident::open))
                .singleElement()
                .satisfies(row -> assertThat(row.root().pid()).isEqualTo(102));
    }

    /** A look that shows these, so many seconds after the start. */
    private void shows(long seconds, LockRow... rows) {
        long now = SimulatedServer.START + seconds * SECOND;
        List<SessionRow> sessions =
                Stream.of(rows).map(LockRow::pid).distinct().map(this::session).toList();
        LockSnapshot snapshot =
                new LockSnapshot(
                        SimulatedServer.TARGET,
                        now,
                        "18",
                        List.of(rows),
                        sessions,
                        List.of(),
                        List.of());
        int waiters = (int) Stream.of(rows).filter(row -> !row.granted()).count();
        episodes.observe(
                new LockObservation(SimulatedServer.TARGET, now / 1000, waiters, snapshot, null),
                out);
    }

    private SessionRow session(int pid) {
        return new SessionRow(
                pid,
                SimulatedServer.START - 60 * SECOND,
                "client backend",
                0,
                SimulatedServer.DATABASE,
                "user",
                false,
                "app",
                "local",
                "active",
                SimulatedServer.START - SECOND,
                statementAt,
                statementAt,
                "",
                "",
                0,
                "LOCK TABLE ?",
                "f",
                0,
                true);
    }

    @Test
    void manySharedVictimsAreToldInBounds() {
        int roots = 66;
        int victims = 150;
        for (int second = 0; second < 60; second++) {
            List<LockRow> rows = new ArrayList<>();
            for (int root = 1; root <= roots; root++) {
                rows.add(row(root, 1, "ShareLock", true));
            }
            // A wider one, which must not wait for those.
            rows.add(row(500, 2, "ShareLock", true));
            for (int each = 0; each < victims; each++) {
                // One goes and another comes with each second.
                rows.add(row(1_000 + second + each, 1, "ExclusiveLock", false));
                rows.add(row(3_000 + second + each, 2, "ExclusiveLock", false));
            }
            rows.add(row(9_000, 2, "ExclusiveLock", false));
            shows(second, rows.toArray(LockRow[]::new));
            for (BlockingIncident each : out.lastIncidents().values()) {
                long silent = SimulatedServer.START + second * SECOND - each.observedAtMicros();
                assertThat(silent).isLessThan(10 * SECOND);
            }
        }
        assertThat(out.lastIncidents()).hasSize(roots + 1);
        long told = out.incidents.stream().mapToLong(row -> row.victims().size()).sum();
        assertThat(told).isBetween(roots * victims * 6L, 60 * 2_000L + roots * victims);
        List<Long> widest =
                out.incidents.stream()
                        .filter(row -> row.root().pid() == 500)
                        .map(BlockingIncident::observedAtMicros)
                        .toList();
        assertThat(widest).hasSizeGreaterThan(30);
    }

    /** As many as are shown with two roots; one of a third root is shown without victims. */
    private static LockObservation storm(long after, int... roots) {
        long now = SimulatedServer.START + after;
        List<LockRow> rows = new ArrayList<>();
        for (int root : roots) {
            rows.add(row(root, "ShareLock", true));
        }
        for (int pid = 1_000; pid < 1_000 + STORM; pid++) {
            rows.add(row(pid, "ExclusiveLock", false));
        }
        return new LockObservation(
                SimulatedServer.TARGET,
                now / 1000,
                STORM,
                new LockSnapshot(
                        SimulatedServer.TARGET, now, "18", rows, List.of(), List.of(), List.of()),
                null);
    }

    private static LockRow row(int pid, String mode, boolean granted) {
        return row(pid, 1, mode, granted);
    }

    private static LockRow row(int pid, int table, String mode, boolean granted) {
        return new LockRow(
                "relation",
                5,
                table,
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
                mode,
                granted,
                false,
                granted ? 0 : SimulatedServer.START - SECOND);
    }
}
