package io.onevault.jobs.metrics.baseline;

import java.util.Arrays;

/**
 * The last four weeks of a series by the hour; a POJO for keyed state, touched once an hour. At
 * most {@value #HOURS} hours of three floats, 8 KB.
 */
public final class BaselineHistory {

    static final int HOURS = 4 * 7 * 24;

    /** The oldest hour, in hours of local time since the epoch. */
    public long firstHour;

    /** The median of each hour's windows, oldest first; NaN for an hour without any. */
    public float[] medians = {};

    /** How far windows were from their hour's median; NaN where there were too few. */
    public float[] spreads = {};

    /** Each hour's median less what had been expected of it; NaN where nothing was. */
    public float[] errors = {};

    /** Adds an hour later than all before. */
    void add(long hour, double median, double spread, double error) {
        int length = medians.length;
        if (length == 0 || hour - firstHour - length >= HOURS) {
            firstHour = hour;
            length = 0;
        }
        int index = (int) (hour - firstHour);
        int dropped = Math.max(0, index + 1 - HOURS);
        medians = with(medians, length, dropped, index, median);
        spreads = with(spreads, length, dropped, index, spread);
        errors = with(errors, length, dropped, index, error);
        firstHour += dropped;
    }

    private static float[] with(float[] before, int length, int dropped, int index, double value) {
        float[] after = new float[index + 1 - dropped];
        Arrays.fill(after, Float.NaN);
        if (length > dropped) {
            System.arraycopy(before, dropped, after, 0, length - dropped);
        }
        float added = (float) value;
        after[after.length - 1] = Float.isInfinite(added) ? Float.NaN : added;
        return after;
    }
}
