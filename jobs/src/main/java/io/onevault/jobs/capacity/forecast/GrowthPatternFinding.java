package io.onevault.jobs.capacity.forecast;

/**
 * What kind of growth a history shows.
 *
 * @param type STABLE, LINEAR, EXPONENTIAL, SEASONAL, SAWTOOTH, STEP, DECLINING…
 * @param confidence how clear it is, 0 to 100
 * @param growthRatePercentage projected change over 30 days in percent of the present level, NaN
 *     when that is beyond the forecast
 * @param growthPerDay the same in the resource's unit a day
 * @param seasonSeconds length of the season, 0 for none
 * @param outliers isolated spikes that models did not see
 * @param gaps steps without a value
 * @param start of the history, milliseconds since the epoch
 * @param end of the history
 * @param observations values in it
 */
public record GrowthPatternFinding(
        String type,
        double confidence,
        double growthRatePercentage,
        double growthPerDay,
        long seasonSeconds,
        int outliers,
        int gaps,
        long start,
        long end,
        int observations) {}
