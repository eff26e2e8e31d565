package io.onevault.jobs.locks.incident;

import java.util.List;

/**
 * A root blocker and all who wait behind it, from the first victim to the last. When the root lets
 * go and another one takes its place before the same victims, it stays one incident. Times are the
 * watched server's clock in microseconds since the epoch.
 *
 * @param key {@code target/pid/backendStart/openedAt} of its first root; the hub's business key
 * @param target the configured name of the watched server
 * @param tenant business key of the one tenant it concerns, empty for none or several
 * @param tenants all it concerns, sorted
 * @param root the present root, in the last row the last one
 * @param roots how many roots it has had
 * @param rootSinceMicros the look that first showed the present root, same session and same
 *     transaction, in this incident's rows; what was before was another's doing
 * @param status {@code OPEN} or {@code CLOSED}
 * @param resolution how the root's blocking ended, as {@link LockWait#resolution}; empty while
 *     open, and when its victims went on to wait behind the root of another incident or nobody saw
 *     how it ended
 * @param openedAtMicros when the first victim began to wait
 * @param closedAtMicros when the last one did no more, 0 while open
 * @param observedAtMicros when this was seen; the row's load date
 * @param relations tables that were waited for so far, at most 20
 * @param lockModes awaited, sorted
 * @param depth locks between the root and who is farthest from it
 * @param victimCount who wait now
 * @param victims the first 200 of them, by depth and wait start
 * @param longestWaitMicros of one victim, until now
 * @param peakDepth greatest depth so far
 * @param peakVictims greatest number of victims so far
 * @param totalVictimMicros sum over all victims so far of the time each waited
 * @param cyclic whether the root is part of a cycle
 * @param impactScore 0 to 100
 * @param maintenanceKind known maintenance the root does, e.g. {@code pg_dump}; empty otherwise
 * @param advice what to do, for people; empty when nothing is to be done
 */
public record BlockingIncident(
        String key,
        String target,
        String tenant,
        List<String> tenants,
        Blocker root,
        int roots,
        long rootSinceMicros,
        String status,
        String resolution,
        long openedAtMicros,
        long closedAtMicros,
        long observedAtMicros,
        List<String> relations,
        List<String> lockModes,
        int depth,
        int victimCount,
        List<Victim> victims,
        long longestWaitMicros,
        int peakDepth,
        int peakVictims,
        long totalVictimMicros,
        boolean cyclic,
        double impactScore,
        String maintenanceKind,
        String advice) {

    /** Whether somebody still waits. */
    public boolean open() {
        return closedAtMicros == 0;
    }

    /** The same with a root that blocks since a time, and with these tables. */
    BlockingIncident behind(Blocker blocker, long since, List<String> tables) {
        return new BlockingIncident(
                key,
                target,
                tenant,
                tenants,
                blocker,
                roots,
                since,
                status,
                resolution,
                openedAtMicros,
                closedAtMicros,
                observedAtMicros,
                tables,
                lockModes,
                depth,
                victimCount,
                victims,
                longestWaitMicros,
                peakDepth,
                peakVictims,
                totalVictimMicros,
                cyclic,
                impactScore,
                maintenanceKind,
                advice);
    }

    /** The same with other victims listed; their number stays. */
    public BlockingIncident listing(List<Victim> listed) {
        return new BlockingIncident(
                key,
                target,
                tenant,
                tenants,
                root,
                roots,
                rootSinceMicros,
                status,
                resolution,
                openedAtMicros,
                closedAtMicros,
                observedAtMicros,
                relations,
                lockModes,
                depth,
                victimCount,
                listed,
                longestWaitMicros,
                peakDepth,
                peakVictims,
                totalVictimMicros,
                cyclic,
                impactScore,
                maintenanceKind,
                advice);
    }
}
