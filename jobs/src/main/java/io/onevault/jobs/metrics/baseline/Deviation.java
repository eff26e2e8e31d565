package io.onevault.jobs.metrics.baseline;

/**
 * How far a window's value is from what is usual at its hour of the week.
 *
 * @param score in robust standard deviations, positive above what is usual, within {@value
 *     #LARGEST} on either side
 * @param historyDays how much past what is usual was taken from
 */
public record Deviation(double score, int historyDays) {

    static final double LARGEST = 1_000;

    /** Of a value from what is usual. */
    static Deviation of(double value, Usual usual) {
        double off = value - usual.expected();
        // A series that never moved, of a unit without a least difference, has no scale.
        double score = off == 0 ? 0 : off / usual.scale();
        return new Deviation(Math.max(-LARGEST, Math.min(LARGEST, score)), usual.historyDays());
    }

    /**
     * The score that a rule judges; NaN while there is less past than the rule asks for.
     *
     * @param bothSides whether too low is as bad as too high
     */
    public double judged(int leastDays, boolean bothSides) {
        if (historyDays < leastDays) {
            return Double.NaN;
        }
        return bothSides ? Math.abs(score) : score;
    }
}
