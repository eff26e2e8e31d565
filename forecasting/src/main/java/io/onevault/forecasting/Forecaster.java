package io.onevault.forecasting;

import io.onevault.forecasting.backtest.Backtest;
import io.onevault.forecasting.backtest.BacktestPlan;
import io.onevault.forecasting.capacity.TimeToCapacity;
import io.onevault.forecasting.interval.ErrorModel;
import io.onevault.forecasting.interval.FirstPassage;
import io.onevault.forecasting.model.GrowthModel;
import io.onevault.forecasting.model.ModelCatalogue;
import io.onevault.forecasting.model.ModelFamily;
import io.onevault.forecasting.model.Path;
import io.onevault.forecasting.model.SawtoothModel;
import io.onevault.forecasting.select.Evidence;
import io.onevault.forecasting.select.GrowthPattern;
import io.onevault.forecasting.select.ModelScore;
import io.onevault.forecasting.select.PatternClassifier;
import io.onevault.forecasting.select.Selection;
import io.onevault.forecasting.series.DataQuality;
import io.onevault.forecasting.series.History;
import io.onevault.forecasting.series.TimeSeries;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.Collectors;

/**
 * Forecasts one series: prepares it, lets all models forecast its past from a few dozen origins,
 * weighs them by their errors, and reads intervals, confidence and time to capacity off the same
 * errors.
 *
 * <p>Stateless, thread-safe and deterministic: the same input gives the same bits. Never throws on
 * data; a series without a single valid observation gets an empty path. Invariant to the unit and
 * the origin of time. Cost: O(n) a series, at most a few milliseconds.
 */
public final class Forecaster {

    /** The confidence level is about the projection so many steps ahead. */
    public static final int CONFIDENCE_STEP = 30;

    /** The projection counts as right when it is within this share of the truth. */
    public static final double CONFIDENCE_MARGIN = 0.15;

    private static final double CONFIDENCE_PRIOR = 2;
    private static final double SINGLE_WINNER = 0.5;
    private static final int NAMED_MEMBERS = 3;

    public ForecastResult forecast(TimeSeries series, ForecastOptions options) {
        History whole = History.of(series, options.season());
        if (whole.length() == 0) {
            return nothing(options, whole.quality());
        }
        // The collapses of a sawtooth are no exceptions.
        boolean sawtooth = SawtoothModel.of(whole.fitted()) != null;
        History history = sawtooth ? whole : whole.levelled(options.horizon());
        int n = history.length();
        List<GrowthModel> models = ModelCatalogue.of(history, options.horizon());
        BacktestPlan plan = BacktestPlan.of(history, options.horizon());
        Backtest backtest = Backtest.run(history, models, plan);
        Evidence evidence = Evidence.of(history, plan, options.horizon());
        Selection selection = Selection.of(models, backtest, evidence);
        ErrorModel errors =
                ErrorModel.of(
                        plan,
                        selection.errors(),
                        history.scale(),
                        evidence.size(),
                        evidence.quiet());
        ErrorModel surprised =
                history.equals(whole)
                        ? errors
                        : ErrorModel.of(
                                plan,
                                withShifts(history, plan, selection.errors()),
                                whole.scale(),
                                evidence.size(),
                                evidence.quiet());
        // Another slope after the shift: it may have been the beginning of something.
        ErrorModel usual = evidence.bend() >= 0 ? surprised : errors;
        List<ForecastPoint> path = path(selection.path(n), usual, surprised, options);
        double last = history.fitted()[n - 1];
        List<ModelScore> ranking = selection.ranking();
        boolean single = ranking.get(0).weight() > SINGLE_WINNER;
        PatternClassifier.Classified pattern = PatternClassifier.classify(whole);
        double current = series.value(n - 1);
        OptionalDouble capacity = options.capacity();
        return new ForecastResult(
                series.lastStep(),
                current,
                options.horizon(),
                path,
                single ? ranking.get(0).family() : ModelFamily.COMBINATION,
                single ? ranking.get(0).name() : memberNames(ranking),
                accuracy(history, backtest, selection),
                plan.origins().length == 0
                        ? Optional.empty()
                        : Optional.of(ranking.get(single && ranking.size() > 1 ? 1 : 0)),
                ranking,
                pattern.pattern(),
                pattern.confidence(),
                growthRate(path, last, history.size()),
                confidence(plan, backtest, selection, errors, path),
                capacity.isPresent()
                        ? Optional.of(
                                TimeToCapacity.of(
                                        capacity.getAsDouble(),
                                        current,
                                        path.subList(0, options.reach())))
                        : Optional.empty(),
                FirstPassage.of(
                        history,
                        plan,
                        selection.errors(),
                        errors,
                        path.subList(0, options.reach())),
                history.quality());
    }

    private static ForecastResult nothing(ForecastOptions options, DataQuality quality) {
        double none = Double.NaN;
        OptionalDouble capacity = options.capacity();
        return new ForecastResult(
                0,
                none,
                options.horizon(),
                List.of(),
                ModelFamily.FLAT,
                "no data",
                new BacktestAccuracy(0, 0, none, none, none, none),
                Optional.empty(),
                List.of(),
                GrowthPattern.UNKNOWN,
                0,
                0,
                0,
                capacity.isPresent()
                        ? Optional.of(TimeToCapacity.of(capacity.getAsDouble(), none, List.of()))
                        : Optional.empty(),
                FirstPassage.none(),
                quality);
    }

