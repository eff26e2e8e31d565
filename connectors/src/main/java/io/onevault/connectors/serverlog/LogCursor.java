package io.onevault.connectors.serverlog;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A place in one file of a log: what to read next, which lines came of it, and which position to
 * remember. Each read begins some bytes before the place, by which a file that was cut or replaced
 * is known. Knows no server; not thread-safe.
 */
final class LogCursor {

    /** Bytes read again. */
    private static final int ANCHOR = 64;

    private final RecordFramer framer;
    private final long begin;
    private final List<LogLine> lines = new ArrayList<>();
    private final LogFormat format;
    private long checksum;
    private LogSplit split;

    /**
     * @param maxRecord the largest record that is kept, in bytes
     */
    LogCursor(LogSplit split, int maxRecord) {
        this.split = split;
        this.format = LogFormat.ofFile(split.file());
        this.begin = split.offset();
        this.checksum = split.anchor();
        this.framer = new RecordFramer(format, split.seek(), maxRecord, this::take);
    }

    private boolean take(byte[] record) {
        LogLine line = LogLines.read(format, record);
        if (line != null) {
            lines.add(line);
        }
        return line != null;
    }

    /** Where to read from, in bytes. */
    long readFrom() {
        return place() - again();
    }

    /** How many bytes to read to get {@code more} new ones. */
    int readLength(int more) {
        return more + again();
    }

    private int again() {
        return (int) Math.min(ANCHOR, place());
    }

    private long place() {
        return begin + framer.fed();
    }

    /** What came of a read. */
    enum Outcome {
        /** Nothing new. */
        END,
        /** Something new, perhaps lines. */
        MORE,
        /** The file is not the one that was read before. */
        REPLACED
    }

    /**
     * Takes in what was read.
     *
     * @param read null when there was no such file
     */
    Outcome take(byte @Nullable [] read, List<LogLine> into) {
        int again = again();
        if (read == null
                || read.length < again
                || checksum != LogSplit.NO_ANCHOR && checksum != crc(read, again)) {
            return Outcome.REPLACED;
        }
        if (read.length == again) {
            checksum = crc(read, again);
            return Outcome.END;
        }
        long start = place() - again;
        framer.feed(read, again);
        checksum = crc(read, read.length);
        long position = begin + framer.consumed();
        if (position > split.offset()) {
            split = split.at(position, crc(read, (int) (position - start)), framer.isSeeking());
        }
        into.addAll(lines);
        lines.clear();
        return Outcome.MORE;
    }

    /** Of the bytes before {@code end}, as many as are read again there. */
    private static long crc(byte[] bytes, int end) {
        CRC32C crc = new CRC32C();
        byte[] last = Arrays.copyOfRange(bytes, Math.max(0, end - ANCHOR), end);
        crc.update(last, 0, last.length);
        return crc.getValue();
    }

    /** How many records were beyond the limit since the last call. */
    long takeOversized() {
        return framer.takeOversized();
    }

    /** What to remember after the lines handed out so far. */
    LogSplit split() {
        return split;
    }
}
