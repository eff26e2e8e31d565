package io.onevault.connectors.model;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One look at who waits for locks on a server: the whole lock table when somebody waits or may be
 * about to, otherwise only that nobody does. Nothing was seen between two looks; where that matters
 * a gap says so.
 *
 * @param target the configured name of the watched server
 * @param timestamp the watched server's clock, estimated from earlier looks while it is away;
 *     milliseconds since the epoch
 * @param waiters how many processes wait for a lock; 0 without a snapshot
 * @param snapshot the lock table; null with a gap, and when nobody waits and no dangerous lock is
 *     held
 * @param gap the time nobody looked, or null; with reason {@code PRIVILEGE} and no length it says
 *     what the following looks cannot show
 * @param deadlocks what the server has counted so far, of all databases, at this look or shortly
 *     before; empty when it was not asked
 */
public record LockObservation(
        String target,
        long timestamp,
        int waiters,
        @Nullable LockSnapshot snapshot,
        @Nullable CollectionGap gap,
        List<DeadlockCount> deadlocks) {

    /** A look that did not ask for counters. */
    public LockObservation(
            String target,
            long timestamp,
            int waiters,
            @Nullable LockSnapshot snapshot,
            @Nullable CollectionGap gap) {
        this(target, timestamp, waiters, snapshot, gap, List.of());
    }

    /** The same look with counters. */
    public LockObservation withDeadlocks(List<DeadlockCount> counted) {
        return new LockObservation(target, timestamp, waiters, snapshot, gap, counted);
    }
}
