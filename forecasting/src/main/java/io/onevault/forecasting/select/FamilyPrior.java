package io.onevault.forecasting.select;

import io.onevault.forecasting.model.ModelFamily;

/**
 * What error to expect of a family of models, relative to naive, drift and Theta, before a series
 * has been backtested. Learned from rolling origins of storage growth and of the M4 series,
 * rounded, and kept mild: they decide only where a series cannot.
 */
final class FamilyPrior {

    private static final double TILT = 0.5;

    private FamilyPrior() {}

    static double of(ModelFamily family, Evidence evidence) {
        double usual =
                evidence.cumulative()
                        ? cumulative(family)
                        : evidence.quiet() ? quiet(family) : moving(family);
        return usual * shortTrend(family, evidence.trend());
    }

    private static double moving(ModelFamily family) {
        return switch (family) {
            case NAIVE,
                    DRIFT,
                    THETA,
                    DAMPED_TREND,
                    SEASONAL,
                    SEASONAL_NAIVE,
                    TYPICAL_CHANGE,
                    COMBINATION ->
                    1;
            case FLAT, ROBUST_TREND, LEVEL_SHIFT, INTERMITTENT -> 1.05;
            case LINEAR, RECENT_TREND, SAWTOOTH -> 1.15;
            case EXPONENTIAL, SATURATING -> 1.25;
        };
    }

    /** Series that stay put on most of their steps. */
    private static double quiet(ModelFamily family) {
        return switch (family) {
            case TYPICAL_CHANGE -> 0.75;
            case NAIVE, INTERMITTENT -> 0.85;
            default -> 1.2;
        };
    }

    /** Series that stay put on most of their steps and never shrink. */
    private static double cumulative(ModelFamily family) {
        return switch (family) {
            case TYPICAL_CHANGE, DAMPED_TREND -> 0.8;
            case LEVEL_SHIFT -> 0.9;
            case NAIVE, DRIFT, THETA -> 1;
            default -> 1.2;
        };
    }

    /**
     * A history too short to test the horizon, with a clear trend: errors of standing still will
     * grow.
     */
    private static double shortTrend(ModelFamily family, double trend) {
        return switch (family) {
            case LINEAR, ROBUST_TREND -> 1 - TILT * trend;
            case FLAT, NAIVE, SEASONAL_NAIVE, TYPICAL_CHANGE, LEVEL_SHIFT, DAMPED_TREND, THETA ->
                    1 + TILT * trend;
            default -> 1;
        };
    }
}
