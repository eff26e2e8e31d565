package io.onevault.forecasting;

/**
 * Forecast for one future step, in the series' unit.
 *
 * @param step steps after the newest observation, from 1
 * @param mean the central forecast (median of the outcome)
 */
public record ForecastPoint(
        int step, double mean, double lo80, double hi80, double lo95, double hi95) {}
