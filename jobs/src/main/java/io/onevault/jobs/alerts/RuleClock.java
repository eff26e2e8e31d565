package io.onevault.jobs.alerts;

/**
 * How far the feed of rules has come.
 *
 * @param version of the last update; updates have strictly growing versions
 * @param position the greatest place in the log of a change that was heard of
 * @param commitTime of the last transaction heard of, milliseconds since the epoch
 * @param snapshot the last snapshot that was begun
 * @param snapshotOpen whether it is not complete yet
 */
public record RuleClock(
        long version, long position, long commitTime, long snapshot, boolean snapshotOpen) {

    static final RuleClock START = new RuleClock(0, 0, 0, 0, false);

    RuleClock heardOf(long newPosition, long newCommitTime) {
        return new RuleClock(
                version,
                Math.max(position, newPosition),
                Math.max(commitTime, newCommitTime),
                snapshot,
                snapshotOpen);
    }

    RuleClock at(long newVersion) {
        return new RuleClock(newVersion, position, commitTime, snapshot, snapshotOpen);
    }

    RuleClock inSnapshot(long newSnapshot, boolean open) {
        return new RuleClock(version, position, commitTime, newSnapshot, open);
    }

    /**
     * The next update's version: the log position, so that it can be compared with the server's,
     * unless the last update had that already.
     */
    long nextVersion() {
        return Math.max(version + 1, position);
    }
}
