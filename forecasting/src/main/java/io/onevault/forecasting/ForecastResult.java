package io.onevault.forecasting;

import io.onevault.forecasting.capacity.TimeToCapacity;
import io.onevault.forecasting.interval.FirstPassage;
import io.onevault.forecasting.model.ModelFamily;
import io.onevault.forecasting.select.GrowthPattern;
import io.onevault.forecasting.select.ModelScore;
import io.onevault.forecasting.series.DataQuality;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Everything a forecast of one series says. Values share the series' unit; times are steps after
 * the newest observation.
 *
 * @param lastStep the caller's number of the newest step; step 1 of the path follows it
 * @param lastValue newest observation, NaN if there was none
 * @param horizon steps that were asked for and backtested
 * @param path central forecast and bounds for four horizons, 30 steps and what was asked for at
 *     least
 * @param model the winner's family; COMBINATION when no single model carries half of the weight
 * @param modelName the variant, or the heaviest members of the combination
 * @param accuracy the winner's backtest
 * @param runnerUp the best single model besides the winner, absent when there was no backtest
 * @param scores all models that competed, best first
 * @param pattern what the history looks like
 * @param patternConfidence how clear the pattern is, 0 to 1
 * @param growthRatePercentage projected change over 30 steps, in percent of the present level
 * @param confidenceLevel calibrated probability that the projection 30 steps ahead is within 15 %
 *     of what will be
 * @param timeToCapacity absent when no capacity was given
 * @param passage how likely levels are reached
 * @param dataQuality how much the input can be trusted
 */
public record ForecastResult(
        long lastStep,
        double lastValue,
        int horizon,
        List<ForecastPoint> path,
        ModelFamily model,
        String modelName,
        BacktestAccuracy accuracy,
        Optional<ModelScore> runnerUp,
        List<ModelScore> scores,
        GrowthPattern pattern,
        double patternConfidence,
        double growthRatePercentage,
        double confidenceLevel,
        Optional<TimeToCapacity> timeToCapacity,
        FirstPassage passage,
        DataQuality dataQuality) {

    public ForecastResult {
        path = List.copyOf(path);
        scores = List.copyOf(scores);
    }

    /** The steps that were asked for. */
    public List<ForecastPoint> points() {
        return path.subList(0, Math.min(horizon, path.size()));
    }

    /** Forecast for one step, from 1 to the length of the path. */
    public ForecastPoint at(int step) {
        return path.get(step - 1);
    }

    /**
     * Probability that a level is reached at least once within so many steps; 1 where it is reached
     * already.
     */
    public double probabilityOfReaching(double level, int steps) {
        return lastValue >= level ? 1 : passage.probability(level, steps);
    }

    /**
     * Whether somebody should act because a level will be reached within so many steps: it is there
     * by then in the sense of {@link #expectedBy}.
     */
    public boolean expectedToReach(double level, int steps) {
        OptionalInt first = expectedBy(level);
        return first.isPresent() && first.getAsInt() <= steps;
    }

    /**
     * The first step by which a level is more likely than not to have been reached at some time, or
     * at which the central path reaches it, whichever comes first; 0 where it is reached already.
     * How likely it is counts as far as it was tested, for one horizon, and the central path as far
     * as {@link #timeTo} looks; empty is "never" for the purpose.
     */
    public OptionalInt expectedBy(double level) {
        if (lastValue >= level) {
            return OptionalInt.of(0);
        }
        OptionalInt central = timeTo(level).median();
        int until = Math.min(central.orElse(Integer.MAX_VALUE), Math.min(horizon, path.size()));
        for (int step = 1; step <= until; step++) {
            if (passage.probability(level, step) >= FirstPassage.LIKELY) {
                return OptionalInt.of(step);
            }
        }
        return central;
    }

    /** Time until another level than the capacity is reached, a warning threshold for example. */
    public TimeToCapacity timeTo(double level) {
        int reach = Math.min(ForecastOptions.CAPACITY_HORIZONS * horizon, path.size());
        return TimeToCapacity.of(level, lastValue, path.subList(0, reach));
    }
}
