package io.onevault.jobs.locks.incident;

/**
 * An incident that is not closed. Times are the server's clock in microseconds since the epoch.
 *
 * @param row as it was told last
 * @param root who blocks: process and its start, or the name of a prepared transaction
 * @param peakDepth so far
 * @param peakVictims so far
 * @param leftMicros sum of the times that those who are no victims any more were
 * @param longestMicros longest wait of a victim that ended
 * @param nextTellMicros when it is told again though nothing changed
 * @param endMicros the look that showed no victim any more, 0 before
 * @param lastSeenMicros the last look that showed one
 * @param rootGone whether the root's session ended, as far as sessions tell
 * @param releasedMicros the latest end of a victim's wait that got its lock, 0 for none
 * @param lastEndMicros the latest end of a victim's wait, 0 for none
 * @param lastResolution how that one ended
 */
public record OpenIncident(
        BlockingIncident row,
        String root,
        int peakDepth,
        int peakVictims,
        long leftMicros,
        long longestMicros,
        long nextTellMicros,
        long endMicros,
        long lastSeenMicros,
        boolean rootGone,
        long releasedMicros,
        long lastEndMicros,
        String lastResolution) {

    String key() {
        return row.key();
    }

    boolean lasts() {
        return endMicros == 0;
    }

    OpenIncident seen(String by, int depth, int victims, long at) {
        return new OpenIncident(
                row,
                by,
                Math.max(peakDepth, depth),
                Math.max(peakVictims, victims),
                leftMicros,
                longestMicros,
                nextTellMicros,
                0,
                at,
                false,
                releasedMicros,
                lastEndMicros,
                lastResolution);
    }

    OpenIncident told(BlockingIncident next, long nextTell) {
        return new OpenIncident(
                next,
                root,
                peakDepth,
                peakVictims,
                leftMicros,
                longestMicros,
                nextTell,
                endMicros,
                lastSeenMicros,
                rootGone,
                releasedMicros,
                lastEndMicros,
                lastResolution);
    }

    OpenIncident left(long micros) {
        return new OpenIncident(
                row,
                root,
                peakDepth,
                peakVictims,
                leftMicros + Math.max(0, micros),
                longestMicros,
                nextTellMicros,
                endMicros,
                lastSeenMicros,
                rootGone,
                releasedMicros,
                lastEndMicros,
                lastResolution);
    }

    OpenIncident victimEnded(LockWait victim) {
        boolean released = victim.resolution().equals(WaitTracker.COMPLETED);
        boolean last = victim.waitEndMicros() >= lastEndMicros;
        return new OpenIncident(
                row,
                root,
                peakDepth,
                peakVictims,
                leftMicros,
                Math.max(longestMicros, victim.waitEndMicros() - victim.waitStartMicros()),
                nextTellMicros,
                endMicros,
                lastSeenMicros,
                rootGone,
                released ? Math.max(releasedMicros, victim.waitEndMicros()) : releasedMicros,
                Math.max(lastEndMicros, victim.waitEndMicros()),
                last ? victim.resolution() : lastResolution);
    }

    OpenIncident ended(long look, boolean gone) {
        return new OpenIncident(
                row,
                root,
                peakDepth,
                peakVictims,
                leftMicros,
                longestMicros,
                nextTellMicros,
                look,
                lastSeenMicros,
                gone,
                releasedMicros,
                lastEndMicros,
                lastResolution);
    }
}
