package io.onevault.jobs.locks.incident;

import java.util.ArrayList;
import java.util.List;

/**
 * A wait that has no end yet, or one whose end is not settled. Times are the server's clock in
 * microseconds since the epoch.
 *
 * @param row as it was told last
 * @param lock what is locked, to know it again
 * @param queryStartMicros when the waiting statement began
 * @param estimated whether the server had not yet said when the wait began, or said it by a clock
 *     that was set back since
 * @param statedMicros what it said by that clock; else 0
 * @param leader the process whose lock group waits, mostly its own
 * @param nextTellMicros when it is told again though nothing changed
 * @param endMicros the latest it can have ended, 0 while it lasts
 * @param missingMicros the first look that did not show it, 0 while it lasts
 * @param lastSignMicros the latest that the log can have told of its end, 0 while it lasts
 * @param guess how it ended as far as sessions tell; empty when they do not
 * @param memberships the incidents it belongs to
 */
public record OpenWait(
        LockWait row,
        String lock,
        long queryStartMicros,
        boolean estimated,
        long statedMicros,
        int leader,
        long nextTellMicros,
        long endMicros,
        long missingMicros,
        long lastSignMicros,
        String guess,
        List<Membership> memberships) {

    /**
     * The time a wait is part of an incident.
     *
     * @param incident its key
     * @param sinceMicros since when
     */
    public record Membership(String incident, long sinceMicros) {}

    String key() {
        return row.key();
    }

    boolean lasts() {
        return missingMicros == 0;
    }

    OpenWait told(LockWait next, long nextTell) {
        return new OpenWait(
                next,
                lock,
                queryStartMicros,
                estimated,
                statedMicros,
                leader,
                nextTell,
                endMicros,
                missingMicros,
                lastSignMicros,
                guess,
                memberships);
    }

    OpenWait began(long waitStart) {
        LockWait known = Rows.started(row, waitStart);
        return new OpenWait(
                known,
                lock,
                queryStartMicros,
                false,
                0,
                leader,
                nextTellMicros,
                endMicros,
                missingMicros,
                lastSignMicros,
                guess,
                memberships);
    }

    OpenWait missing(long end, long look, long lastSign, String how) {
        return new OpenWait(
                row,
                lock,
                queryStartMicros,
                estimated,
                statedMicros,
                leader,
                nextTellMicros,
                end,
                look,
                lastSign,
                how,
                memberships);
    }

    OpenWait in(List<Membership> incidents) {
        return new OpenWait(
                row,
                lock,
                queryStartMicros,
                estimated,
                statedMicros,
                leader,
                nextTellMicros,
                endMicros,
                missingMicros,
                lastSignMicros,
                guess,
                List.copyOf(incidents));
    }

    OpenWait joined(String incident, long since) {
        List<Membership> all = new ArrayList<>(memberships);
        all.add(new Membership(incident, since));
        return in(all);
    }

    boolean isIn(String incident) {
        for (Membership membership : memberships) {
            if (membership.incident().equals(incident)) {
                return true;
            }
        }
        return false;
    }
}
