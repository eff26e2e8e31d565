package io.onevault.jobs.locks.incident;

/**
 * An incident that is not closed. Times are the server's clock in microseconds since the epoch.
 *
 * @param row as it was told last, but with the present root and all tables so far
 * @param root who blocks: process and its start, or the name of a prepared transaction
 * @param roots how many have been, told or not
 * @param peakDepth so far
 * @param peakVictims so far
 * @param leftMicros sum of the times that those who are no victims any more were
 * @param longestMicros longest wait of a victim that ended
 * @param endMicros the look that showed no victim any more, 0 before
 * @param lastSeenMicros the last look that showed one, 0 before
 * @param rootUnseen whether the root's session was not seen any more then
 * @param releasedMicros the latest end of a victim's wait that got its lock, 0 for none
 * @param lastEndMicros the latest end of a victim's wait, or the look that showed one behind others
 *     alone; 0 for none
 * @param lastResolution how that one ended, empty when it waits on
 */
public record OpenIncident(
        BlockingIncident row,
        String root,
        int roots,
        int peakDepth,
        int peakVictims,
        long leftMicros,
        long longestMicros,
        long endMicros,
        long lastSeenMicros,
        boolean rootUnseen,
        long releasedMicros,
        long lastEndMicros,
        String lastResolution) {

    String key() {
        return row.key();
    }

    boolean lasts() {
        return endMicros == 0;
    }

    /**
     * @param present what was told last, with the present root
     */
    OpenIncident seen(BlockingIncident present, String by, int depth, int victims) {
        return new OpenIncident(
                present,
                by,
                by.equals(root) ? roots : roots + 1,
                Math.max(peakDepth, depth),
                Math.max(peakVictims, victims),
                leftMicros,
                longestMicros,
                0,
                0,
                false,
                releasedMicros,
                lastEndMicros,
                lastResolution);
    }

    OpenIncident told(BlockingIncident next) {
        return new OpenIncident(
                next,
                root,
                roots,
                peakDepth,
                peakVictims,
                leftMicros,
                longestMicros,
                endMicros,
                lastSeenMicros,
                rootUnseen,
                releasedMicros,
                lastEndMicros,
                lastResolution);
    }

    /** Without a victim whose wait, or part in this, was over after so long. */
    OpenIncident left(long micros) {
        return left(micros, lastEndMicros, lastResolution);
    }

    /**
     * Without a victim that waits behind others alone from a time on.
     *
     * @param micros for how long it was one
     */
    OpenIncident passedOn(long micros, long at) {
        return left(micros, Math.max(at, lastEndMicros), at >= lastEndMicros ? "" : lastResolution);
    }

    private OpenIncident left(long micros, long lastEnd, String resolution) {
        return new OpenIncident(
                row,
                root,
                roots,
                peakDepth,
                peakVictims,
                leftMicros + Math.max(0, micros),
                longestMicros,
                endMicros,
                lastSeenMicros,
                rootUnseen,
                releasedMicros,
                lastEnd,
                resolution);
    }

    OpenIncident victimEnded(LockWait victim) {
        boolean released = victim.resolution().equals(WaitTracker.COMPLETED);
        boolean last = victim.waitEndMicros() >= lastEndMicros;
        return new OpenIncident(
                row,
                root,
                roots,
                peakDepth,
                peakVictims,
                leftMicros,
                Math.max(longestMicros, victim.waitEndMicros() - victim.waitStartMicros()),
                endMicros,
                lastSeenMicros,
                rootUnseen,
                released ? Math.max(releasedMicros, victim.waitEndMicros()) : releasedMicros,
                Math.max(lastEndMicros, victim.waitEndMicros()),
                last ? victim.resolution() : lastResolution);
    }

    /**
     * @param look the first look without a victim
     * @param lastSeen the one before
     */
    OpenIncident ended(long look, long lastSeen, boolean unseen) {
        return new OpenIncident(
                row,
                root,
                roots,
                peakDepth,
                peakVictims,
                leftMicros,
                longestMicros,
                look,
                lastSeen,
                unseen,
                releasedMicros,
                lastEndMicros,
                lastResolution);
    }
}
