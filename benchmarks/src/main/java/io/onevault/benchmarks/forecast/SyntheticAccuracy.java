package io.onevault.benchmarks.forecast;

import io.onevault.benchmarks.forecast.SyntheticFamilies.Case;
import io.onevault.forecasting.ForecastOptions;
import io.onevault.forecasting.ForecastPoint;
import io.onevault.forecasting.ForecastResult;
import io.onevault.forecasting.Forecaster;
import io.onevault.forecasting.capacity.TimeToCapacity;
import io.onevault.forecasting.series.TimeSeries;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Scores on series with a known truth: error and coverage of the time to capacity, alerts, lead
 * time, flapping, calibration of the confidence, coverage of the intervals, and the pattern named.
 */
final class SyntheticAccuracy {

    private static final int HORIZON = 90;
    private static final int FLAPPING_ORIGINS = 60;
    private static final int FLAPPING_CASES = 2;
    private static final int BINS = 10;

    private final Forecaster forecaster = new Forecaster();
    private final Map<String, Tally> families = new LinkedHashMap<>();
    private final double[] claimed = new double[BINS];
    private final double[] came = new double[BINS];
    private final double[] inBin = new double[BINS];

    /** What is counted for one family. */
    private static final class Tally {
        int cases;
        int truePositive;
        int falsePositive;
        int falseNegative;
        int named;
        int timed;
        int timeCovered;
        int points;
        int in80;
        int in95;
        int origins;
        int flips;
        final List<Double> timeErrors = new ArrayList<>();
        final List<Double> moves = new ArrayList<>();
        final List<Double> leads = new ArrayList<>();

        void add(Tally other) {
            cases += other.cases;
            truePositive += other.truePositive;
            falsePositive += other.falsePositive;
            falseNegative += other.falseNegative;
            named += other.named;
            timed += other.timed;
            timeCovered += other.timeCovered;
            points += other.points;
            in80 += other.in80;
            in95 += other.in95;
            origins += other.origins;
            flips += other.flips;
            timeErrors.addAll(other.timeErrors);
            moves.addAll(other.moves);
            leads.addAll(other.leads);
        }

        double f1() {
            return 2.0
                    * truePositive
                    / Math.max(1, 2 * truePositive + falsePositive + falseNegative);
        }

        double falseShare() {
            return falsePositive / (double) Math.max(1, truePositive + falsePositive);
        }

        double recall() {
            return truePositive / (double) Math.max(1, truePositive + falseNegative);
        }
    }

    static List<Figure> run(int perFamily) {
        SyntheticAccuracy accuracy = new SyntheticAccuracy();
        Map<String, Integer> seen = new LinkedHashMap<>();
        for (Case one : SyntheticFamilies.all(perFamily)) {
            accuracy.score(one);
            if (seen.merge(one.family(), 1, Integer::sum) <= FLAPPING_CASES) {
                accuracy.flapping(one);
            }
        }
        return accuracy.report();
    }

    private void score(Case one) {
        Tally tally = families.computeIfAbsent(one.family(), name -> new Tally());
        ForecastResult result = forecast(one, one.history());
        tally.cases++;
        tally.named += one.patterns().contains(result.pattern()) ? 1 : 0;
        for (ForecastPoint point : result.points()) {
            double value = one.values()[one.history() + point.step() - 1];
            tally.points++;
            tally.in80 += value >= point.lo80() && value <= point.hi80() ? 1 : 0;
            tally.in95 += value >= point.lo95() && value <= point.hi95() ? 1 : 0;
        }
        TimeToCapacity time = result.timeToCapacity().orElseThrow();
        int truth = one.trueTime(4 * HORIZON);
        boolean fills = truth > 0 && truth <= HORIZON;
        boolean alerted = result.expectedToReach(one.capacity(), HORIZON);
        tally.truePositive += alerted && fills ? 1 : 0;
        tally.falsePositive += alerted && !fills ? 1 : 0;
        tally.falseNegative += !alerted && fills ? 1 : 0;
        if (truth > 0) {
            tally.timed++;
            int earliest = time.earliest().orElse(Integer.MAX_VALUE);
            int latest = time.latest().orElse(Integer.MAX_VALUE);
            tally.timeCovered += truth >= earliest && truth <= latest ? 1 : 0;
            tally.timeErrors.add((double) Math.abs(time.median().orElse(4 * HORIZON) - truth));
        }
        calibrate(one, result);
    }

