package io.onevault.connectors.model;

/** How samples of a metric become the values that windows and thresholds see. */
public enum MetricKind {
    /** The value itself. */
    GAUGE,
    /** A cumulative count; becomes its increase per second between two samples. */
    COUNTER,
    /** Two cumulative counts; becomes the increase of the first over the increase of the second. */
    RATIO
}
