package io.onevault.connectors.model;

import org.jspecify.annotations.Nullable;

/**
 * What a change source emits: exactly one of the five.
 *
 * @param change a row's change
 * @param gap why changes are not read, with the remedy
 * @param deadLetter a change that could not be decoded
 * @param schemaVersion a table's columns, before the first change that has them
 * @param snapshotBoundary begin or end of a snapshot
 */
public record CdcRecord(
        @Nullable RowChange change,
        @Nullable CollectionGap gap,
        @Nullable CdcDeadLetter deadLetter,
        @Nullable SchemaVersion schemaVersion,
        @Nullable SnapshotBoundary snapshotBoundary) {

    public static CdcRecord of(RowChange change) {
        return new CdcRecord(change, null, null, null, null);
    }

    public static CdcRecord of(CollectionGap gap) {
        return new CdcRecord(null, gap, null, null, null);
    }

    public static CdcRecord of(CdcDeadLetter letter) {
        return new CdcRecord(null, null, letter, null, null);
    }

    public static CdcRecord of(SchemaVersion version) {
        return new CdcRecord(null, null, null, version, null);
    }

    public static CdcRecord of(SnapshotBoundary boundary) {
        return new CdcRecord(null, null, null, null, boundary);
    }
}
