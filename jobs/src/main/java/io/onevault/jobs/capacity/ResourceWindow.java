package io.onevault.jobs.capacity;

/**
 * What one window said of a resource, until its other metric has come.
 *
 * @param end of the window, milliseconds since the epoch
 * @param use NaN while the amount has not come
 * @param usedShare in percent, NaN while it has not come
 * @param unit of the amount, empty while it has not come
 * @param seconds the window's length
 * @param samples the amount's
 * @param min smallest amount in the window
 * @param max largest
 * @param executing most connections that executed a statement, NaN for other resources
 */
public record ResourceWindow(
        long end,
        double use,
        double usedShare,
        String unit,
        int seconds,
        long samples,
        double min,
        double max,
        double executing) {}
