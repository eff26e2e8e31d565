package io.onevault.jobs.capacity.forecast;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The future of one resource as seen at one time. NaN stands for what is not known.
 *
 * @param resource whose future it is
 * @param asOf end of the newest state it is based on, milliseconds since the epoch
 * @param current use at that time, in the resource's unit
 * @param capacity where it is full, NaN when no limit is known
 * @param projections by days ahead, as far as the history carries
 * @param growthRatePercentage projected change over 30 days in percent of the present level
 * @param reachesCapacity whether it is expected to fill up within what was looked at; null without
 *     a capacity
 * @param daysToCapacity until half of the futures are full; NaN for never
 * @param daysToCapacityEarliest until one in ten is
 * @param daysToCapacityLatest until nine in ten are
 * @param warning share of the capacity in percent that daysToWarning is about
 * @param critical the same for daysToCritical
 * @param daysToWarning 0 when reached
 * @param daysToCritical 0 when reached
 * @param likelyDaysToCapacity until it is more likely than not to have been full at some time, or
 *     half of the futures are, whichever comes first; 0 when it is, NaN for never. This is what
 *     alerts and urgency go by
 * @param likelyDaysToWarning the same for the warning level
 * @param likelyDaysToCritical the same for the critical level
 * @param confidence calibrated probability in percent that the projection 30 days ahead is within
 *     15 % of what will be
 * @param model family of the model that won
 * @param modelName its variant, or the members of a combination
 * @param runnerUp family of the next best, empty when nothing could be compared
 * @param smape the winner's error in the backtest, percent
 * @param mase the same in units of the mean change over a season
 * @param skill 1 minus the error relative to predicting no change
 * @param runnerUpMase the next best's
 * @param track how past forecasts of this resource did
 * @param dataQuality 0 to 100
 * @param historyDays from the first value to the last
 * @param stepSeconds the grid it was made on, days or hours
 * @param observations values it was made from; of two forecasts as of one time the one from more
 *     stands
 * @param urgency NONE, WATCH, PLAN, ACT, NOW
 * @param action what to do, in words with the figure behind it
 * @param pattern what the history looks like
 * @param scaling the ways a server's connections can go on, empty for other resources and where
 *     nobody said how applications reach it
 */
public record ResourceForecast(
        Resource resource,
        long asOf,
        double current,
        double capacity,
        List<Projection> projections,
        double growthRatePercentage,
        @Nullable Boolean reachesCapacity,
        double daysToCapacity,
        double daysToCapacityEarliest,
        double daysToCapacityLatest,
        double warning,
        double critical,
        double daysToWarning,
        double daysToCritical,
        double likelyDaysToCapacity,
        double likelyDaysToWarning,
        double likelyDaysToCritical,
        double confidence,
        String model,
        String modelName,
        String runnerUp,
        double smape,
        double mase,
        double skill,
        double runnerUpMase,
        TrackRecord track,
        double dataQuality,
        double historyDays,
        int stepSeconds,
        int observations,
        String urgency,
        String action,
        GrowthPatternFinding pattern,
        List<ScalingOption> scaling) {

    /** The projection so many days ahead, null when the history does not carry it. */
    public @Nullable Projection ahead(int days) {
        for (Projection projection : projections) {
            if (projection.days() == days) {
                return projection;
            }
        }
        return null;
    }
}
