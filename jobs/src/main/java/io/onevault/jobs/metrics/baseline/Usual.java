package io.onevault.jobs.metrics.baseline;

/**
 * What is usual for a series in one hour.
 *
 * @param expected value; NaN where nothing is known yet
 * @param scale of a window's usual distance from it, as a standard deviation; NaN where too little
 *     is known to say
 * @param historyDays from the first hour that is remembered, 28 at most
 */
public record Usual(double expected, double scale, int historyDays) {

    static final Usual UNKNOWN = new Usual(Double.NaN, Double.NaN, 0);

    /** Whether values can be held against it. */
    public boolean isKnown() {
        return !Double.isNaN(scale);
    }
}
