package io.onevault.jobs.locks.incident;

import io.onevault.connectors.model.DeadlockCount;
import io.onevault.connectors.model.LogEvent;
import io.onevault.jobs.locks.graph.DeadlockCycle;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Makes one event of what samples, the server's log and its counters tell of a deadlock.
 *
 * <p>A cycle stands for as long as the very same waits form it. When it stands no more, the log
 * decides whether the server ended it; where the log cannot be read, the counter does. A report of
 * the log is compared with samples when samples of its time were seen, so that it does not matter
 * which comes first. Of the cycles of one set of processes that all wait for each other, one is
 * told at a time: that its victim is not in it says that the server spoke of another.
 */
final class DeadlockTracker {

    private static final long MILLI = 1000;
    private static final long SECOND = TimeUnit.SECONDS.toMicros(1);

    /** How long a deadlock that the log told of is kept, for samples that come late. */
    private static final long KEPT = TimeUnit.SECONDS.toMicros(15);

    /** How long one is kept that the log may still tell of. */
    private static final long KEPT_UNREPORTED = TimeUnit.HOURS.toMicros(1);

    private static final int MOST_KEPT = 1_000;

    private final String target;
    private final EpisodeState state;
    private final EpisodeSettings settings;
    private final Evidence evidence;
    private final WaitTracker waits;

    DeadlockTracker(
            String target,
            EpisodeState state,
            EpisodeSettings settings,
            Evidence evidence,
            WaitTracker waits) {
        this.target = target;
        this.state = state;
        this.settings = settings;
        this.evidence = evidence;
        this.waits = waits;
        for (OpenDeadlock deadlock : state.deadlocks.values()) {
            if (deadlock.hard()) {
                deadlock.waits().forEach(evidence::deadlocked);
            }
        }
    }

    /** Takes in the cycles of a look, after {@link WaitTracker#look}. */
    void look(Look look, Episodes out) {
        List<DeadlockCycle> cycles = look.analysis().cycles();
        if (cycles.isEmpty() && state.deadlocks.isEmpty()) {
            return;
        }
        for (OpenDeadlock deadlock : List.copyOf(state.deadlocks.values())) {
            if (deadlock.stands() && !deadlock.waits().stream().allMatch(waits::lasts)) {
                put(deadlock.ended(endOf(deadlock, look.atMicros()), look.atMicros()));
            }
        }
        cycles.stream()
                .sorted(Comparator.comparing(cycle -> !cycle.hard()))
                .forEach(cycle -> shown(cycle, look, out));
    }

    /** The earliest end of a member's wait, for that broke it. */
    private long endOf(OpenDeadlock deadlock, long at) {
        long earliest = at;
        for (String key : deadlock.waits()) {
            OpenWait wait = state.waits.get(key);
            if (wait != null && !wait.lasts()) {
                earliest = Math.min(earliest, wait.endMicros());
            }
        }
        return earliest;
    }

    private void shown(DeadlockCycle cycle, Look look, Episodes out) {
        List<OpenWait> members = DeadlockRows.waits(cycle, look, waits);
        if (members.size() != cycle.nodes().size()) {
            return;
        }
        List<String> keys = members.stream().map(OpenWait::key).toList();
        for (OpenDeadlock known : List.copyOf(state.deadlocks.values())) {
            if (known.stands() && known.sharesWait(keys)) {
                if (known.hard() || !cycle.hard()) {
                    return;
                }
                // What led through a queue does no longer.
                remove(known);
            }
            if (isPictureOf(known, members, look)) {
                if (known.row().detectedAtMicros() == 0) {
                    DeadlockEvent row =
                            DeadlockRows.merged(known.row(), members, look.atMicros(), at(known));
                    put(known.shown(row, keys, DeadlockRows.databases(members)));
                    out.deadlock(row);
                }
                return;
            }
        }
        DeadlockEvent row = DeadlockRows.open(target, members, look.atMicros());
        OpenDeadlock open =
                new OpenDeadlock(
                        row,
                        cycle.hard(),
                        keys,
                        DeadlockRows.databases(members),
                        0,
                        "",
                        false,
                        false,
                        false,
                        false,
                        false);
        put(open);
        if (cycle.hard()) {
            out.deadlock(row);
        }
    }

