package io.onevault.jobs.alerts.lifecycle;

import io.onevault.connectors.model.SeriesId;

/**
 * A series as alerts see it.
 *
 * @param id its parts
 * @param text of the id
 * @param unit of its values, for people; may be empty
 * @param pollMillis how often it has a value; 0 for unknown
 * @param forecastMillis how often it is forecast; 0 for unknown
 */
public record WatchedSeries(
        SeriesId id, String text, String unit, long pollMillis, long forecastMillis) {}
