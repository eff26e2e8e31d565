package io.onevault.connectors.cdc.reader;

/**
 * One row as {@code COPY TO} writes it in its text format: columns between tabs, {@code \\N} for
 * null, and a backslash before what would be mistaken.
 *
 * @see <a href="https://www.postgresql.org/docs/current/sql-copy.html#id-1.9.3.55.9.2">text
 *     format</a>
 */
final class CopyLine {

    private final byte[] line;
    private final int end;
    private int at;
    private byte[] bytes;
    private int begin;
    private int length;

    CopyLine(byte[] line) {
        this.line = line;
        this.end = line.length > 0 && line[line.length - 1] == '\n' ? line.length - 1 : line.length;
        this.bytes = line;
    }

    /** Moves to the next column; false when it is null. */
    boolean next() {
        int stop = at;
        int escapes = 0;
        while (stop < end && line[stop] != '\t') {
            if (line[stop] == '\\') {
                escapes++;
                stop++;
            }
            stop++;
        }
        begin = at;
        length = stop - at;
        bytes = line;
        at = stop + 1;
        if (length == 2 && line[begin] == '\\' && line[begin + 1] == 'N') {
            return false;
        }
        if (escapes > 0) {
            unescape(escapes);
        }
        return true;
    }

    private void unescape(int escapes) {
        byte[] plain = new byte[length - escapes];
        int to = 0;
        for (int from = begin; from < begin + length; from++) {
            byte one = line[from];
            plain[to++] = one == '\\' ? meant(line[++from]) : one;
        }
        bytes = plain;
        begin = 0;
        length = plain.length;
    }

    private static byte meant(byte letter) {
        return switch (letter) {
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'v' -> 0x0b;
            default -> letter;
        };
    }

    /** Where the column's bytes are. */
    byte[] bytes() {
        return bytes;
    }

    int begin() {
        return begin;
    }

    int length() {
        return length;
    }
}
