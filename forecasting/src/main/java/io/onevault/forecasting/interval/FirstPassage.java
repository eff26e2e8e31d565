package io.onevault.forecasting.interval;

import io.onevault.forecasting.ForecastPoint;
import io.onevault.forecasting.backtest.BacktestPlan;
import io.onevault.forecasting.series.History;
import java.util.ArrayList;
import java.util.List;

/**
 * How likely a level is reached at least once until some step, which is more than being above it at
 * that step: a resource is full when its highest use is, and half of all futures have been above
 * their own middle before (the reflection principle of random walks, Bachelier 1900).
 *
 * <p>At each past origin the highest value that came is compared with the highest of the forecast;
 * the excess, in units of the usual error at that step, is pooled over origins and steps as in
 * {@link ErrorModel}. Unit: the series'. Cost: O(origins x horizon). Without a backtest the central
 * path decides alone.
 *
 * @param tops highest of the central path until each step
 * @param scales usual size of an error at each step
 * @param excesses by how many such sizes the highest value exceeded the forecast's, ascending
 */
public record FirstPassage(List<Double> tops, List<Double> scales, List<Double> excesses) {

    /** From this probability on somebody is told: it is more likely than not. */
    public static final double LIKELY = 0.5;

    public FirstPassage {
        tops = List.copyOf(tops);
        scales = List.copyOf(scales);
        excesses = List.copyOf(excesses);
    }

    /** Nothing is known, and nothing reached. */
    public static FirstPassage none() {
        return new FirstPassage(List.of(), List.of(), List.of());
    }

    /**
     * @param errors actual minus forecast, origin by origin
     * @param path what is foretold
     */
    public static FirstPassage of(
            History history,
            BacktestPlan plan,
            double[] errors,
            ErrorModel model,
            List<ForecastPoint> path) {
        List<Double> tops = new ArrayList<>(path.size());
        List<Double> scales = new ArrayList<>(path.size());
        double top = Double.NEGATIVE_INFINITY;
        double scale = 0;
        for (ForecastPoint point : path) {
            top = Math.max(top, point.mean());
            scale = Math.max(scale, model.scale(point.step()));
            tops.add(top);
            scales.add(scale);
        }
        List<Double> excesses = new ArrayList<>();
        for (int o = 0; o < plan.origins().length; o++) {
            addExcesses(history, plan, errors, model, o, excesses);
        }
        excesses.sort(null);
        return new FirstPassage(tops, scales, excesses);
    }

    private static void addExcesses(
            History history,
            BacktestPlan plan,
            double[] errors,
            ErrorModel model,
            int origin,
            List<Double> excesses) {
        int[] steps = plan.steps();
        double came = Double.NEGATIVE_INFINITY;
        double foretold = Double.NEGATIVE_INFINITY;
        for (int s = 0; s < steps.length; s++) {
            int target = plan.origins()[origin] + steps[s] - 1;
            if (target >= history.length()) {
                return;
            }
            double error = errors[origin * steps.length + s];
            if (Double.isFinite(error)) {
                // Where the forecast was taken, so that like is compared with like; and without
                // isolated spikes, which are no use.
                came = Math.max(came, history.fitted()[target]);
                foretold = Math.max(foretold, history.actual(target) - error);
            }
            double excess = (came - foretold) / model.scale(steps[s]);
            if (Double.isFinite(excess)) {
                excesses.add(excess);
            }
        }
    }

    /**
     * Probability that {@code level} is reached at least once within so many steps; never falls
     * with the steps, never rises with the level.
     */
    public double probability(double level, int steps) {
        int at = Math.min(steps, tops.size()) - 1;
        if (at < 0) {
            return 0;
        }
        double missing = level - tops.get(at);
        if (missing <= 0 || excesses.isEmpty()) {
            return missing <= 0 ? 1 : 0;
        }
        int first = 0;
        int last = excesses.size();
        while (first < last) {
            int middle = (first + last) >>> 1;
            if (excesses.get(middle) * scales.get(at) >= missing) {
                last = middle;
            } else {
                first = middle + 1;
            }
        }
        return (double) (excesses.size() - first) / excesses.size();
    }
}
