package io.onevault.connectors.cdc.split;

/**
 * How far a stream was handed on: up to a commit, and so many changes of the transaction after it.
 *
 * <p>A stream is resumed at the commit, and the changes that were handed on already are left out by
 * counting. Resuming within a transaction by the changes' own LSNs would lose rows: rows of one
 * {@code COPY} block share an LSN.
 *
 * @param commitLsn the end of the last transaction that was handed on whole
 * @param transactionId the transaction in progress; 0 when none
 * @param ordinal how many of its changes were handed on
 */
public record CdcPosition(long commitLsn, long transactionId, long ordinal) {

    /** Nothing was read yet; the snapshot is due. */
    public static final CdcPosition NONE = new CdcPosition(0, 0, 0);

    /** Whether the snapshot is complete. */
    public boolean isStreaming() {
        return commitLsn != 0;
    }
}
