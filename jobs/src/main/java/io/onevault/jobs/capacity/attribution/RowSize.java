package io.onevault.jobs.capacity.attribution;

import io.onevault.connectors.model.FieldValue;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bytes of a row, as {@code pg_column_size} says of the row as a value: the header of 23 bytes, a
 * bit for each column when one is null, each value at its alignment.
 *
 * <p>Not seen from the stream, and left out: columns that were dropped, which the server counts as
 * null, compression, and a column's storage set to {@code PLAIN}, which has no short headers.
 *
 * @param header bytes before the first value
 * @param values of the columns that are not null, in the table's order
 */
record RowSize(int header, List<DatumSize> values) {

    /** The server stores values out of line only where a row is larger than this. */
    static final int NARROW = 2_000;

    private static final int FIXED_HEADER = 23;

    static RowSize of(List<FieldValue> row) {
        List<DatumSize> values = new ArrayList<>(row.size());
        for (FieldValue value : row) {
            if (value.text() != null || value.unchanged()) {
                values.add(DatumSizes.of(value));
            }
        }
        int nulls = values.size() < row.size() ? (row.size() + 7) / 8 : 0;
        return new RowSize((int) DatumSizes.alignToLargest(FIXED_HEADER + nulls), values);
    }

    /** Whether the server left out a value. */
    boolean incomplete() {
        return values.stream().anyMatch(DatumSize::unknown);
    }

    long bytes() {
        return header + bytes(values);
    }

    private static long bytes(List<DatumSize> values) {
        long offset = 0;
        for (DatumSize value : values) {
            if (!value.unknown()) {
                offset = DatumSizes.align(offset, value.alignment()) + value.length();
            }
        }
        return offset;
    }

    /** This row with the values that it leaves out taken from {@code known} as far as there. */
    RowSize completed(List<DatumSize> known) {
        Map<String, DatumSize> byColumn = new HashMap<>();
        known.forEach(value -> byColumn.put(value.column(), value));
        List<DatumSize> completed = new ArrayList<>(values.size());
        for (DatumSize value : values) {
            completed.add(value.unknown() ? byColumn.getOrDefault(value.column(), value) : value);
        }
        return new RowSize(header, completed);
    }
}
