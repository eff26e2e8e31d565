package io.onevault.connectors.polling;

import java.util.Map;

/**
 * A value read from a source that does not speak SQL.
 *
 * @param metric its name in the catalogue
 * @param labels what tells its series from others of the metric
 * @param value a gauge's or cumulative counter's value, in the metric's unit
 * @param per the cumulative denominator of a ratio, otherwise 1
 */
public record Reading(String metric, Map<String, String> labels, double value, double per) {

    public Reading {
        labels = Map.copyOf(labels);
    }

    public static Reading of(String metric, Map<String, String> labels, double value) {
        return new Reading(metric, labels, value, 1);
    }
}
