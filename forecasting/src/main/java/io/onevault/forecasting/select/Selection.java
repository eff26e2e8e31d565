package io.onevault.forecasting.select;

import io.onevault.forecasting.backtest.Backtest;
import io.onevault.forecasting.model.GrowthModel;
import io.onevault.forecasting.model.ModelFamily;
import io.onevault.forecasting.model.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Chooses and weighs models by their backtest: the best few are averaged with weights that fall steeply with
 * their error, because with a handful of independent origins the single best is often luck (Bates &amp;
 * Granger 1969; Makridakis et al. 2020 on combinations in M4).
 *
 * <p>A model's error counts relative to naive, drift and Theta at the same origin, bounded, so that one large
 * jump does not decide; and it is shrunk towards what is known of its family from elsewhere, the more so the
 * fewer independent origins there are. Cost: models x origins.
 */
public final class Selection {

    private static final int FIELD = 3;
    private static final int MOST_MEMBERS = 6;
    private static final double WORST_RATIO = 4;
    private static final double STEEPNESS = Double.parseDouble(System.getProperty("fc.steep", "5"));
    private static final double PRIOR_ORIGINS = Double.parseDouble(System.getProperty("fc.prior", "2"));
    private static final double CLOSE = Double.parseDouble(System.getProperty("fc.close", "1.35"));
    private static final double BLEND = Double.parseDouble(System.getProperty("fc.blend", "0.5"));

    private final List<GrowthModel> models;
    private final List<ModelScore> scores;
    private final double[] weights;
    private final double[] errors;

    private Selection(
            List<GrowthModel> models,
            List<ModelScore> scores,
            double[] weights,
            double[] errors) {
        this.models = models;
        this.scores = scores;
        this.weights = weights;
        this.errors = errors;
    }

    /**
     * @param independent roughly how many origins do not overlap
     */
    public static Selection of(List<GrowthModel> models, Backtest backtest, double independent) {
        int count = models.size();
        double[][] byOrigin = new double[count][];
        for (int m = 0; m < count; m++) {
            byOrigin[m] = backtest.errorByOrigin(m);
        }
        double[] originWeights = backtest.weights();
        double[] field = field(byOrigin, originWeights.length);
        double[] relative = new double[count];
        double[] absolute = new double[count];
        for (int m = 0; m < count; m++) {
            absolute[m] = mean(byOrigin[m], originWeights);
            double ratio = relative(byOrigin[m], field, originWeights);
            double prior = prior(models.get(m).family());
            relative[m] =
                    (independent * ratio + PRIOR_ORIGINS * prior) / (independent + PRIOR_ORIGINS);
        }
        double[] weights = weigh(models, relative, backtest);
        List<ModelScore> scores = new ArrayList<>();
        for (int m = 0; m < count; m++) {
            GrowthModel model = models.get(m);
            scores.add(
                    new ModelScore(
                            model.family(), model.name(), relative[m], absolute[m], weights[m]));
        }
        return new Selection(models, scores, weights, combine(backtest, weights));
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
            double ratio = field[o] == 0 ? (errors[o] == 0 ? 1 : WORST_RATIO) : errors[o] / field[o];
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

    /** Usual error relative to the field, before this series has been seen. */
    private static double prior(ModelFamily family) {
        return switch (family) {
            case NAIVE, DRIFT, THETA, DAMPED_TREND, SEASONAL, SEASONAL_NAIVE, TYPICAL_CHANGE -> 1;
            case FLAT, ROBUST_TREND, LEVEL_SHIFT, INTERMITTENT -> 1.05;
            case LINEAR, RECENT_TREND, SAWTOOTH -> 1.15;
            case EXPONENTIAL, SATURATING -> 1.25;
            case COMBINATION -> 1;
        };
    }

    private static double[] weigh(List<GrowthModel> models, double[] relative, Backtest backtest) {
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
            if (relative[m] <= best * CLOSE + 1e-12) {
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

    private static double[] combine(Backtest backtest, double[] weights) {
        double[] combined = new double[backtest.actuals().length];
        for (int m = 0; m < weights.length; m++) {
            double[] errors = backtest.errors(m);
            for (int i = 0; weights[m] > 0 && i < combined.length; i++) {
                combined[i] += weights[m] * errors[i];
            }
        }
        return combined;
    }

    /** Scores of all models, in the order of the catalogue. */
    public List<ModelScore> scores() {
        return scores;
    }

    /** Errors of what is forecast with, in the backtest's order. */
    public double[] errors() {
        return errors;
    }

    /** Forecast of the weighted models from the end of the history. */
    public Path path(int origin) {
        List<Path> members = new ArrayList<>();
        List<Double> shares = new ArrayList<>();
        double total = 0;
        for (int m = 0; m < weights.length; m++) {
            if (weights[m] > 0) {
                Path path = models.get(m).from(origin);
                if (Double.isFinite(path.at(1))) {
                    members.add(path);
                    shares.add(weights[m]);
                    total += weights[m];
                }
            }
        }
        if (members.isEmpty()) {
            return models.get(0).from(origin);
        }
        Path[] paths = members.toArray(new Path[0]);
        double[] share = new double[paths.length];
        for (int i = 0; i < share.length; i++) {
            share[i] = shares.get(i) / total;
        }
        return step -> {
            double value = 0;
            for (int i = 0; i < paths.length; i++) {
                value += share[i] * paths[i].at(step);
            }
            return value;
        };
    }
}
