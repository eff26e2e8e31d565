package io.onevault.jobs.metrics;

/**
 * What one look at a series says, as soon as it is known: a gauge's value, a counter's rate since
 * the look before.
 *
 * @param series text of the series' id
 * @param timestamp of the look, milliseconds since the epoch on the watched server's clock
 * @param value in the metric's unit; NaN where the look says nothing yet, as the first at a counter
 */
public record LiveValue(String series, long timestamp, double value) {}
