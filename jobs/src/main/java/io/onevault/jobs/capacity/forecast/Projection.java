package io.onevault.jobs.capacity.forecast;

/**
 * What a resource will use some days after its forecast, in its unit.
 *
 * @param days after the forecast
 * @param mean the central forecast, half of the futures are below
 * @param lo80 lower bound of the 80 % prediction interval
 */
public record Projection(
        int days, double mean, double lo80, double hi80, double lo95, double hi95) {}
