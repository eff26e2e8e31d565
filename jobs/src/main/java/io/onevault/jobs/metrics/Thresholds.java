package io.onevault.jobs.metrics;

import io.onevault.connectors.model.MetricDefinition.Direction;

/** Judges a value against its thresholds, on the side where trouble lies. */
final class Thresholds {

    static final String NORMAL = "NORMAL";
    static final String WARNING = "WARNING";
    static final String CRITICAL = "CRITICAL";
    static final String UNKNOWN = "UNKNOWN";

    private Thresholds() {}

    /**
     * The status of {@code value}; a threshold is crossed when it is reached.
     *
     * @param value NaN gives UNKNOWN
     * @param warning NaN for none
     * @param critical NaN for none
     */
    static String status(double value, double warning, double critical, Direction direction) {
        if (Double.isNaN(value)) {
            return UNKNOWN;
        }
        if (crossed(value, critical, direction)) {
            return CRITICAL;
        }
        return crossed(value, warning, direction) ? WARNING : NORMAL;
    }

    private static boolean crossed(double value, double threshold, Direction direction) {
        return direction == Direction.ABOVE ? value >= threshold : value <= threshold;
    }
}
