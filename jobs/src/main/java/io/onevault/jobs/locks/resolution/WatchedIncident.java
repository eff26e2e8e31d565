package io.onevault.jobs.locks.resolution;

import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.Victim;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * An open incident as it was told last, and what was decided on its root.
 *
 * @param incident with only those victims that wait for the root itself, at most {@value
 *     #MOST_VICTIMS}
 * @param history of its root
 * @param seenMillis processing time at which it was told
 * @param dueMillis processing time from which to look at it again, 0 for when it is told again
 */
public record WatchedIncident(
        BlockingIncident incident, RootHistory history, long seenMillis, long dueMillis) {

    static final int MOST_VICTIMS = 20;

    /** An open incident is told more often, unless nobody looks or a restart took long. */
    static final Duration FRESH = Duration.ofSeconds(30);

    /** As it is told now; to a root in another transaction nothing was done. */
    static WatchedIncident told(
            BlockingIncident incident, @Nullable WatchedIncident before, long nowMillis) {
        List<Victim> direct =
                incident.victims().stream()
                        .filter(victim -> victim.blockedBy() == incident.root().pid())
                        .sorted(Comparator.comparingLong(Victim::waitStartMicros))
                        .limit(MOST_VICTIMS)
                        .toList();
        RootHistory history =
                before == null
                        ? RootHistory.of(incident.root())
                        : before.history().next(incident.root());
        return new WatchedIncident(incident.listing(direct), history, nowMillis, 0);
    }

    /**
     * The watched server's clock, as far as it has gone on like ours since the incident was told.
     */
    long nowMicros(long nowMillis) {
        return incident.observedAtMicros()
                + TimeUnit.MILLISECONDS.toMicros(Math.max(0, nowMillis - seenMillis));
    }

    /** Whether it was told so lately that something may be decided on it. */
    boolean isFresh(long nowMillis) {
        return nowMillis - seenMillis <= FRESH.toMillis();
    }

    WatchedIncident due(long millis) {
        return new WatchedIncident(incident, history, seenMillis, millis);
    }

    WatchedIncident having(RootHistory next) {
        return new WatchedIncident(incident, next, seenMillis, dueMillis);
    }
}
