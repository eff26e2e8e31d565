package io.onevault.forecasting.csv;

import io.onevault.forecasting.series.TimeSeries;
import java.util.OptionalDouble;

/**
 * One series of a file.
 *
 * @param capacity the series' own capacity, if the file gives one
 */
public record CsvSeries(String id, TimeSeries series, OptionalDouble capacity) {}
