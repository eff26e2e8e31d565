package io.onevault.forecasting.series;

import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/**
 * Observations on a regular grid, oldest first; a step without a value holds NaN.
 *
 * <p>Any input has a defined result: rows in any order are sorted, of several values for one step
 * the last given wins (a correction), NaN and infinite values are dropped, gaps stay gaps. Values
 * may be negative and of any magnitude; the unit is the caller's. Of very long inputs only the
 * newest {@value #MAX_POINTS} steps are kept, which bounds memory and time. Immutable. Cost: O(n
 * log n).
 */
public final class TimeSeries {

    /** Longest history used, in steps. */
    public static final int MAX_POINTS = 2_400;

    /** Larger magnitudes would overflow sums of squares; they are treated as invalid. */
    private static final double MAX_MAGNITUDE = 1e120;

    private final double[] values;
    private final long lastStep;
    private final int duplicates;
    private final int invalid;

    private TimeSeries(double[] values, long lastStep, int duplicates, int invalid) {
        this.values = values;
        this.lastStep = lastStep;
        this.duplicates = duplicates;
        this.invalid = invalid;
    }

    /** Consecutive values; NaN marks a missing one. Steps count from 1. */
    public static TimeSeries ofValues(double... values) {
        long[] steps = new long[values.length];
        Arrays.setAll(steps, i -> i + 1L);
        return ofSteps(steps, values);
    }

    /** Values at integer steps, in any order. */
    public static TimeSeries ofSteps(long[] steps, double[] values) {
        if (steps.length != values.length) {
            throw new IllegalArgumentException(
                    "Got " + steps.length + " steps for " + values.length + " values.");
        }
        return ofSteps(steps, values, 0);
    }

    /**
     * Values at instants; the grid is {@code interval} wide and ends at the newest instant. Several
     * observations in one interval count once, the newest wins.
     */
    public static TimeSeries ofInstants(List<Instant> times, double[] values, Duration interval) {
        if (times.size() != values.length) {
            throw new IllegalArgumentException(
                    "Got " + times.size() + " instants for " + values.length + " values.");
        }
        if (interval.isZero() || interval.isNegative()) {
            throw new IllegalArgumentException("The interval between steps must be positive.");
        }
        Integer[] order = new Integer[values.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> times.get(a).compareTo(times.get(b)));
        long width = interval.toMillis();
        long[] steps = new long[values.length];
        double[] sorted = new double[values.length];
        for (int i = 0; i < order.length; i++) {
            steps[i] = Math.floorDiv(times.get(order[i]).toEpochMilli(), width);
            sorted[i] = values[order[i]];
        }
        return ofSteps(steps, sorted, 0);
    }

    private static TimeSeries ofSteps(long[] steps, double[] values, int invalidBefore) {
        int n = 0;
        Integer[] order = new Integer[values.length];
        for (int i = 0; i < values.length; i++) {
            if (Math.abs(values[i]) <= MAX_MAGNITUDE) {
                order[n++] = i;
            }
        }
        int invalid = invalidBefore + values.length - n;
        if (n == 0) {
            return new TimeSeries(new double[0], 0, 0, invalid);
        }
        Integer[] kept = Arrays.copyOf(order, n);
        Arrays.sort(kept, (a, b) -> Long.compare(steps[a], steps[b]));
        long last = steps[kept[n - 1]];
        long oldest = last < Long.MIN_VALUE + MAX_POINTS ? Long.MIN_VALUE : last - MAX_POINTS + 1;
        long first = Math.max(steps[kept[0]], oldest);
        double[] grid = new double[(int) (last - first + 1)];
        Arrays.fill(grid, Double.NaN);
        int duplicates = 0;
        for (int index : kept) {
            if (steps[index] < first) {
                continue;
            }
            int at = (int) (steps[index] - first);
            if (!Double.isNaN(grid[at])) {
                duplicates++;
            }
            grid[at] = values[index];
        }
        int start = 0;
        while (Double.isNaN(grid[start])) {
            start++;
        }
        double[] trimmed = start == 0 ? grid : Arrays.copyOfRange(grid, start, grid.length);
        return new TimeSeries(trimmed, last, duplicates, invalid);
    }

    /** Steps from the first to the last observation, gaps included. */
    public int length() {
        return values.length;
    }

    /** Value at a position from 0; NaN in a gap. */
    public double value(int position) {
        return values[position];
    }

    /** The caller's number of the newest step; forecasts count from here. */
    public long lastStep() {
        return lastStep;
    }

    int duplicates() {
        return duplicates;
    }

    int invalid() {
        return invalid;
    }

    double[] copy() {
        return values.clone();
    }
}
