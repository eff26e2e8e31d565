package io.onevault.jobs.locks.incident;

import java.util.List;

/**
 * A deadlock that stands, waits to be judged, or was judged not long ago. Times are the server's
 * clock in microseconds since the epoch.
 *
 * @param row as it was told last, or would be
 * @param hard whether it was told; a cycle through a wait queue is not, unless the server ends it
 * @param waits keys of its members' waits in samples
 * @param databases of its members
 * @param endMicros the first look in which it did not stand, 0 before
 * @param how why it ended, as {@link LockWait#resolution} of a member; empty when not known
 * @param explained whether the log said so
 * @param decided whether it is known what it was
 * @param reported whether the log told of it
 * @param provisional whether the counter decided before the log was read so far
 * @param counted whether it was set off against the server's counter
 */
public record OpenDeadlock(
        DeadlockEvent row,
        boolean hard,
        List<String> waits,
        List<String> databases,
        long endMicros,
        String how,
        boolean explained,
        boolean decided,
        boolean reported,
        boolean provisional,
        boolean counted) {

    String key() {
        return row.key();
    }

    boolean stands() {
        return endMicros == 0 && !decided;
    }

    /** Whether it is over and what it was is not known. */
    boolean undecided() {
        return endMicros != 0 && !decided;
    }

    /**
     * @param broken when it stood no more, as far as is known
     * @param look the first look in which it did not
     */
    OpenDeadlock ended(long broken, long look) {
        return new OpenDeadlock(
                DeadlockRows.ended(row, broken),
                hard,
                waits,
                databases,
                look,
                how,
                explained,
                decided,
                reported,
                provisional,
                counted);
    }

    OpenDeadlock decided(DeadlockEvent as, boolean byLog, boolean inCounter) {
        return new OpenDeadlock(
                as,
                true,
                waits,
                databases,
                endMicros,
                how,
                explained,
                true,
                reported || byLog,
                false,
                counted || inCounter);
    }

    OpenDeadlock decidedByCounter(DeadlockEvent as, boolean untilLogIsRead) {
        return new OpenDeadlock(
                as,
                true,
                waits,
                databases,
                endMicros,
                how,
                explained,
                true,
                false,
                untilLogIsRead,
                true);
    }

    OpenDeadlock revoked(DeadlockEvent as) {
        return new OpenDeadlock(
                as, true, waits, databases, endMicros, how, explained, true, false, false, false);
    }

    OpenDeadlock shown(DeadlockEvent as, List<String> sampledWaits, List<String> where) {
        return new OpenDeadlock(
                as,
                true,
                sampledWaits,
                where,
                endMicros,
                how,
                explained,
                decided,
                reported,
                provisional,
                counted);
    }

    OpenDeadlock because(String resolution, long broken, boolean byLog) {
        return new OpenDeadlock(
                decided ? row : DeadlockRows.ended(row, broken),
                hard,
                waits,
                databases,
                endMicros,
                resolution,
                byLog,
                decided,
                reported,
                provisional,
                counted);
    }

    boolean sharesWait(List<String> others) {
        for (String other : others) {
            if (waits.contains(other)) {
                return true;
            }
        }
        return false;
    }
}
