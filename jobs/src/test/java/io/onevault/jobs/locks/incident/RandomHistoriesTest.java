package io.onevault.jobs.locks.incident;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.DeadlockCount;
import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LogObservation;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Random histories of a server that knows the truth, heard in several orders. */
class RandomHistoriesTest {

    private static final int PROCESSES = 12;
    private static final int TABLES = 5;
    private static final long LOOK = 100_000;
    private static final long LOG_POLL = 300_000;

    /** What the two sources said, each in its order. */
    private static final class History {
        final List<LockObservation> looks = new ArrayList<>();
        final List<LogObservation> lines = new ArrayList<>();
        final SimulatedServer server = new SimulatedServer(PROCESSES);
    }

    private static History history(long seed, boolean logged) {
        Random random = new Random(seed);
        History history = new History();
        SimulatedServer server = history.server;
        Map<Integer, Long> ends = new HashMap<>();
        long nextLook = server.now;
        long nextPoll = server.now;
        long nextCount = server.now;
        int said = 0;
        int counted = 7;
        int flushed = 0;
        long stop = server.now + 60_000_000;
        while (server.now < stop + 60_000_000) {
            server.pass(5_000 + random.nextInt(40_000));
            boolean quiet = server.now > stop;
            int pid = 1 + random.nextInt(PROCESSES);
            if (server.waits(pid)) {
                int dice = random.nextInt(quiet ? 30 : 400);
                if (dice == 0) {
                    server.cancel(pid);
                } else if (dice == 1) {
                    server.timeOut(pid);
                } else if (dice == 2) {
                    server.statementTimeOut(pid);
                } else if (dice == 3) {
                    server.terminate(pid);
                }
            } else if (quiet || random.nextInt(3) == 0) {
                server.commit(pid);
            } else {
                server.lock(pid, random.nextInt(TABLES));
            }
            for (int each = 1; each <= PROCESSES; each++) {
                if (server.cycle(each).isEmpty()) {
                    ends.remove(each);
                } else {
                    long after = 300_000 + random.nextInt(700_000);
                    if (ends.computeIfAbsent(each, key -> server.now + after) <= server.now) {
                        server.endDeadlock(each, logged);
                        ends.remove(each);
                    }
                }
            }
            if (server.now >= nextLook) {
                nextLook = server.now + LOOK;
                List<DeadlockCount> counts = List.of();
                if (server.now >= nextCount) {
                    nextCount = server.now + 2_000_000;
                    // Sessions flush late.
                    if (flushed < server.deadlocks.size() && random.nextInt(3) == 0) {
                        flushed = server.deadlocks.size();
                    }
                    counts = List.of(server.count(counted + flushed));
                }
                history.looks.add(server.look(counts));
            }
            if (server.now >= nextPoll) {
                nextPoll = server.now + LOG_POLL;
                while (said < server.log.size()) {
                    history.lines.add(SimulatedServer.line(server.log.get(said++)));
                }
                history.lines.add(server.readUntilNow());
            }
        }
        return history;
    }

