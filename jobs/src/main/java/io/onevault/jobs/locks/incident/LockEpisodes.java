package io.onevault.jobs.locks.incident;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.LogEvent;
import io.onevault.connectors.model.LogObservation;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Turns looks at one target's lock table and lines of its log into episodes: waits, incidents and
 * deadlocks that open, change and close. Each stream is heard in its order; which of the two comes
 * first does not matter for what is found. Not thread-safe.
 *
 * <p>After a gap, one that somebody tells of or seconds without a look, what was open is closed if
 * the first look after it does not show it any more, with the last look that did as its end, unless
 * the log knows better. How it ended is then said only where the log or the session tells. That a
 * session is gone tells nothing by itself: without a log nobody knows whether it was terminated.
 */
public final class LockEpisodes {

    /** A clock that differs so much was set. */
    static final long STEP = TimeUnit.SECONDS.toMicros(5);

    /** The sampler remembers for no longer whom it saw waiting; between looks it takes a second. */
    private static final long LONGEST_LAPSE = TimeUnit.SECONDS.toMicros(3);

    private static final long MILLI = 1000;

    private final String target;
    private final EpisodeState state;
    private final EpisodeSettings settings;
    private final Evidence evidence;
    private final WaitTracker waits;
    private final IncidentTracker incidents;
    private final DeadlockTracker deadlocks;

    /**
     * @param state of the target, which is changed
     */
    public LockEpisodes(String target, EpisodeSettings settings, EpisodeState state) {
        this.target = target;
        this.state = state;
        this.settings = settings;
        evidence = new Evidence(state, settings);
        waits = new WaitTracker(target, state, evidence);
        incidents = new IncidentTracker(target, state, waits, evidence);
        deadlocks = new DeadlockTracker(target, state, settings, evidence, waits);
    }

    /** Takes in a look, or the news that nobody looked. */
    public void observe(LockObservation observation, Episodes out) {
        CollectionGap gap = observation.gap();
        if (gap != null) {
            // One of no length only says what is hidden.
            if (!gap.reason().equals("PRIVILEGE") || gap.from() < gap.to()) {
                state.time(state.time().blind(observation.timestamp() * MILLI));
            }
            settle(out);
            return;
        }
        LockSnapshot snapshot = observation.snapshot();
        long captured =
                snapshot == null ? observation.timestamp() * MILLI : snapshot.capturedAtMicros();
        boolean step = captured < state.time().lookMicros() - STEP;
        if (step) {
            setBack(captured, out);
        }
        // Looks come in order; a clock that was set back a little does not undo what was seen.
        long at = Math.max(captured, state.time().lookMicros() + 1);
        if (at > state.time().lookMicros() + LONGEST_LAPSE) {
            // The job was held up, and newer looks replaced those that it did not take.
            state.time(state.time().blind(state.time().lookMicros()));
        }
        Look look = new Look(target, snapshot, at, step);
        waits.look(look);
        incidents.look(look, out);
        deadlocks.look(look, out);
        waits.tell(look, out);
        deadlocks.counted(observation.deadlocks(), at);
        state.time(state.time().looked(at));
        settle(out);
    }

    /** Takes in a line of the log, or how far it was read. */
    public void observe(LogObservation observation, Episodes out) {
        CollectionGap gap = observation.gap();
        LogEvent event = observation.event();
        boolean failed = gap != null && gap.from() == gap.to();
        if (gap != null && failed && gap.reason().equals("UNREACHABLE")) {
            // The connection is opened again, and what was logged meanwhile is read then: of a
            // server that restarts the locks may be looked at first.
            return;
        }
        if (gap != null && !failed) {
            // What else is read stands behind it.
            state.time(state.time().logLost(gap.to() * MILLI));
            return;
        }
        long until = failed ? 0 : observation.timestamp() * MILLI;
        state.time(state.time().logRead(until, failed));
        if (event != null) {
            evidence.log(event, waits.ofProcess(event.pid()));
        }
        if (event == null) {
            settle(out);
        } else if (event.kind().equals("DEADLOCK")) {
            deadlocks.report(event);
            settle(out);
        } else {
            // What else it makes certain is told with the next look, or when the log is read up.
            settled(waits.settle(event.pid(), out), out);
        }
    }

    /** Says that this time has come, for streams that have fallen silent. */
    public void advance(long micros, Episodes out) {
        state.time(state.time().passed(micros));
        settle(out);
    }

    private void settle(Episodes out) {
        deadlocks.reports(out);
        settled(waits.settle(out), out);
        evidence.prune(this::isAwaited);
    }

    /** Whether the end of a process, of all of them for 0, may still be told of something. */
    private boolean isAwaited(int pid) {
        return pid == 0
                ? waits.hasPending() || incidents.hasEnded()
                : waits.hasPending(pid) || incidents.hasEnded(pid);
    }

    private void settled(List<OpenWait> ended, Episodes out) {
        incidents.settle(ended, out);
        deadlocks.settle(ended, out);
    }

    /** Whether something waits to be settled, for which time has to pass. */
    public boolean isUnsettled() {
        return waits.hasPending() || incidents.hasEnded() || deadlocks.hasUndecided();
    }

    /** Closes everything and forgets the target. */
    public void forget(Episodes out) {
        close(out);
        deadlocks.forget(out);
        evidence.forget();
        state.time(TargetTime.NEVER);
    }

    /**
     * Ends what is open as if nobody had looked since, for no time after this compares with one
     * before; what still lasts begins anew, now and under other keys: rows of its old ones would be
     * older than the one that closes them.
     */
    private void setBack(long to, Episodes out) {
        close(out);
        deadlocks.setBack(to);
        evidence.setBack(to);
        state.time(state.time().setBack(to));
    }

    private void close(Episodes out) {
        waits.forget();
        incidents.forget();
        evidence.closing(true);
        settle(out);
        deadlocks.close(out);
        evidence.closing(false);
    }
}
