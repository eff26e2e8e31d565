package io.onevault.jobs.metrics.baseline;

import java.util.Arrays;

/**
 * The hour of a series that is under way; a POJO for keyed state, touched with each window. At most
 * 60 values are kept: of windows shorter than a minute the last one of each minute.
 */
public final class BaselineHour {

    private static final int MINUTES = 60;

    /** Start of the first window there was, milliseconds since the epoch. */
    public long since;

    /** Start of the newest window; older ones are left out. */
    public long lastStart = Long.MIN_VALUE;

    /** End of the newest window. */
    public long lastEnd;

    /** Hours of local time since the epoch. */
    public long hour = Long.MIN_VALUE;

    /** When the hour's first window began. */
    public long hourSince;

    /** By minute of the hour; NaN for none. */
    public float[] minutes = none();

    /** What is usual in this hour; NaN for unknown. */
    public double expected = Double.NaN;

    public double scale = Double.NaN;
    public int historyDays;

    /** The hour that is prepared for, and what will be usual in it. */
    public long nextHour = Long.MIN_VALUE;

    public double nextExpected = Double.NaN;
    public double nextScale = Double.NaN;
    public int nextDays;

    /** Windows in a row that were far off, or close again. */
    public int streak;

    /** Whether the series is unusual now. */
    public boolean unusual;

    /** The farthest score of an unusual window in this hour, and its value; 0 for none. */
    public double peakScore;

    public double peakValue;

    /** The event-time timer that will come; 0 for none. */
    public long timerAt;

    Usual usual() {
        return new Usual(expected, scale, historyDays);
    }

    void prepare(long next, Usual usual) {
        nextHour = next;
        nextExpected = usual.expected();
        nextScale = usual.scale();
        nextDays = usual.historyDays();
    }

    /** What will be usual in the hour that is prepared for. */
    Usual next() {
        return new Usual(nextExpected, nextScale, nextDays);
    }

    void begin(long newHour, long start, Usual usual) {
        hour = newHour;
        hourSince = start;
        minutes = none();
        expected = usual.expected();
        scale = usual.scale();
        historyDays = usual.historyDays();
        peakScore = 0;
        peakValue = Double.NaN;
    }

    /** The hour's values, ascending. */
    double[] sorted() {
        double[] values = new double[MINUTES];
        int count = 0;
        for (float value : minutes) {
            if (Float.isFinite(value)) {
                values[count++] = value;
            }
        }
        double[] sorted = Arrays.copyOf(values, count);
        Arrays.sort(sorted);
        return sorted;
    }

    private static float[] none() {
        float[] none = new float[MINUTES];
        Arrays.fill(none, Float.NaN);
        return none;
    }
}
