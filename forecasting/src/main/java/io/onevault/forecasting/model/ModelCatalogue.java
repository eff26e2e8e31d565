package io.onevault.forecasting.model;

import io.onevault.forecasting.fit.ChangePoints;
import io.onevault.forecasting.fit.Smoothing;
import io.onevault.forecasting.fit.Smoothing.Weights;
import io.onevault.forecasting.fit.WindowSums;
import io.onevault.forecasting.series.History;
import io.onevault.forecasting.series.Seasons;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The models that compete for one series. Naive, drift and Theta are always among them; the others
 * enter when the series could be theirs (positive, seasonal, with jumps, long enough).
 */
public final class ModelCatalogue {

    private static final Weights[] TRENDS = {
        Weights.ofTrend(0.2, 0.1, 0.97),
        Weights.ofTrend(0.5, 0.1, 0.95),
        Weights.ofTrend(0.9, 0.1, 0.9),
        Weights.ofTrend(0.9, 0.03, 0.99),
    };

    private static final Weights[] SEASONS = {
        new Weights(0.05, 0, 0, 0.1, 0.15, 0.7),
        new Weights(0.1, 0.02, 0.95, 0.2, 0.3, 0.8),
        new Weights(0.3, 0.02, 0.95, 0.1, 0.2, 0.5),
        new Weights(0.02, 0, 0, 0.3, 0.3, 0.9),
        new Weights(0.7, 0, 0, 0.3, 0.4, 0),
        new Weights(0.1, 0, 0, 0.05, 0.05, 0.9),
        new Weights(0.05, 0.01, 1, 0.1, 0.15, 0.7),
    };

    private static final int ALL = Integer.MAX_VALUE;

    private ModelCatalogue() {}

    public static List<GrowthModel> of(History history, int horizon) {
        double[] y = history.fitted();
        Seasons seasons = history.seasons();
        List<GrowthModel> models = new ArrayList<>();
        WindowSums sums = new WindowSums(y);
        models.add(BenchmarkModels.naive(y));
        models.add(BenchmarkModels.drift(y));
        models.add(ThetaModel.of(y, sums));
        int n = y.length;
        if (n < 3) {
            return models;
        }
        addTrends(models, y, sums, horizon, history.movesRarely());
        if (history.positive()) {
            addExponential(models, y, horizon);
            models.add(SaturatingModel.of(y, sums));
        }
        SawtoothModel sawtooth = SawtoothModel.of(y);
        if (sawtooth != null) {
            models.add(sawtooth);
        }
        if (mostlyZero(y)) {
            models.add(IntermittentModel.of(y));
        }
        if (seasons.any()) {
            addSeasonal(models, y, seasons, history.positive(), horizon);
        }
        return models;
    }

    private static void addTrends(
            List<GrowthModel> models, double[] y, WindowSums sums, int horizon, boolean jumpy) {
        int n = y.length;
        models.add(FlatModel.mean(sums));
        models.add(FlatModel.smoothed(y, 0.1));
        models.add(FlatModel.smoothed(y, 0.4));
        models.add(LinearModel.line(sums, ModelFamily.LINEAR, "ols", ALL));
        models.add(LinearModel.anchored(y, sums, ModelFamily.LINEAR, "ols-anchored", ALL));
        for (int window : windows(horizon, n)) {
            models.add(
                    BenchmarkModels.drift(y, ModelFamily.RECENT_TREND, "drift-" + window, window));
            models.add(
                    LinearModel.anchored(
                            y, sums, ModelFamily.RECENT_TREND, "ols-" + window, window));
        }
        models.add(RobustTrendModel.of(y, Math.max(8, 2 * horizon)));
        models.add(RobustTrendModel.of(y, ALL));
        for (Weights weights : TRENDS) {
            models.add(DampedTrendModel.of(y, weights));
        }
        int[] knots = knots(horizon);
        if (jumpy) {
            models.add(TypicalChangeModel.of(y, knots, 0.4, ALL, "cautious-change"));
        }
        models.add(TypicalChangeModel.of(y, knots, 0.5, ALL, "typical-change"));
        if (n > 3 * horizon) {
            models.add(TypicalChangeModel.of(y, knots, 0.5, 2 * horizon, "recent-change"));
        }
        int[] jumps = ChangePoints.jumps(y);
        if (jumps.length > 0) {
            models.add(LevelShiftModel.withoutJumps(y, jumps));
        }
        int confirm = Math.max(4, Math.min(30, n / 20));
        int[] changes = ChangePoints.find(y, sums, confirm);
        if (changes.length > 0) {
            models.add(LevelShiftModel.sinceChange(y, sums, changes, confirm, true));
            models.add(LevelShiftModel.sinceChange(y, sums, changes, confirm, false));
        }
    }

