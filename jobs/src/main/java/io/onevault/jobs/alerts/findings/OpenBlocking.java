package io.onevault.jobs.alerts.findings;

/**
 * An incident that lasts, as alerts see it. Times are the server's clock in microseconds since the
 * epoch.
 *
 * @param incident its key
 * @param series text of the series of {@link FindingMetrics#BLOCKING_SECONDS} that it counts for
 * @param waitingSince when the victim began to wait who waits longest now
 * @param seenMicros when it was told last
 * @param victims who wait now
 * @param impact its score
 * @param who the root and what it does, for people
 * @param advice what to do, for people
 */
public record OpenBlocking(
        String incident,
        String series,
        long waitingSince,
        long seenMicros,
        int victims,
        double impact,
        String who,
        String advice) {}