    private static List<ForecastPoint> path(
            Path centre, ErrorModel errors, ErrorModel surprised, ForecastOptions options) {
        int length = Math.max(CONFIDENCE_STEP, Math.max(options.reach(), options.pathSteps()));
        List<ForecastPoint> points = new ArrayList<>(length);
        double floor80 = 0;
        double floor95 = 0;
        double ceiling80 = 0;
        double ceiling95 = 0;
        double width = options.width().factor();
        for (int step = 1; step <= length; step++) {
            double mean = centre.at(step);
            // Bounds contain the centre, never cross and never come closer again.
            floor80 = Math.min(floor80, width * errors.offset(0.1, step));
            ceiling80 = Math.max(ceiling80, width * errors.offset(0.9, step));
            double low95 = Math.min(errors.offset(0.025, step), surprised.offset(0.025, step));
            double high95 = Math.max(errors.offset(0.975, step), surprised.offset(0.975, step));
            floor95 = Math.min(floor95, Math.min(floor80, width * low95));
            ceiling95 = Math.max(ceiling95, Math.max(ceiling80, width * high95));
            points.add(
                    new ForecastPoint(
                            step,
                            mean,
                            mean + floor80,
                            mean + ceiling80,
                            mean + floor95,
                            mean + ceiling95));
        }
        return points;
    }

    /** The errors there would have been, had the shifts that were taken out come as surprises. */
    private static double[] withShifts(History history, BacktestPlan plan, double[] errors) {
        int width = plan.steps().length;
        double[] result = errors.clone();
        for (int i = 0; i < result.length; i++) {
            int origin = plan.origins()[i / width];
            int target = Math.min(history.length(), origin + plan.steps()[i % width]) - 1;
            result[i] += history.offset(origin - 1) - history.offset(target);
        }
        return result;
    }

    private static String memberNames(List<ModelScore> ranking) {
        return ranking.stream()
                .limit(NAMED_MEMBERS)
                .map(ModelScore::name)
                .collect(Collectors.joining(" + "));
    }

    private static double growthRate(List<ForecastPoint> path, double last, double size) {
        double change = path.get(CONFIDENCE_STEP - 1).mean() - last;
        double level = Math.abs(last) > 1e-9 * size ? Math.abs(last) : size;
        return level == 0 ? 0 : 100 * change / level;
    }

    private static BacktestAccuracy accuracy(
            History history, Backtest backtest, Selection selection) {
        double[] errors = selection.errors();
        double[] naive = backtest.errors(0);
        double[] actuals = backtest.actuals();
        double own = 0;
        double reference = 0;
        double smape = 0;
        int count = 0;
        for (int i = 0; i < errors.length; i++) {
            if (!Double.isFinite(errors[i])) {
                continue;
            }
            double forecast = actuals[i] - errors[i];
            double size = Math.abs(actuals[i]) + Math.abs(forecast);
            own += Math.abs(errors[i]);
            reference += Math.abs(naive[i]);
            smape += size == 0 ? 0 : 200 * Math.abs(errors[i]) / size;
            count++;
        }
        double scale = history.seasonalScale();
        double mae = count == 0 ? Double.NaN : own / count;
        double mase = scale > 0 ? mae / scale : mae == 0 ? 0 : Double.NaN;
        double skill = reference > 0 ? 1 - own / reference : own > 0 ? -1 : 0;
        BacktestPlan plan = backtest.plan();
        return new BacktestAccuracy(
                plan.origins().length,
                plan.reach(),
                mae,
                count == 0 ? Double.NaN : smape / count,
                mase,
                count == 0 ? Double.NaN : skill);
    }

    /**
     * Share of past forecasts about 30 steps ahead that were right, blended with what the
     * interval's distribution says, which counts as much as two independent origins.
     */
    private static double confidence(
            BacktestPlan plan,
            Backtest backtest,
            Selection selection,
            ErrorModel errors,
            List<ForecastPoint> path) {
        double mean = path.get(CONFIDENCE_STEP - 1).mean();
        double low = Math.min(mean / (1 + CONFIDENCE_MARGIN), mean / (1 - CONFIDENCE_MARGIN));
        double high = Math.max(mean / (1 + CONFIDENCE_MARGIN), mean / (1 - CONFIDENCE_MARGIN));
        double expected = errors.probability(low - mean, high - mean, CONFIDENCE_STEP);
        int[] steps = plan.steps();
        int nearest = 0;
        for (int s = 0; s < steps.length; s++) {
            boolean closer =
                    Math.abs(steps[s] - CONFIDENCE_STEP)
                            < Math.abs(steps[nearest] - CONFIDENCE_STEP);
            nearest = closer ? s : nearest;
        }
        double right = 0;
        double count = 0;
        for (int i = nearest; i < backtest.actuals().length; i += steps.length) {
            double error = selection.errors()[i];
            if (Double.isFinite(error)) {
                double allowed = CONFIDENCE_MARGIN * Math.abs(backtest.actuals()[i]);
                right += Math.abs(error) <= allowed ? 1 : 0;
                count++;
            }
        }
        if (count == 0 || steps[nearest] < CONFIDENCE_STEP / 2) {
            return expected;
        }
        double trust = plan.origins().length == 0 ? 0 : errors.independent(steps[nearest]);
        return (trust * right / count + CONFIDENCE_PRIOR * expected) / (trust + CONFIDENCE_PRIOR);
    }
}
