package io.onevault.forecasting.interval;

/**
 * Widens or narrows a series' intervals as its past forecasts come true or not, so that they hold
 * even where the backtest was too hopeful: adaptive conformal inference (Gibbs &amp; Candes 2021,
 * NeurIPS 34), here as a factor on the width. Immutable; one number of state a series.
 *
 * @param factor on the distance of all bounds from the centre, between {@value #LEAST} and {@value
 *     #MOST}
 */
public record AdaptiveWidth(double factor) {

    private static final double LEAST = 0.5;
    private static final double MOST = 4;
    private static final double RATE = 0.15;
    private static final double NOMINAL_MISSES = 0.05;

    public AdaptiveWidth {
        if (!(factor >= LEAST && factor <= MOST)) {
            throw new IllegalArgumentException(
                    "The width factor must be between "
                            + LEAST
                            + " and "
                            + MOST
                            + ", not "
                            + factor
                            + ".");
        }
    }

    /** Before anything was scored. */
    public static AdaptiveWidth start() {
        return new AdaptiveWidth(1);
    }

    /**
     * After one more forecast was scored.
     *
     * @param coverage95 share of its actuals inside the 95 % interval; NaN changes nothing
     */
    public AdaptiveWidth after(double coverage95) {
        if (Double.isNaN(coverage95)) {
            return this;
        }
        double misses = 1 - coverage95;
        double next = factor * Math.exp(RATE * (misses - NOMINAL_MISSES));
        return new AdaptiveWidth(Math.max(LEAST, Math.min(MOST, next)));
    }
}
