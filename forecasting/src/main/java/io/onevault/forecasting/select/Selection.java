package io.onevault.forecasting.select;

import io.onevault.forecasting.backtest.Backtest;
import io.onevault.forecasting.fit.Order;
import io.onevault.forecasting.model.GrowthModel;
import io.onevault.forecasting.model.ModelFamily;
import io.onevault.forecasting.model.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;

/**
 * Chooses and weighs models by their backtest: the best few are averaged with weights that fall
 * steeply with their error, because with a handful of independent origins the single best is often
 * luck (Bates &amp; Granger 1969; Makridakis et al. 2020 on combinations in M4).
 *
 * <p>A model's error counts relative to naive, drift and Theta at the same origin, bounded, so that
 * one large jump does not decide; and it is shrunk towards what is known of its family from
 * elsewhere, the more so the fewer independent origins there are. Cost: models x origins.
 */
public final class Selection {

    private static final int FIELD = 3;
    private static final int MOST_MEMBERS = 12;
    private static final double WORST_RATIO = 4;
    private static final double STEEPNESS = 3;
    private static final double PRIOR_ORIGINS = 4;
    private static final double PRIOR_SHARE = 0.4;
    private static final double PRIOR_ORIGINS_QUIET = 8;
    private static final double CLOSE = 1.3;
    private static final double CLOSE_QUIET = 1.6;
    private static final double LEAST_RATIO = 0.01;
    private static final double BLEND = 0.8;

    /** Errors below this share of the series' size are rounding. */
    private static final double EXACT = 1e-9;

    private final List<GrowthModel> models;
    private final List<ModelScore> scores;
    private final double[] weights;
    private final double[] errors;
    private final boolean median;

    private Selection(
            List<GrowthModel> models,
            List<ModelScore> scores,
            double[] weights,
            double[] errors,
            boolean median) {
        this.median = median;
        this.models = models;
        this.scores = scores;
        this.weights = weights;
        this.errors = errors;
    }

    /**
     * Scores and weighs the models.
     *
     * @param models the catalogue; naive, drift and Theta first
     * @param evidence what is known besides the backtest
     */
    public static Selection of(List<GrowthModel> models, Backtest backtest, Evidence evidence) {
        boolean quiet = evidence.quiet();
        boolean median = quiet && !evidence.cumulative();
        double independent = evidence.independent();
        int count = models.size();
        double[][] byOrigin = new double[count][];
        for (int m = 0; m < count; m++) {
            byOrigin[m] = backtest.errorByOrigin(m);
        }
        double[] originWeights = backtest.weights(evidence.jumps(), evidence.bend());
        double[] field = field(byOrigin, originWeights.length);
        double[] relative = new double[count];
        double[] absolute = new double[count];
        for (int m = 0; m < count; m++) {
            absolute[m] = mean(byOrigin[m], originWeights);
            double ratio = relative(byOrigin[m], field, originWeights);
            ModelFamily family = models.get(m).family();
            double prior = FamilyPrior.of(family, evidence);
            double belief =
                    quiet
                            ? PRIOR_ORIGINS_QUIET
                            : Math.min(PRIOR_ORIGINS, PRIOR_SHARE * independent + 0.5)
                                    + evidence.trend() * PRIOR_ORIGINS;
            relative[m] =
                    Math.exp(
                            (independent * Math.log(Math.max(LEAST_RATIO, ratio))
                                            + belief * Math.log(prior))
                                    / (independent + belief));
        }
        int exact = exact(models, absolute, evidence.size());
        double[] weights =
                exact >= 0
                        ? only(exact, count)
                        : weigh(models, relative, backtest, quiet ? CLOSE_QUIET : CLOSE);
        List<ModelScore> scores = new ArrayList<>();
        for (int m = 0; m < count; m++) {
            GrowthModel model = models.get(m);
            scores.add(
                    new ModelScore(
                            model.family(), model.name(), relative[m], absolute[m], weights[m]));
        }
        return new Selection(models, scores, weights, combine(backtest, weights, median), median);
    }

    private static double[] field(double[][] byOrigin, int origins) {
        double[] field = new double[origins];
        for (int o = 0; o < origins; o++) {
            int used = 0;
            for (int m = 0; m < Math.min(FIELD, byOrigin.length); m++) {
                double error = byOrigin[m][o];
                if (Double.isFinite(error)) {
                    field[o] += error;
                    used++;
                }
            }
            field[o] = used == 0 ? Double.NaN : field[o] / used;
        }
        return field;
    }