    /**
     * Whether a look shows a deadlock, or another cycle through its victim, as it was before the
     * server ended it and told so. Clocks do not say that for sure, the victim's wait does.
     */
    private static boolean isPictureOf(OpenDeadlock known, List<OpenWait> members, Look look) {
        OpenWait victim = known.reported() ? ofProcess(members, known.row().victimPid()) : null;
        return victim != null
                && (look.atMicros() <= known.row().reportedAtMicros() + MILLI
                        || known.waits().contains(victim.key()));
    }

    private static @Nullable OpenWait ofProcess(List<OpenWait> members, int pid) {
        for (OpenWait member : members) {
            if (member.row().pid() == pid) {
                return member;
            }
        }
        return null;
    }

    /** Takes in counters of a look. */
    void counted(List<DeadlockCount> counts, long at) {
        for (DeadlockCount count : counts) {
            CounterLedger ledger = ledger(count.database());
            CounterLedger next = ledger.read(count, at);
            if (!next.equals(ledger)) {
                state.counters.put(count.database(), next);
            }
        }
    }

    private CounterLedger ledger(String database) {
        CounterLedger known = state.counters.get(database);
        return known == null ? CounterLedger.unread(database) : known;
    }

    /** Keeps a report until samples of its time were seen. */
    void report(LogEvent event) {
        String key = "%020d/%d/%d".formatted(event.timestamp(), event.pid(), event.line());
        state.reports.put(key, event);
    }

    /** Takes in the reports for which it is time, before ends of waits are settled. */
    void reports(Episodes out) {
        for (String key : List.copyOf(state.reports.keys())) {
            LogEvent report = state.reports.get(key);
            if (report != null && isDue(report)) {
                state.reports.remove(key);
                reported(report, out);
            }
        }
    }

    /** Judges what can be judged by now, after ends of waits were settled. */
    void settle(List<OpenWait> settled, Episodes out) {
        settled.forEach(this::ended);
        List<OpenDeadlock> undecided =
                state.deadlocks.values().stream()
                        .filter(OpenDeadlock::undecided)
                        .sorted(
                                Comparator.comparingLong(OpenDeadlock::endMicros)
                                        .thenComparing(OpenDeadlock::key))
                        .toList();
        undecided.forEach(deadlock -> judge(deadlock, out));
        for (OpenDeadlock deadlock : List.copyOf(state.deadlocks.values())) {
            if (deadlock.provisional() && evidence.wasSilent(deadlock.endMicros() + SECOND)) {
                revoke(deadlock, out);
            }
        }
        if (!evidence.isClosing()) {
            long grace = EpisodeSettings.micros(settings.counterGrace());
            setOff(now() - grace, out);
        }
        prune();
    }

    /** Why a cycle ended: a member did not get its lock. */
    private void ended(OpenWait wait) {
        String how = wait.row().resolution();
        if (!wait.row().deadlock()
                || how.isEmpty()
                || how.equals(WaitTracker.COMPLETED)
                || how.equals(WaitTracker.DEADLOCK)) {
            return;
        }
        for (OpenDeadlock deadlock : List.copyOf(state.deadlocks.values())) {
            if (deadlock.how().isEmpty() && deadlock.waits().contains(wait.key())) {
                state.deadlocks.put(
                        deadlock.key(),
                        deadlock.because(how, wait.row().waitEndMicros(), evidence.logReadable()));
            }
        }
    }

    private boolean isDue(LogEvent report) {
        long at = report.timestamp() * MILLI + MILLI;
        TargetTime time = state.time();
        return time.lockMicros() >= at
                || evidence.isClosing()
                || time.isAhead(at)
                || time.newestMicros() >= at + EpisodeSettings.micros(settings.settle());
    }

    private void reported(LogEvent report, Episodes out) {
        long at = report.timestamp() * MILLI;
        OpenDeadlock sampled = sampled(report, at);
        OpenDeadlock claimed = sampled == null ? counter(report.database(), at) : null;
        if (sampled != null) {
            boolean counted = sampled.counted();
            DeadlockEvent row =
                    DeadlockRows.reported(sampled.row(), report, this::wait, at(sampled));
            put(sampled.decided(row, true, true));
            out.deadlock(row);
            if (!counted) {
                known(report.database(), at);
            }
        } else if (claimed != null && claimed.row().count() == 1) {
            DeadlockEvent row =
                    DeadlockRows.reported(claimed.row(), report, this::wait, at(claimed));
            put(claimed.decided(row, true, true));
            out.deadlock(row);
        } else {
            if (claimed != null) {
                DeadlockEvent fewer =
                        DeadlockRows.counted(claimed.row(), claimed.row().count() - 1, at(claimed));
                put(claimed.decided(fewer, false, true));
                out.deadlock(fewer);
            } else {
                known(report.database(), at);
            }
            DeadlockEvent row = DeadlockRows.logged(target, report, this::wait, now());
            put(
                    new OpenDeadlock(
                            row, true, List.of(), List.of(), at, "", true, true, true, false,
                            true));
            out.deadlock(row);
        }
    }