    private static int[] knots(int horizon) {
        return horizon < 4
                ? new int[] {Math.max(1, horizon)}
                : new int[] {Math.max(1, horizon / 8), horizon / 3, 2 * horizon / 3, horizon};
    }

    private static int[] windows(int horizon, int n) {
        int[] wanted = {Math.max(6, horizon / 3), Math.max(9, horizon), 2 * horizon, 4 * horizon};
        int count = 0;
        for (int window : wanted) {
            count += window < 0.8 * n ? 1 : 0;
        }
        return Arrays.copyOf(wanted, count);
    }

    private static void addExponential(List<GrowthModel> models, double[] y, int horizon) {
        double[] logs = logs(y);
        WindowSums logSums = new WindowSums(logs);
        models.add(ExponentialModel.line(logSums));
        models.add(ExponentialModel.anchored(y, logSums, ALL));
        models.add(ExponentialModel.anchored(y, logSums, Math.max(12, 3 * horizon)));
    }

    private static void addSeasonal(
            List<GrowthModel> models, double[] y, Seasons seasons, boolean positive, int horizon) {
        int m = seasons.primary();
        models.add(BenchmarkModels.seasonalNaive(y, m));
        models.add(SeasonalModel.phaseMean(y, m, 4));
        if (seasons.secondary() > 1) {
            models.add(BenchmarkModels.seasonalNaive(y, seasons.secondary()));
            models.add(SeasonalModel.phaseMean(y, seasons.secondary(), 3));
        }
        Smoothing best = addSmoothings(models, y, seasons, false);
        addAround(models, best, best.adjusted(y), horizon, false);
        if (positive) {
            double[] logs = logs(y);
            Smoothing bestLog = addSmoothings(models, logs, seasons, true);
            addAround(models, bestLog, bestLog.adjusted(logs), horizon, true);
        }
    }

    private static Smoothing addSmoothings(
            List<GrowthModel> models, double[] y, Seasons seasons, boolean log) {
        Smoothing best = SeasonalModel.smoothing(y, seasons, SEASONS[0]);
        for (Weights weights : SEASONS) {
            Smoothing smoothing = SeasonalModel.smoothing(y, seasons, weights);
            String name =
                    (log ? "winters-log-" : "winters-")
                            + (weights.damping() == 1 ? "undamped-" : "")
                            + weights.level()
                            + "-"
                            + weights.season();
            models.add(
                    log
                            ? SeasonalModel.multiplicative(smoothing, name)
                            : SeasonalModel.additive(smoothing, name));
            if (smoothing.meanAbsoluteError() < best.meanAbsoluteError()) {
                best = smoothing;
            }
        }
        return best;
    }

    private static void addAround(
            List<GrowthModel> models,
            Smoothing season,
            double[] adjusted,
            int horizon,
            boolean log) {
        WindowSums sums = new WindowSums(adjusted);
        List<GrowthModel> inner = new ArrayList<>();
        inner.add(FlatModel.smoothed(adjusted, 0.1));
        inner.add(ThetaModel.of(adjusted, sums));
        inner.add(BenchmarkModels.drift(adjusted));
        inner.add(LinearModel.anchored(adjusted, sums, ModelFamily.LINEAR, "ols-anchored", ALL));
        inner.add(LinearModel.line(sums, ModelFamily.LINEAR, "ols", ALL));
        int window = Math.max(9, 2 * horizon);
        inner.add(LinearModel.line(sums, ModelFamily.RECENT_TREND, "ols-" + window, window));
        for (GrowthModel model : inner) {
            models.add(
                    log
                            ? SeasonalModel.aroundLog(model, season)
                            : SeasonalModel.around(model, season));
        }
    }

    private static double[] logs(double[] y) {
        double[] logs = new double[y.length];
        for (int i = 0; i < y.length; i++) {
            logs[i] = Math.log(y[i]);
        }
        return logs;
    }

    private static boolean mostlyZero(double[] y) {
        int zeros = 0;
        for (double value : y) {
            zeros += value == 0 ? 1 : 0;
        }
        return zeros > y.length / 3;
    }
}
