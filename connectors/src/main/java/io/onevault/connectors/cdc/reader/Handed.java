package io.onevault.connectors.cdc.reader;

import io.onevault.connectors.cdc.split.CdcSplit;
import io.onevault.connectors.model.CdcRecord;
import org.jspecify.annotations.Nullable;

/**
 * A record on its way to the task.
 *
 * @param record what is emitted; null when only the position moved
 * @param split the stream as it is once the record is emitted
 */
record Handed(@Nullable CdcRecord record, CdcSplit split) {}
