package io.onevault.connectors.model;

import java.io.Serializable;

/**
 * What a metric means, where it is declared once.
 *
 * @param name unique in the catalogue, snake case, with its unit as suffix where it has one
 * @param kind how samples become values
 * @param unit of the resulting value: {@code ms, s, %, bytes, count, per_second…}
 * @param category PERFORMANCE, AVAILABILITY, SECURITY or CAPACITY
 * @param warning the default warning threshold, NaN for none
 * @param critical the default critical threshold, NaN for none
 * @param direction on which side of a threshold trouble lies
 * @param judged which value of a window is held against the thresholds
 * @param description one sentence for people
 */
public record MetricDefinition(
        String name,
        MetricKind kind,
        String unit,
        String category,
        double warning,
        double critical,
        Direction direction,
        Judged judged,
        String description)
        implements Serializable {

    /** A metric that is judged by the mean of its window. */
    public MetricDefinition(
            String name,
            MetricKind kind,
            String unit,
            String category,
            double warning,
            double critical,
            Direction direction,
            String description) {
        this(name, kind, unit, category, warning, critical, direction, Judged.MEAN, description);
    }

    /** Which value of a window is held against the thresholds. */
    public enum Judged {
        /** The mean: one high reading in a minute is no trouble. */
        MEAN,
        /** The worst: having been down once in a minute is. */
        WORST
    }

    /** On which side of a threshold trouble lies. */
    public enum Direction {
        /** High values are bad; reaching the threshold crosses it. */
        ABOVE,
        /** Low values are bad, as for a hit ratio; falling to the threshold crosses it. */
        BELOW
    }
}
