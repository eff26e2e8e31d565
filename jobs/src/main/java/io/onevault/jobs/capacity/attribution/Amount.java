package io.onevault.jobs.capacity.attribution;

/**
 * Rows and their size, or what came of both.
 *
 * @param rows number of rows
 * @param bytes their sizes' sum
 * @param changes how many rows read, inserted or updated it is the sum of; deletions do not count,
 *     for one that a truncation overtakes leaves no trace
 */
public record Amount(long rows, long bytes, long changes) {

    static final Amount NONE = new Amount(0, 0, 0);

    /** The sum of both. */
    public Amount plus(Amount other) {
        return new Amount(rows + other.rows, bytes + other.bytes, changes + other.changes);
    }

    /** The same without what it is the sum of. */
    Amount level() {
        return new Amount(rows, bytes, 0);
    }

    Amount negated() {
        return new Amount(-rows, -bytes, 0);
    }

    boolean isEmpty() {
        return rows == 0 && bytes == 0;
    }
}
