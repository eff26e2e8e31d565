package io.onevault.jobs.capacity.forecast;

import java.util.Arrays;

/**
 * Values on a grid of steps of one length, one a step, oldest first. A mutable Flink POJO; 16 bytes
 * a point.
 */
public final class Points {

    /** When each value was taken, milliseconds since the epoch, ascending. */
    public long[] ends = {};

    public double[] values = {};

    /** The step that ends with or after {@code end}. */
    static long step(long end, long length) {
        return Math.floorDiv(end - 1, length);
    }

    int size() {
        return ends.length;
    }

    long lastEnd() {
        return ends.length == 0 ? Long.MIN_VALUE : ends[ends.length - 1];
    }

    /**
     * Takes over a value; of one step the latest stands, of equally late ones the one that amends.
     *
     * @return whether anything is different now
     */
    boolean put(long end, double value, long length, boolean amends) {
        int at = position(end, length);
        if (at < 0) {
            insert(-at - 1, end, value);
            return true;
        }
        boolean replaces = end > ends[at] || end == ends[at] && amends && value != values[at];
        if (replaces) {
            ends[at] = end;
            values[at] = value;
        }
        return replaces;
    }

    /** Takes over a value; of one step the highest stands. */
    boolean putPeak(long end, double value, long length) {
        int at = position(end, length);
        if (at < 0) {
            insert(-at - 1, end, value);
            return true;
        }
        boolean higher = value > values[at];
        ends[at] = Math.max(ends[at], end);
        values[at] = Math.max(values[at], value);
        return higher;
    }

    /** Sets a step's value, whatever stood there. */
    void set(long end, double value, long length) {
        int at = position(end, length);
        if (at < 0) {
            insert(-at - 1, end, value);
        } else {
            ends[at] = end;
            values[at] = value;
        }
    }

    /** The value of a step, NaN when there is none. */
    double of(long step, long length) {
        int at = position((step + 1) * length, length);
        return at < 0 ? Double.NaN : values[at];
    }

    /** The latest value at or before {@code time}, NaN when there is none. */
    double before(long time) {
        int found = Arrays.binarySearch(ends, time);
        int at = found >= 0 ? found : -found - 2;
        return at < 0 ? Double.NaN : values[at];
    }

    /** The highest of the newest values, NaN when there is none. */
    double highest(int count) {
        double highest = Double.NaN;
        for (int i = Math.max(0, values.length - count); i < values.length; i++) {
            highest = Double.isNaN(highest) ? values[i] : Math.max(highest, values[i]);
        }
        return highest;
    }

    /** Keeps so many steps up to the newest. */
    void keep(int steps, long length) {
        if (ends.length == 0) {
            return;
        }
        long oldest = step(lastEnd(), length) - steps + 1;
        int drop = 0;
        while (step(ends[drop], length) < oldest) {
            drop++;
        }
        if (drop > 0) {
            ends = Arrays.copyOfRange(ends, drop, ends.length);
            values = Arrays.copyOfRange(values, drop, values.length);
        }
    }

    /** Position of the step of {@code end}, or minus the place to insert it minus one. */
    private int position(long end, long length) {
        long wanted = step(end, length);
        int low = 0;
        int high = ends.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            long found = step(ends[middle], length);
            if (found == wanted) {
                return middle;
            }
            if (found < wanted) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return -low - 1;
    }

    private void insert(int at, long end, double value) {
        long[] moreEnds = Arrays.copyOf(ends, ends.length + 1);
        double[] moreValues = Arrays.copyOf(values, values.length + 1);
        System.arraycopy(ends, at, moreEnds, at + 1, ends.length - at);
        System.arraycopy(values, at, moreValues, at + 1, values.length - at);
        moreEnds[at] = end;
        moreValues[at] = value;
        ends = moreEnds;
        values = moreValues;
    }
}
