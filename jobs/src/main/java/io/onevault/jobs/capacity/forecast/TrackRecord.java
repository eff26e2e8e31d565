package io.onevault.jobs.capacity.forecast;

import io.onevault.forecasting.interval.AdaptiveWidth;

/**
 * How the forecasts of one resource did, recent ones weighing more. An immutable value.
 *
 * <p>Averages forget: of what was scored 23 forecasts ago half is left. Intervals widen or narrow
 * once a week by what came true in it ({@link AdaptiveWidth}), for forecasts of neighbouring days
 * err together and must not count as independent.
 *
 * @param scored projections whose time has come
 * @param weight of all of them after forgetting
 * @param percentageError sum of absolute errors in percent of the truth, after forgetting
 * @param bias sum of signed errors in percent, positive when too much was foretold
 * @param within80 weight of those inside their 80 % interval
 * @param within95 weight of those inside their 95 % interval
 * @param width factor on the next forecast's intervals
 * @param weekOf the day from which on the present week's scores count
 * @param weekScored scores of the present week
 * @param weekWithin95 of them inside their 95 % interval
 * @param truePositives alarms that came true
 * @param falsePositives alarms that did not
 * @param falseNegatives levels reached without an alarm
 */
public record TrackRecord(
        long scored,
        double weight,
        double percentageError,
        double bias,
        double within80,
        double within95,
        double width,
        long weekOf,
        int weekScored,
        int weekWithin95,
        int truePositives,
        int falsePositives,
        int falseNegatives) {

    private static final double MEMORY = 0.97;
    private static final int WEEK = 7;

    public static final TrackRecord NONE =
            new TrackRecord(
                    0,
                    0,
                    0,
                    0,
                    0,
                    0,
                    AdaptiveWidth.start().factor(),
                    Long.MIN_VALUE,
                    0,
                    0,
                    0,
                    0,
                    0);

    /**
     * After one more projection came due.
     *
     * @param actual the value of its day
     * @param reached whether its level was reached by then
     */
    TrackRecord scored(PendingProjection pending, double actual, boolean reached) {
        Projection p = pending.projection();
        double size = Math.abs(actual);
        double error = p.mean() - actual;
        // Where nothing is there is no percentage: all or nothing.
        double percentage = size > 0 ? 100 * error / size : error == 0 ? 0 : 100;
        boolean in80 = actual >= p.lo80() && actual <= p.hi80();
        boolean in95 = actual >= p.lo95() && actual <= p.hi95();
        TrackRecord week = pending.dueDay() >= weekOf + WEEK ? adapted(pending.dueDay()) : this;
        boolean judged = !Double.isNaN(pending.level());
        return new TrackRecord(
                scored + 1,
                MEMORY * weight + 1,
                MEMORY * percentageError + Math.abs(percentage),
                MEMORY * bias + percentage,
                MEMORY * within80 + (in80 ? 1 : 0),
                MEMORY * within95 + (in95 ? 1 : 0),
                week.width,
                week.weekOf,
                week.weekScored + 1,
                week.weekWithin95 + (in95 ? 1 : 0),
                truePositives + (judged && pending.alarmed() && reached ? 1 : 0),
                falsePositives + (judged && pending.alarmed() && !reached ? 1 : 0),
                falseNegatives + (judged && !pending.alarmed() && reached ? 1 : 0));
    }

    /** A new week; its predecessor's coverage becomes width. */
    private TrackRecord adapted(long day) {
        double coverage = weekScored == 0 ? Double.NaN : (double) weekWithin95 / weekScored;
        return new TrackRecord(
                scored,
                weight,
                percentageError,
                bias,
                within80,
                within95,
                new AdaptiveWidth(width).after(coverage).factor(),
                day,
                0,
                0,
                truePositives,
                falsePositives,
                falseNegatives);
    }

    /** 100 minus the mean absolute percentage error; NaN before anything was scored. */
    public double accuracy() {
        return scored == 0 ? Double.NaN : Math.max(0, 100 - percentageError / weight);
    }

    /** Mean signed error in percent; NaN before anything was scored. */
    public double meanBias() {
        return scored == 0 ? Double.NaN : bias / weight;
    }

    /** Share of scored projections inside their 95 % interval, in percent; NaN before any. */
    public double coverage95() {
        return scored == 0 ? Double.NaN : 100 * within95 / weight;
    }

    /** The same of the 80 % interval. */
    public double coverage80() {
        return scored == 0 ? Double.NaN : 100 * within80 / weight;
    }
}