    private void calibrate(Case one, ForecastResult result) {
        int step = Forecaster.CONFIDENCE_STEP;
        double truth = one.values()[one.history() + step - 1];
        double miss = Math.abs(result.at(step).mean() - truth);
        int bin = Math.min(BINS - 1, (int) (BINS * result.confidenceLevel()));
        claimed[bin] += result.confidenceLevel();
        came[bin] += miss <= Forecaster.CONFIDENCE_MARGIN * Math.abs(truth) ? 1 : 0;
        inBin[bin]++;
    }

    /**
     * The same series on consecutive days: how often the alert changes and how far the estimate
     * moves.
     */
    private void flapping(Case one) {
        if (one.history() < SyntheticFamilies.DAYS) {
            return;
        }
        Tally tally = families.computeIfAbsent(one.family(), name -> new Tally());
        boolean before = false;
        double estimate = Double.NaN;
        int since = -1;
        for (int back = FLAPPING_ORIGINS; back >= 0; back--) {
            ForecastResult result = forecast(one, one.history() - back);
            TimeToCapacity time = result.timeToCapacity().orElseThrow();
            boolean alerted = result.expectedToReach(one.capacity(), HORIZON);
            tally.flips += back < FLAPPING_ORIGINS && alerted != before ? 1 : 0;
            tally.origins++;
            before = alerted;
            since = alerted ? Math.max(since, back) : -1;
            double now = time.median().isPresent() ? time.median().getAsInt() : Double.NaN;
            if (now > 0 && estimate > 0) {
                tally.moves.add(Math.abs(now - estimate) / estimate);
            }
            estimate = now;
        }
        int truth = one.trueTime(HORIZON);
        if (truth > 0) {
            tally.leads.add(since < 0 ? 0.0 : truth + since);
        }
    }

    private ForecastResult forecast(Case one, int history) {
        return forecaster.forecast(
                TimeSeries.ofValues(Arrays.copyOf(one.values(), history)),
                ForecastOptions.ofHorizon(HORIZON).withCapacity(one.capacity()));
    }

    private List<Figure> report() {
        System.out.printf(
                "%nsynthetic, horizon %d%n%-28s %5s %5s %6s %6s %8s %6s %6s %6s %7s %6s %7s %5s%n",
                HORIZON, "", "cases", "F1", "false", "recall", "TTC err", "TTC in", "cov80",
                "cov95", "pattern", "flips", "moves", "lead");
        Tally all = new Tally();
        families.forEach(
                (name, tally) -> {
                    print(name, tally);
                    all.add(tally);
                });
        print("all", all);
        double error = calibrationError();
        System.out.printf(Locale.ROOT, "confidence: expected calibration error %.3f%n", error);
        Tally flat = new Tally();
        flat.add(families.getOrDefault("flat", new Tally()));
        flat.add(families.getOrDefault("flat, autocorrelated", new Tally()));
        double flatShare = flat.falsePositive / (double) Math.max(1, flat.cases);
        return List.of(
                Figure.against("synthetic alert F1", all.f1(), "", "target", 0.75),
                Figure.against("synthetic false share", all.falseShare(), "", "target", 0.10),
                Figure.against("synthetic recall", all.recall(), "", "target", 0.60),
                Figure.against("false alerts on flat series", flatShare, "", "target", 0.01),
                Figure.against("confidence calibration error", error, "", "target", 0.05));
    }

    private double calibrationError() {
        double total = Arrays.stream(inBin).sum();
        double error = 0;
        for (int bin = 0; bin < BINS; bin++) {
            error += Math.abs(claimed[bin] - came[bin]) / total;
        }
        return error;
    }

    private static void print(String name, Tally tally) {
        System.out.printf(
                Locale.ROOT,
                "%-28s %5d %5.2f %5.0f%% %5.0f%% %8.1f %5.0f%% %5.0f%% %5.0f%% %6.0f%% %6.2f"
                        + " %6.1f%% %5.0f%n",
                name,
                tally.cases,
                tally.f1(),
                100 * tally.falseShare(),
                100 * tally.recall(),
                Scores.median(tally.timeErrors),
                100.0 * tally.timeCovered / Math.max(1, tally.timed),
                100.0 * tally.in80 / tally.points,
                100.0 * tally.in95 / tally.points,
                100.0 * tally.named / tally.cases,
                tally.origins == 0 ? 0 : (double) tally.flips * FLAPPING_ORIGINS / tally.origins,
                100 * Scores.median(tally.moves),
                Scores.median(tally.leads));
    }
}
