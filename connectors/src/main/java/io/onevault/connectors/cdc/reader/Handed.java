package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.model.CdcRecord;
import java.util.List;

/**
 * Records on their way to the task.
 *
 * @param records what is emitted, together: a checkpoint has all of them or none; empty when only
 *     position or time moved
 * @param split the stream as it is once they are emitted
 * @param serverTime the server's clock, milliseconds since the epoch: what is still to come was
 *     committed hardly earlier; or {@link #NO_TIME}, or {@link #SILENT}
 * @param bytes what the records hold, roughly
 */
record Handed(List<CdcRecord> records, CdcSplit split, long serverTime, long bytes) {

    /** Nothing is known of time. */
    static final long NO_TIME = Long.MIN_VALUE;

    /** Nothing comes for now; nobody needs to wait for this stream. */
    static final long SILENT = Long.MAX_VALUE;

    private static final int SMALL = 512;

    /** One record of no size to speak of. */
    static Handed one(CdcRecord record, CdcSplit split, long serverTime) {
        return new Handed(List.of(record), split, serverTime, SMALL);
    }

    /** No record. */
    static Handed moved(CdcSplit split, long serverTime) {
        return new Handed(List.of(), split, serverTime, 0);
    }
}
