package io.onevault.connectors.cdc.split;

import org.apache.flink.api.connector.source.SourceSplit;
import org.jspecify.annotations.Nullable;

/**
 * The one stream of a change source, with what a later run of the job needs to go on.
 *
 * @param splitId the stream's name
 * @param systemId the server's system identifier, 0 before the first contact
 * @param timeline the server's timeline when the position was recorded, 0 before the first contact
 * @param position how far it came
 * @param cut the transactions that the snapshot delivered; null when the stream is past it
 */
public record CdcSplit(
        String splitId,
        long systemId,
        int timeline,
        CdcPosition position,
        @Nullable SnapshotCut cut)
        implements SourceSplit {

    /** A stream that was never read. */
    public static CdcSplit fresh(String id) {
        return new CdcSplit(id, 0, 0, CdcPosition.NONE, null);
    }

    /** This stream further on; the cut is dropped where it no longer decides anything. */
    public CdcSplit at(CdcPosition next) {
        boolean past = cut != null && next.commitLsn() > cut.untilLsn();
        return new CdcSplit(splitId, systemId, timeline, next, past ? null : cut);
    }
}
