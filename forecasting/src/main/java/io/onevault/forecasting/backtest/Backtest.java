package io.onevault.forecasting.backtest;

import io.onevault.forecasting.model.GrowthModel;
import io.onevault.forecasting.model.Path;
import io.onevault.forecasting.series.History;
import java.util.List;

/**
 * Every model's errors from every origin of a plan (rolling-origin evaluation, Tashman 2000, IJF
 * 16).
 *
 * <p>Errors are actual minus forecast in the caller's unit, NaN where there was no observation.
 * Cost: models x origins x steps.
 */
public final class Backtest {

    private static final double JUMP_WEIGHT = 0.2;
    private static final double BEND_WEIGHT = 0.02;

    private final BacktestPlan plan;
    private final double[][] errors;
    private final double[] actuals;

    private Backtest(BacktestPlan plan, double[][] errors, double[] actuals) {
        this.plan = plan;
        this.errors = errors;
        this.actuals = actuals;
    }

    public static Backtest run(History history, List<GrowthModel> models, BacktestPlan plan) {
        int[] origins = plan.origins();
        int[] steps = plan.steps();
        double[] actuals = new double[origins.length * steps.length];
        double[] observed = actuals.clone();
        for (int o = 0; o < origins.length; o++) {
            for (int s = 0; s < steps.length; s++) {
                int target = origins[o] + steps[s] - 1;
                boolean known = target < history.length();
                actuals[o * steps.length + s] = known ? history.actual(target) : Double.NaN;
                observed[o * steps.length + s] =
                        known ? history.actual(target) - history.offset(target) : Double.NaN;
            }
        }
        double[][] errors = new double[models.size()][];
        for (int m = 0; m < errors.length; m++) {
            double[] row = new double[actuals.length];
            for (int o = 0; o < origins.length; o++) {
                Path path = models.get(m).from(origins[o]);
                for (int s = 0; s < steps.length; s++) {
                    int at = o * steps.length + s;
                    row[at] =
                            Double.isNaN(actuals[at])
                                    ? Double.NaN
                                    : actuals[at] - path.at(steps[s]);
                }
            }
            errors[m] = row;
        }
        return new Backtest(plan, errors, observed);
    }

    public BacktestPlan plan() {
        return plan;
    }

    /** Errors of one model, origin by origin; shared, not to be changed. */
    public double[] errors(int model) {
        return errors[model];
    }

    /** What was observed, in the same order as the errors. */
    public double[] actuals() {
        return actuals;
    }

    /**
     * Mean absolute error of one model at each origin; NaN where it said nothing or nothing was
     * observed.
     */
    public double[] errorByOrigin(int model) {
        int width = plan.steps().length;
        double[] result = new double[plan.origins().length];
        for (int o = 0; o < result.length; o++) {
            double sum = 0;
            int count = 0;
            boolean silent = false;
            for (int s = 0; s < width; s++) {
                int at = o * width + s;
                if (Double.isNaN(actuals[at])) {
                    continue;
                }
                silent |= !Double.isFinite(errors[model][at]);
                sum += Math.abs(errors[model][at]);
                count++;
            }
            result[o] = silent || count == 0 ? Double.NaN : sum / count;
        }
        return result;
    }

    /**
     * How much each origin counts: the share of its steps that were observed, and little when a
     * jump lies among them.
     *
     * @param jumps positions of jumps, ascending
     * @param bend where the newest slope began, or -1
     */
    public double[] weights(int[] jumps, int bend) {
        int[] steps = plan.steps();
        int width = steps.length;
        double[] result = new double[plan.origins().length];
        for (int o = 0; o < result.length; o++) {
            for (int s = 0; s < width; s++) {
                result[o] += Double.isNaN(actuals[o * width + s]) ? 0 : 1.0 / width;
            }
            int origin = plan.origins()[o];
            for (int jump : jumps) {
                boolean inside = jump >= origin && jump < origin + steps[width - 1];
                result[o] *= inside ? JUMP_WEIGHT : 1;
            }
            result[o] *= bend >= origin ? BEND_WEIGHT : 1;
        }
        return result;
    }
}