    /**
     * @param skewMillis how much later the log may be heard than the looks; negative for earlier
     */
    private static Recorded heard(History history, boolean withLog, long skewMillis) {
        Recorded out = new Recorded();
        EpisodeState state = new EpisodeState();
        LockEpisodes episodes =
                new LockEpisodes(SimulatedServer.TARGET, EpisodeSettings.DEFAULT, state);
        int line = 0;
        for (LockObservation look : history.looks) {
            while (withLog
                    && line < history.lines.size()
                    && history.lines.get(line).timestamp() + skewMillis < look.timestamp()) {
                episodes.observe(history.lines.get(line++), out);
            }
            episodes.observe(look, out);
        }
        while (withLog && line < history.lines.size()) {
            episodes.observe(history.lines.get(line++), out);
        }
        assertThat(state.waits.isEmpty()).isTrue();
        assertThat(state.incidents.isEmpty()).isTrue();
        return out;
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void whatWasSeenIsToldAsItWas(long seed) {
        History history = history(seed, true);
        Recorded out = heard(history, true, 400);
        out.assertEachEndsOnce(true);
        Map<String, SimulatedServer.Truth> truth = new HashMap<>();
        history.server.waits.forEach(wait -> truth.put(wait.key(), wait));
        Set<String> shown = new HashSet<>();
        for (LockObservation look : history.looks) {
            for (LockRow row : look.snapshot().locks()) {
                if (!row.granted()) {
                    shown.add(row.pid() + "/" + row.waitStartMicros());
                }
            }
        }
        Map<String, LockWait> last = out.lastWaits();
        assertThat(last.values().stream().map(w -> w.pid() + "/" + w.waitStartMicros()).toList())
                .containsExactlyInAnyOrderElementsOf(shown);
        assertThat(shown).hasSizeGreaterThan(100);
        last.forEach(
                (key, wait) -> {
                    SimulatedServer.Truth true_ = truth.get(key);
                    assertThat(true_).as(key).isNotNull();
                    assertThat(wait.resolution()).as(key).isEqualTo(true_.resolution());
                    assertThat(wait.waitEndMicros())
                            .as(key)
                            .isBetween(true_.end() - 1_000, true_.end() + LOOK + 50_000);
                });
        assertThat(out.counted()).isEqualTo(history.server.deadlocks.size());
        assertThat(history.server.deadlocks).hasSizeGreaterThan(3);
        assertThat(out.lastIncidents()).isNotEmpty();
        assertThatVictimTimesAddUp(out, last);
    }

    private static void assertThatVictimTimesAddUp(Recorded out, Map<String, LockWait> waits) {
        long all =
                waits.values().stream()
                        .mapToLong(wait -> wait.waitEndMicros() - wait.waitStartMicros())
                        .sum();
        long victims =
                out.lastIncidents().values().stream()
                        .mapToLong(BlockingIncident::totalVictimMicros)
                        .sum();
        // The root of a cycle is nobody's victim, all others are once.
        assertThat(victims).isLessThanOrEqualTo(all).isGreaterThan(all / 2);
        int unresolved = 0;
        for (BlockingIncident row : out.lastIncidents().values()) {
            // Empty when its victims went on to wait behind another root.
            unresolved += row.resolution().isEmpty() ? 1 : 0;
            assertThat(row.closedAtMicros()).isGreaterThanOrEqualTo(row.openedAtMicros());
        }
        assertThat(unresolved).isLessThan(out.lastIncidents().size());
    }

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24, 25, 26, 27, 28})
    void orderOfTheStreamsDoesNotMatterToDeadlocks(long seed) {
        History history = history(seed, true);
        Map<String, String> first = outcomes(heard(history, true, 0));
        assertThat(first).isNotEmpty();
        for (long skew : new long[] {-1_500, -300, 700, 1_500}) {
            assertThat(outcomes(heard(history, true, skew))).as("skew %d", skew).isEqualTo(first);
        }
        assertThat(heard(history, true, 0).deadlocks).isEqualTo(heard(history, true, 0).deadlocks);
    }

    private static Map<String, String> outcomes(Recorded out) {
        return out.lastDeadlocks().values().stream()
                .collect(
                        Collectors.toMap(
                                DeadlockEvent::key,
                                row ->
                                        row.outcome()
                                                + row.source()
                                                + row.victimPid()
                                                + row.deadlockAtMicros()
                                                + row.members()));
    }

    @ParameterizedTest
    @ValueSource(longs = {31, 32, 33, 34, 35, 36})
    void withoutALogTheCounterDecides(long seed) {
        History history = history(seed, true);
        Recorded out = heard(history, false, 0);
        out.assertEachEndsOnce(true);
        assertThat(out.counted()).isEqualTo(history.server.deadlocks.size());
    }

    @ParameterizedTest
    @ValueSource(longs = {41, 42, 43, 44})
    void deadlocksThatALogConcealsAreCountedOnce(long seed) {
        History history = history(seed, false);
        Recorded out = heard(history, true, 400);
        out.assertEachEndsOnce(true);
        assertThat(out.counted()).isEqualTo(history.server.deadlocks.size());
    }

    @ParameterizedTest
    @ValueSource(longs = {51, 52, 53, 54})
    void aLogThatIsReadLateDoublesNothing(long seed) {
        History history = history(seed, true);
        Recorded out = heard(history, true, 45_000);
        out.assertEachEndsOnce(true);
        assertThat(out.counted()).isEqualTo(history.server.deadlocks.size());
    }
}
