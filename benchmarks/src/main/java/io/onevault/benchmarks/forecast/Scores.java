package io.onevault.benchmarks.forecast;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What one method achieved on a set of series; medians and geometric means, never plain means. */
final class Scores {

    private static final double RATIO_BOUND = 100;

    private final List<Double> mase = new ArrayList<>();
    private final List<Double> msis = new ArrayList<>();
    private final List<Double> ratio = new ArrayList<>();
    private int series;
    private int beats;
    private int ties;
    private int in80;
    private int in95;
    private int points;
    private int truePositive;
    private int falsePositive;
    private int falseNegative;

    /** Adds one series. {@code naive} is the naive forecast of the same series. */
    void add(double[] train, double[] test, int season, Projection p, Projection naive) {
        double scale = scale(train, season);
        double own = 0;
        double reference = 0;
        double width = 0;
        int count = 0;
        for (int i = 0; i < test.length; i++) {
            if (Double.isNaN(test[i])) {
                continue;
            }
            count++;
            own += Math.abs(test[i] - p.mean()[i]);
            reference += Math.abs(test[i] - naive.mean()[i]);
            in80 += test[i] >= p.lo80()[i] && test[i] <= p.hi80()[i] ? 1 : 0;
            in95 += test[i] >= p.lo95()[i] && test[i] <= p.hi95()[i] ? 1 : 0;
            double under = Math.max(0, p.lo95()[i] - test[i]);
            double over = Math.max(0, test[i] - p.hi95()[i]);
            width += p.hi95()[i] - p.lo95()[i] + 2 / 0.05 * (under + over);
        }
        points += count;
        if (scale > 0) {
            mase.add(own / count / scale);
            msis.add(width / count / scale);
        }
        series++;
        beats += own < reference ? 1 : 0;
        ties += own == reference ? 1 : 0;
        if (reference > 0) {
            ratio.add(Math.max(1 / RATIO_BOUND, Math.min(RATIO_BOUND, own / reference)));
        }
    }

    void addAlert(boolean alerted, boolean filled) {
        truePositive += alerted && filled ? 1 : 0;
        falsePositive += alerted && !filled ? 1 : 0;
        falseNegative += !alerted && filled ? 1 : 0;
    }

    private static double scale(double[] y, int season) {
        double sum = 0;
        int count = 0;
        for (int i = season; i < y.length; i++) {
            double change = Math.abs(y[i] - y[i - season]);
            if (!Double.isNaN(change)) {
                sum += change;
                count++;
            }
        }
        return count == 0 ? 0 : sum / count;
    }

    static double median(List<Double> values) {
        double[] sorted = values.stream().mapToDouble(Double::doubleValue).toArray();
        Arrays.sort(sorted);
        int n = sorted.length;
        return n == 0 ? Double.NaN : (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
    }

    double medianMase() {
        return median(mase);
    }

    double medianMsis() {
        return median(msis);
    }

    double meanMsis() {
        return msis.stream().mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
    }

    double ratioToNaive() {
        return Math.exp(ratio.stream().mapToDouble(Math::log).average().orElse(Double.NaN));
    }

    double beatsNaive() {
        return beats / (double) Math.max(1, series);
    }

    int ties() {
        return ties;
    }

    double coverage80() {
        return in80 / (double) points;
    }

    double coverage95() {
        return in95 / (double) points;
    }

    double recall() {
        return truePositive / (double) Math.max(1, truePositive + falseNegative);
    }

    double falseShare() {
        return falsePositive / (double) Math.max(1, truePositive + falsePositive);
    }

    double f1() {
        return 2.0 * truePositive / Math.max(1, 2 * truePositive + falsePositive + falseNegative);
    }
}
