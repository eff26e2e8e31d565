package io.onevault.connectors.model;

import org.jspecify.annotations.Nullable;

/**
 * What a change source emits: exactly one of the three.
 *
 * @param change a row's change
 * @param gap why changes are not read, with the remedy
 * @param deadLetter a change that could not be decoded
 */
public record CdcRecord(
        @Nullable RowChange change,
        @Nullable CollectionGap gap,
        @Nullable CdcDeadLetter deadLetter) {

    public static CdcRecord of(RowChange change) {
        return new CdcRecord(change, null, null);
    }

    public static CdcRecord of(CollectionGap gap) {
        return new CdcRecord(null, gap, null);
    }

    public static CdcRecord of(CdcDeadLetter letter) {
        return new CdcRecord(null, null, letter);
    }
}
