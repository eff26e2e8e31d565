package io.onevault.jobs.metrics.baseline;

/**
 * How a stretch of a series was beside what is usual for it.
 *
 * @param from milliseconds since the epoch
 * @param until exclusive
 * @param value the stretch's, that of its most unusual window where there was one
 * @param expected what was usual
 * @param score of the value, see {@link Deviation}
 * @param unusual whether three windows in a row were {@value SeriesBaseline#UNUSUAL} deviations off
 */
public record HourRating(
        long from, long until, double value, double expected, double score, boolean unusual) {}
