package io.onevault.connectors.cdc.split;

import io.onevault.connectors.model.SchemaVersion.TableColumn;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.connector.source.SourceSplit;
import org.jspecify.annotations.Nullable;

/**
 * The one stream of a change source, with what a later run of the job needs to go on.
 *
 * @param splitId the stream's name
 * @param systemId the server's system identifier, 0 before the first contact
 * @param timeline the server's timeline when the position was recorded, 0 before the first contact
 * @param publication the publication's object id, 0 while it is not known: one of the same name
 *     that was created later did not publish what was changed in between
 * @param position how far it came
 * @param cut the transactions that the snapshot delivered; null when the stream is past it
 * @param columns the columns that were last told of each table, by {@code schema.table}; no columns
 *     for a partition, of which it is told only that it is there; never changed
 */
public record CdcSplit(
        String splitId,
        long systemId,
        int timeline,
        long publication,
        CdcPosition position,
        @Nullable SnapshotCut cut,
        Map<String, List<TableColumn>> columns)
        implements SourceSplit {

    /** A stream that was never read. */
    public static CdcSplit fresh(String id) {
        return new CdcSplit(id, 0, 0, 0, CdcPosition.NONE, null, Map.of());
    }

    /** This stream further on; the cut is dropped where it no longer decides anything. */
    public CdcSplit at(CdcPosition next) {
        boolean past = cut != null && next.commitLsn() > cut.untilLsn();
        return new CdcSplit(
                splitId, systemId, timeline, publication, next, past ? null : cut, columns);
    }

    /** This stream with the server and publication it was found to come from. */
    public CdcSplit of(long system, int currentTimeline, long publicationId) {
        return new CdcSplit(
                splitId, system, currentTimeline, publicationId, position, cut, columns);
    }

    /** This stream after a table's columns were told. */
    public CdcSplit telling(String table, List<TableColumn> told) {
        Map<String, List<TableColumn>> next = new TreeMap<>(columns);
        next.put(table, List.copyOf(told));
        return new CdcSplit(splitId, systemId, timeline, publication, position, cut, next);
    }

    /** This stream without a partition that is gone. */
    public CdcSplit forgetting(String table) {
        Map<String, List<TableColumn>> next = new TreeMap<>(columns);
        next.remove(table);
        return new CdcSplit(splitId, systemId, timeline, publication, position, cut, next);
    }

    /** This stream when its snapshot is complete. */
    public CdcSplit streamingFrom(long commitLsn, SnapshotCut seen) {
        return new CdcSplit(
                splitId,
                systemId,
                timeline,
                publication,
                new CdcPosition(commitLsn, 0, 0),
                seen,
                columns);
    }
}
