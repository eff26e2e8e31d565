package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.model.CdcRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record on its way to the task.
 *
 * @param record what is emitted; null when only position or time moved
 * @param split the stream as it is once the record is emitted
 * @param serverTime the server's clock, milliseconds since the epoch: what is still to come was
 *     committed hardly earlier; or {@link #NO_TIME}, or {@link #SILENT}
 */
record Handed(@Nullable CdcRecord record, CdcSplit split, long serverTime) {

    /** Nothing is known of time. */
    static final long NO_TIME = Long.MIN_VALUE;

    /** Nothing comes for now; nobody needs to wait for this stream. */
    static final long SILENT = Long.MAX_VALUE;

    Handed(@Nullable CdcRecord record, CdcSplit split) {
        this(record, split, NO_TIME);
    }
}
