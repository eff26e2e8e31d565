package io.onevault.jobs.locks.incident;

import io.onevault.connectors.model.LogEvent;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/** What is known of how waits and blockers ended, above all from the server's log. */
final class Evidence {

    private static final long MILLI = 1000;
    private static final long KEPT = TimeUnit.SECONDS.toMicros(15);
    private static final int MOST = 4_000;

    private final EpisodeState state;
    private final long logDelay;
    private final long settle;
    private final long logSilence;

    /** Keys of waits that went on for sure; asked for in the same breath. */
    private final Set<String> completed = new HashSet<>();

    /** Whether all that is open is closed now, as far as it is known. */
    private boolean closing;

    /** Keys of waits that are, or were, part of a deadlock. */
    private final Set<String> deadlocked = new HashSet<>();

    Evidence(EpisodeState state, EpisodeSettings settings) {
        this.state = state;
        logDelay = EpisodeSettings.micros(settings.logDelay());
        settle = EpisodeSettings.micros(settings.settle());
        logSilence = EpisodeSettings.micros(settings.logSilence());
    }

    /** How something ended. */
    record End(long atMicros, String resolution) {}

    /** Keeps what a line of the log tells, unless it tells nothing of an end. */
    void log(LogEvent event, @Nullable OpenWait present) {
        String resolution = resolution(event);
        if (resolution.isEmpty()) {
            return;
        }
        boolean server = isServers(event);
        int pid = server ? 0 : event.pid();
        LogEnding known = state.endings.get(pid);
        long at = event.timestamp() * MILLI;
        if (known != null && keeps(known, at, present)) {
            return;
        }
        long session = server ? 0 : event.sessionStart();
        state.endings.put(pid, new LogEnding(pid, session, at, resolution));
    }

    private boolean keeps(LogEnding known, long at, @Nullable OpenWait present) {
        if (state.time().isAhead(known.atMicros())) {
            return false;
        }
        if (known.pid() == 0) {
            return at - known.atMicros() < TimeUnit.MINUTES.toMicros(1);
        }
        return present != null
                && known.ends(
                        present.row().backendStartMicros(),
                        present.row().waitStartMicros(),
                        Long.MAX_VALUE);
    }

    private static boolean isServers(LogEvent event) {
        return switch (event.kind()) {
            case "SERVER_START", "SERVER_STOP", "CRASH", "RECOVERY" -> true;
            default -> false;
        };
    }

    private static String resolution(LogEvent event) {
        return switch (event.kind()) {
            case "DEADLOCK" -> WaitTracker.DEADLOCK;
            case "LOCK_TIMEOUT" -> WaitTracker.TIMEOUT;
            case "TERMINATED", "CRASH", "SERVER_START", "RECOVERY" -> WaitTracker.TERMINATED;
            case "LOCK_ACQUIRED" -> WaitTracker.COMPLETED;
            case "SERVER_STOP" ->
                    "smart".equals(event.attributes().get("mode")) ? "" : WaitTracker.TERMINATED;
            // Both have one code; the server tells them apart in words, in its own language.
            case "CANCELLED" ->
                    event.message().toLowerCase(Locale.ROOT).contains("timeout")
                            ? WaitTracker.TIMEOUT
                            : WaitTracker.CANCELLED;
            default -> "";
        };
    }

    /** While this holds nothing is waited for, and silence says nothing. */
    void closing(boolean now) {
        closing = now;
    }

    boolean isClosing() {
        return closing;
    }

    /** Whether the log is read these days. */
    boolean logReadable() {
        TargetTime time = state.time();
        return !closing && isLogRead() && time.newestMicros() - time.logMicros() <= logSilence;
    }

    /** Whether the log was read so far that it would tell of something at this time. */
    boolean logCovers(long micros) {
        return state.time().logMicros() >= micros + logDelay;
    }

    /** Whether the log would have told by now of what went wrong at this time. */
    boolean wasSilent(long micros) {
        return logReadable() && logCovers(micros) && micros > state.time().logLostMicros();
    }

    /** Whether there is a log, though after a restart it may have to be caught up with. */
    private boolean isLogRead() {
        return state.time().logMicros() > 0 && !state.time().logClosed();
    }

    /** Whether nothing more is to be waited for. */
    boolean settled(long micros) {
        return closing
                || !isLogRead()
                || logCovers(micros)
                || state.time().lockMicros() >= micros + settle;
    }

    /** The latest that the log may tell of what a look shows to be over. */
    long lastSign(long look) {
        return look + logDelay;
    }

    /** How a wait that is not seen any more ended; null when that may still become known. */
    @Nullable End endOf(OpenWait wait) {
        LockWait row = wait.row();
        boolean sure = completed.remove(wait.key());
        LogEnding told = ending(row.pid(), row.backendStartMicros(), row.waitStartMicros());
        if (told != null
                && told.atMicros() <= wait.lastSignMicros()
                && (!sure || told.resolution().equals(WaitTracker.COMPLETED))) {
            boolean inside = told.atMicros() <= wait.missingMicros();
            return new End(inside ? told.atMicros() : wait.endMicros(), told.resolution());
        }
        if (sure) {
            return new End(wait.endMicros(), WaitTracker.COMPLETED);
        }
        if (!settled(wait.missingMicros())) {
            return null;
        }
        // The log would have told of anything but success.
        boolean well = wasSilent(wait.missingMicros()) && wait.guess().isEmpty();
        return new End(wait.endMicros(), well ? WaitTracker.COMPLETED : wait.guess());
    }

    /** What the log told last of a process since a time; null for nothing. */
    @Nullable LogEnding ending(int pid, long backendStart, long since) {
        LogEnding own = state.endings.get(pid);
        if (pid != 0 && own != null && own.ends(backendStart, since, Long.MAX_VALUE)) {
            return own;
        }
        LogEnding all = state.endings.get(0);
        return all != null && all.ends(backendStart, since, Long.MAX_VALUE) ? all : null;
    }

    void completed(String wait) {
        completed.add(wait);
    }

    void deadlocked(String wait) {
        deadlocked.add(wait);
    }

    void noLongerDeadlocked(String wait) {
        deadlocked.remove(wait);
    }

    boolean isDeadlocked(String wait) {
        return deadlocked.contains(wait);
    }

    /**
     * Forgets what is too old to matter. After a restart the log is behind the looks, and what it
     * tells is old at once.
     *
     * @param awaited whether something whose end is not settled may be about a process
     */
    void prune(IntPredicate awaited) {
        if (state.endings.isEmpty()) {
            return;
        }
        long oldest = state.time().lookMicros() - KEPT;
        boolean many = state.endings.size() > MOST;
        long newest = state.time().newestMicros() - KEPT;
        for (LogEnding ending : List.copyOf(state.endings.values())) {
            boolean old = ending.atMicros() < oldest || many && ending.atMicros() < newest;
            if (state.time().isAhead(ending.atMicros()) || old && !awaited.test(ending.pid())) {
                state.endings.remove(ending.pid());
            }
        }
    }

    /** Forgets what the log told under the clock of before. */
    void setBack(long to) {
        for (LogEnding ending : List.copyOf(state.endings.values())) {
            if (ending.atMicros() > to + LockEpisodes.STEP) {
                state.endings.remove(ending.pid());
            }
        }
    }

    void forget() {
        for (Integer pid : List.copyOf(state.endings.keys())) {
            state.endings.remove(pid);
        }
    }
}