    private @Nullable OpenWait wait(int pid) {
        OpenWait lasting = waits.ofProcess(pid);
        return lasting != null ? lasting : waits.latestOf(pid);
    }

    private void known(String database, long at) {
        state.counters.put(database, ledger(database).known(at));
    }

    /** The cycle in samples that a report speaks of: its victim waits in it. */
    private @Nullable OpenDeadlock sampled(LogEvent report, long at) {
        OpenDeadlock best = null;
        for (OpenDeadlock deadlock : state.deadlocks.values()) {
            if (!deadlock.reported()
                    && !deadlock.waits().isEmpty()
                    && deadlock.row().deadlockAtMicros() <= at + MILLI
                    && (deadlock.endMicros() == 0 || at <= deadlock.endMicros() + SECOND)
                    && DeadlockRows.hasVictim(deadlock.row(), report)
                    && (best == null
                            || deadlock.row().deadlockAtMicros() > best.row().deadlockAtMicros())) {
                best = deadlock;
            }
        }
        return best;
    }

    /** What was told of the counter alone and may have been this. */
    private @Nullable OpenDeadlock counter(String database, long at) {
        for (OpenDeadlock deadlock : state.deadlocks.values()) {
            if (deadlock.row().source().equals(DeadlockRows.COUNTER)
                    && deadlock.row().database().equals(database)
                    && at <= deadlock.row().deadlockAtMicros() + SECOND) {
                return deadlock;
            }
        }
        return null;
    }

    private void judge(OpenDeadlock deadlock, Episodes out) {
        long end = deadlock.endMicros();
        if (evidence.wasSilent(end)) {
            near(deadlock, out);
            return;
        }
        if (!evidence.settled(end)) {
            return;
        }
        boolean soft = !deadlock.hard();
        CounterLedger ledger = surplus(deadlock);
        if (ledger != null) {
            counterTells(deadlock, ledger, out);
        } else if (soft || isHopeless(deadlock)) {
            near(deadlock, out);
        }
    }

    /** Whether the counter will not tell, or has had time enough. */
    private boolean isHopeless(OpenDeadlock deadlock) {
        boolean asked = deadlock.databases().stream().anyMatch(each -> ledger(each).count() >= 0);
        return !asked
                || evidence.isClosing()
                || state.time().newestMicros()
                        >= deadlock.endMicros() + EpisodeSettings.micros(settings.counterHold());
    }

    private @Nullable CounterLedger surplus(OpenDeadlock deadlock) {
        for (String database : deadlock.databases()) {
            CounterLedger ledger = ledger(database);
            if (!ledger.surplus().isEmpty()) {
                return ledger;
            }
        }
        return null;
    }

    private void counterTells(OpenDeadlock deadlock, CounterLedger ledger, Episodes out) {
        state.counters.put(ledger.database(), ledger.taken(1));
        DeadlockEvent row = DeadlockRows.byCounter(deadlock.row(), ledger.database(), at(deadlock));
        put(deadlock.decidedByCounter(row, !evidence.logCovers(deadlock.endMicros())));
        out.deadlock(row);
    }

    /** The log was read at last and does not tell of a cycle: the counter meant something else. */
    private void revoke(OpenDeadlock deadlock, Episodes out) {
        DeadlockEvent row = DeadlockRows.nearMiss(deadlock.row(), deadlock.how(), at(deadlock));
        CounterLedger ledger = ledger(deadlock.row().database());
        put(deadlock.revoked(row));
        out.deadlock(row);
        state.counters.put(ledger.database(), ledger.returned(deadlock.endMicros()));
    }

    private void near(OpenDeadlock deadlock, Episodes out) {
        if (!deadlock.hard()) {
            remove(deadlock);
            return;
        }
        DeadlockEvent row = DeadlockRows.nearMiss(deadlock.row(), deadlock.how(), at(deadlock));
        put(deadlock.decided(row, false, false));
        out.deadlock(row);
    }

    private void setOff(long countedBefore, Episodes out) {
        for (CounterLedger ledger : List.copyOf(state.counters.values())) {
            setOff(ledger, countedBefore, out);
        }
    }

