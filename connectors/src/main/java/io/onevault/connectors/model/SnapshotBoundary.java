package io.onevault.connectors.model;

/**
 * Begin or end of a snapshot. All {@code READ} changes between the two carry its {@code lsn}.
 *
 * <p>A snapshot that was interrupted, or that an operator asked for, begins with a boundary of its
 * own and a greater {@code lsn}; whoever keeps rows then forgets what earlier snapshots and changes
 * brought and the new one does not confirm.
 *
 * @param target the configured name of the watched server
 * @param stream the change stream's name
 * @param lsn where the snapshot was taken, which identifies it
 * @param timestamp when it was taken; server's clock, milliseconds since the epoch
 * @param complete false at its begin, true at its end
 */
public record SnapshotBoundary(
        String target, String stream, long lsn, long timestamp, boolean complete) {}
