package io.onevault.connectors.serverlog;

import org.apache.flink.api.connector.source.SourceSplit;

/**
 * A target's log and how far it was read.
 *
 * @param target the target's name
 * @param file name without folder; empty before the first
 * @param offset where the first record that was not read begins, in bytes
 * @param anchor checksum of the bytes before {@code offset}, by which a file that another one
 *     replaced is known; negative when it is not known
 * @param seek whether {@code offset} need not begin a record
 * @param time of the newest record read, or of the last sign of life; server's clock, milliseconds
 *     since the epoch, 0 before the first
 */
public record LogSplit(
        String target, String file, long offset, long anchor, boolean seek, long time)
        implements SourceSplit {

    static final long NO_ANCHOR = -1;

    static LogSplit first(String target) {
        return new LogSplit(target, "", 0, NO_ANCHOR, false, 0);
    }

    @Override
    public String splitId() {
        return target;
    }

    LogSplit inFile(String name, long at, boolean withinRecord) {
        return new LogSplit(target, name, at, NO_ANCHOR, withinRecord, time);
    }

    LogSplit at(long position, long checksum, boolean withinRecord) {
        return new LogSplit(target, file, position, checksum, withinRecord, time);
    }

    LogSplit until(long newest) {
        return new LogSplit(target, file, offset, anchor, seek, Math.max(time, newest));
    }
}