    /** What the server counted and nobody knows, when nobody will tell of it any more. */
    private void setOff(CounterLedger ledger, long countedBefore, Episodes out) {
        if (ledger.surplus().isEmpty()) {
            return;
        }
        long due = 0;
        long at = 0;
        for (CounterLedger.Surplus surplus : ledger.surplus()) {
            boolean covered = !evidence.logReadable() || evidence.logCovers(surplus.atMicros());
            if (surplus.atMicros() <= countedBefore && covered) {
                due += surplus.count();
                at = surplus.atMicros();
            }
        }
        CounterLedger left = ledger;
        for (OpenDeadlock near : due == 0 ? List.<OpenDeadlock>of() : doubtful(ledger, at)) {
            if (due > 0) {
                due--;
                counterTells(near, left, out);
                left = ledger(ledger.database());
            }
        }
        if (due > 0) {
            state.counters.put(ledger.database(), left.taken(due));
            DeadlockEvent row =
                    DeadlockRows.counter(target, ledger.database(), (int) due, at, now());
            put(
                    new OpenDeadlock(
                            row,
                            true,
                            List.of(),
                            List.of(ledger.database()),
                            at,
                            "",
                            true,
                            true,
                            false,
                            false,
                            true));
            out.deadlock(row);
        }
    }

    /** Cycles that ended before a reading of the counter, with nothing that tells why. */
    private List<OpenDeadlock> doubtful(CounterLedger ledger, long at) {
        Stream<OpenDeadlock> near =
                state.deadlocks.values().stream()
                        .filter(each -> !each.counted() && each.hard() && each.endMicros() != 0)
                        .filter(each -> each.databases().contains(ledger.database()))
                        .filter(each -> each.endMicros() <= at + SECOND)
                        .filter(each -> !each.explained());
        return near.sorted(Comparator.comparingLong(OpenDeadlock::endMicros)).toList();
    }

    boolean hasUndecided() {
        return !state.reports.isEmpty()
                || state.deadlocks.values().stream().anyMatch(OpenDeadlock::undecided)
                || state.counters.values().stream().anyMatch(each -> !each.surplus().isEmpty());
    }

    private void prune() {
        long now = state.time().newestMicros();
        boolean many = state.deadlocks.size() > MOST_KEPT;
        for (OpenDeadlock deadlock : List.copyOf(state.deadlocks.values())) {
            long kept = deadlock.reported() || many ? KEPT : KEPT_UNREPORTED;
            if (deadlock.decided() && now > deadlock.row().observedAtMicros() + kept) {
                remove(deadlock);
            }
        }
    }

    /** Ends everything, for nobody has looked since. */
    void close(Episodes out) {
        for (OpenDeadlock deadlock : List.copyOf(state.deadlocks.values())) {
            if (!deadlock.decided() && deadlock.hard()) {
                near(deadlock.endMicros() == 0 ? lost(deadlock) : deadlock, out);
            }
        }
    }

    /** Tells what was counted and is not known, and forgets all. */
    void forget(Episodes out) {
        evidence.closing(true);
        setOff(Long.MAX_VALUE, out);
        evidence.closing(false);
        clear();
        for (String database : List.copyOf(state.counters.keys())) {
            state.counters.remove(database);
        }
    }

    /** Forgets all but the counters, which go on under another clock. */
    void setBack(long to) {
        clear();
        for (CounterLedger ledger : List.copyOf(state.counters.values())) {
            state.counters.put(ledger.database(), ledger.setBack(to));
        }
    }

    private void clear() {
        for (OpenDeadlock deadlock : List.copyOf(state.deadlocks.values())) {
            remove(deadlock);
        }
    }

    /** A cycle that stood when it was last seen, and nobody knows for how long. */
    private OpenDeadlock lost(OpenDeadlock deadlock) {
        long seen = state.time().lookMicros();
        return deadlock.ended(seen, seen);
    }

    private void put(OpenDeadlock deadlock) {
        state.deadlocks.put(deadlock.key(), deadlock);
        if (deadlock.hard()) {
            deadlock.waits().forEach(evidence::deadlocked);
        }
    }

    private void remove(OpenDeadlock deadlock) {
        state.deadlocks.remove(deadlock.key());
        deadlock.waits().forEach(evidence::noLongerDeadlocked);
    }

    private long now() {
        return state.time().newestMicros();
    }

    /** The time of the next row of a deadlock. */
    private long at(OpenDeadlock deadlock) {
        return Math.max(now(), deadlock.row().observedAtMicros() + 1);
    }
}