    private static double relative(double[] errors, double[] field, double[] weights) {
        double ratios = 0;
        double total = 0;
        double sum = 0;
        double fieldSum = 0;
        double possible = 0;
        for (int o = 0; o < errors.length; o++) {
            possible += Double.isNaN(field[o]) ? 0 : weights[o];
            if (!Double.isFinite(errors[o]) || Double.isNaN(field[o])) {
                continue;
            }
            double ratio =
                    field[o] == 0 ? (errors[o] == 0 ? 1 : WORST_RATIO) : errors[o] / field[o];
            ratios += weights[o] * Math.min(WORST_RATIO, ratio);
            total += weights[o];
            sum += weights[o] * errors[o];
            fieldSum += weights[o] * field[o];
        }
        // A model that is silent at half of the origins has not been tested.
        if (total == 0 || total < 0.5 * possible) {
            return Double.POSITIVE_INFINITY;
        }
        double bounded = ratios / total;
        double plain = fieldSum == 0 ? (sum == 0 ? 1 : WORST_RATIO) : sum / fieldSum;
        return BLEND * bounded + (1 - BLEND) * plain;
    }

    private static double mean(double[] errors, double[] weights) {
        double sum = 0;
        double total = 0;
        for (int o = 0; o < errors.length; o++) {
            if (Double.isFinite(errors[o])) {
                sum += weights[o] * errors[o];
                total += weights[o];
            }
        }
        return total == 0 ? Double.NaN : sum / total;
    }

    /** The simplest model without error, or -1. */
    private static int exact(List<GrowthModel> models, double[] absolute, double size) {
        int best = -1;
        for (int m = 0; m < absolute.length; m++) {
            if (absolute[m] <= EXACT * size
                    && (best < 0
                            || models.get(m).family().compareTo(models.get(best).family()) < 0)) {
                best = m;
            }
        }
        return best;
    }

    private static double[] only(int model, int count) {
        double[] weights = new double[count];
        weights[model] = 1;
        return weights;
    }

    private static double[] weigh(
            List<GrowthModel> models, double[] relative, Backtest backtest, double close) {
        int count = models.size();
        double best = Double.POSITIVE_INFINITY;
        for (double value : relative) {
            best = Math.min(best, value);
        }
        double[] weights = new double[count];
        if (!Double.isFinite(best) || backtest.plan().origins().length == 0) {
            weights[0] = 1;
            return weights;
        }
        List<Integer> order = new ArrayList<>();
        for (int m = 0; m < count; m++) {
            if (relative[m] <= best * close + 1e-12) {
                order.add(m);
            }
        }
        order.sort(
                Comparator.comparingDouble((Integer m) -> relative[m])
                        .thenComparing(m -> models.get(m).family()));
        double total = 0;
        for (int m : order.subList(0, Math.min(MOST_MEMBERS, order.size()))) {
            weights[m] = Math.pow((best + 1e-9) / (relative[m] + 1e-9), STEEPNESS);
            total += weights[m];
        }
        for (int m = 0; m < count; m++) {
            weights[m] /= total;
        }
        return weights;
    }

    private static double[] combine(Backtest backtest, double[] weights, boolean median) {
        int[] members = members(weights);
        double[] combined = new double[backtest.actuals().length];
        double[] values = new double[members.length];
        double[] shares = new double[members.length];
        for (int i = 0; i < combined.length; i++) {
            for (int m = 0; m < members.length; m++) {
                values[m] = backtest.errors(members[m])[i];
                shares[m] = weights[members[m]];
            }
            combined[i] =
                    median
                            ? Order.weightedMedian(values, shares)
                            : Order.weightedMean(values, shares);
        }
        return combined;
    }

    private static int[] members(double[] weights) {
        int[] members = new int[weights.length];
        int count = 0;
        for (int m = 0; m < weights.length; m++) {
            if (weights[m] > 0) {
                members[count++] = m;
            }
        }
        return Arrays.copyOf(members, count);
    }

    /** Scores of all models, in the order of the catalogue. */
    public List<ModelScore> scores() {
        return scores;
    }

    /** Scores from best to worst. */
    public List<ModelScore> ranking() {
        return scores.stream()
                .sorted(
                        Comparator.comparingDouble((ModelScore s) -> -s.weight())
                                .thenComparingDouble(ModelScore::relativeError)
                                .thenComparing(ModelScore::family))
                .toList();
    }

    /** Errors of what is forecast with, in the backtest's order. */
    public double[] errors() {
        return errors;
    }

    /** Forecast of the weighted models from the end of the history. */
    public Path path(int origin) {
        int[] members = members(weights);
        Path[] paths = new Path[members.length];
        for (int m = 0; m < members.length; m++) {
            paths[m] = models.get(members[m]).from(origin);
        }
        return step -> {
            double[] values = new double[paths.length];
            double[] shares = new double[paths.length];
            for (int m = 0; m < paths.length; m++) {
                values[m] = paths[m].at(step);
                shares[m] = Double.isFinite(values[m]) ? weights[members[m]] : 0;
                values[m] = Double.isFinite(values[m]) ? values[m] : 0;
            }
            return median
                    ? Order.weightedMedian(values, shares)
                    : Order.weightedMean(values, shares);
        };
    }
}
