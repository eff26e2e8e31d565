package io.onevault.jobs.capacity.attribution;

/**
 * Room that one value takes in a row.
 *
 * @param column the column's name
 * @param length bytes with the value's own header; {@link #UNKNOWN} when the server did not send
 *     the value
 * @param alignment the value begins at a multiple of this many bytes
 */
public record DatumSize(String column, int length, int alignment) {

    /** Length of a value that was not sent. */
    public static final int UNKNOWN = -1;

    boolean unknown() {
        return length == UNKNOWN;
    }
}
