package io.onevault.forecasting.select;

import io.onevault.forecasting.fit.ChangePoints;
import io.onevault.forecasting.fit.LogisticFit;
import io.onevault.forecasting.fit.WindowSums;
import io.onevault.forecasting.model.SawtoothModel;
import io.onevault.forecasting.series.History;

/**
 * Names the pattern of a history and says how clear it is.
 *
 * <p>Shapes (constant, line, exponential, logistic, steps) are compared by their squared error with
 * Schwarz's penalty (1978) on the series without its season; sawtooth and intermittent series are
 * recognised by their own structure first. Confidence is the share of variation the shape explains,
 * or for STABLE how far the trend is from mattering. Cost: O(n).
 */
public final class PatternClassifier {

    /**
     * A pattern.
     *
     * @param confidence between 0 and 1
     */
    public record Classified(GrowthPattern pattern, double confidence) {}

    private static final int MIN_POINTS = 5;
    private static final double MATTERS = 0.03;
    private static final double CLEAR_OF_NOISE = 1.5;

    private static final int FEW_JUMPS = 4;
    private static final double STRAIGHT = 0.95;

    private PatternClassifier() {}

    public static Classified classify(History history) {
        double[] y = history.fitted();
        int n = y.length;
        if (n < MIN_POINTS) {
            return new Classified(GrowthPattern.UNKNOWN, 0);
        }
        double mean = mean(y);
        double total = squares(y, mean);
        double size = history.size();
        if (Math.sqrt(total / n) <= 1e-9 * size || total == 0) {
            return new Classified(GrowthPattern.STABLE, Math.min(1, n / 30.0));
        }
        double zeros = zeros(y);
        if (zeros > 0.5) {
            return new Classified(GrowthPattern.INTERMITTENT, zeros);
        }
        SawtoothModel sawtooth = SawtoothModel.of(y);
        if (sawtooth != null) {
            double confidence = 1 - 1.0 / sawtooth.drops();
            return new Classified(GrowthPattern.SAWTOOTH, confidence);
        }
        return shape(history, y, size);
    }

    private static Classified shape(History history, double[] y, double size) {
        int n = y.length;
        double[] plain = y.clone();
        double amplitude = removeSeason(plain, history.seasons().primary());
        WindowSums sums = new WindowSums(plain);
        double slope = sums.slope(0, n);
        double mean = sums.mean(0, n);
        double total = squares(plain, mean);
        double lineError = lineError(plain, slope, mean);
        double noise = Math.sqrt(lineError / n);
        double change = slope * (n - 1);
        double explained = total == 0 ? 0 : 1 - lineError / total;
        boolean seasonal = amplitude > 0 && amplitude > 1.2 * noise;
        if (seasonal && amplitude > 0.7 * Math.abs(change)) {
            double strength = amplitude * amplitude / (amplitude * amplitude + noise * noise);
            return new Classified(GrowthPattern.SEASONAL, strength);
        }
        int[] jumps = ChangePoints.jumps(plain);
        Steps steps = Steps.of(plain, jumps);
        // Many small steps along a line are a line seen through a coarse sensor.
        boolean staircase = jumps.length > FEW_JUMPS && explained > STRAIGHT;
        if (steps.share() > 0.7 && steps.error() < 0.6 * lineError && !staircase) {
            return new Classified(GrowthPattern.STEP, steps.share());
        }
        if (jumps.length > 0 && jumps.length <= FEW_JUMPS) {
            return withoutJumps(history, plain, jumps, size);
        }
        return plainTrend(history, plain, size);
    }

    /** The trend between a few jumps, which are taken out first. */
    private static Classified withoutJumps(History history, double[] y, int[] jumps, double size) {
        for (int k = jumps.length - 1; k >= 0; k--) {
            double height = y[jumps[k]] - y[jumps[k] - 1];
            for (int i = 0; i < jumps[k]; i++) {
                y[i] += height;
            }
        }
        return plainTrend(history, y, size);
    }

    private static Classified plainTrend(History history, double[] plain, double size) {
        int n = plain.length;
        WindowSums sums = new WindowSums(plain);
        double slope = sums.slope(0, n);
        double mean = sums.mean(0, n);
        double total = squares(plain, mean);
        double lineError = lineError(plain, slope, mean);
        double noise = Math.sqrt(lineError / n);
        double change = slope * (n - 1);
        double explained = total == 0 ? 0 : 1 - lineError / total;
        boolean matters =
                Math.abs(change) > MATTERS * size
                        && Math.abs(change) > CLEAR_OF_NOISE * noise
                        && explained > 0.25;
        if (!matters) {
            double nearness = Math.min(1, Math.abs(change) / Math.max(MATTERS * size, 2 * noise));
            return new Classified(GrowthPattern.STABLE, 1 - 0.5 * nearness);
        }
        return trend(history, plain, slope, lineError, total);
    }

    private static Classified trend(
            History history, double[] y, double slope, double lineError, double total) {
        int n = y.length;
        if (slope < 0) {
            return new Classified(GrowthPattern.DECLINING, 1 - lineError / total);
        }
        double penalty = Math.log(n);
        double bestScore = n * Math.log(lineError / n + 1e-18 * total) + 2 * penalty;
        GrowthPattern best = GrowthPattern.LINEAR;
        double bestError = lineError;
        if (history.positive() && y[0] > 0) {
            double error = exponentialError(y);
            double score = n * Math.log(error / n + 1e-18 * total) + 2 * penalty;
            // Autocorrelated noise fits either shape by luck: the better one must be clearly
            // better.
            if (score < bestScore && error < 0.8 * lineError) {
                bestScore = score;
                best = GrowthPattern.EXPONENTIAL;
                bestError = error;
            }
        }
        LogisticFit logistic = LogisticFit.of(y, n);
        if (logistic.usable() && logistic.at(n - 1) > 0.8 * logistic.limit()) {
            double error = 0;
            for (int i = 0; i < n; i++) {
                error += Math.pow(y[i] - logistic.at(i), 2);
            }
            double score = n * Math.log(error / n + 1e-18 * total) + 4 * penalty;
            if (score < bestScore && error < 0.7 * lineError) {
                best = GrowthPattern.SATURATING;
                bestError = error;
            }
        }
        return new Classified(best, Math.max(0, Math.min(1, 1 - bestError / total)));
    }

    private static double lineError(double[] y, double slope, double mean) {
        double middle = (y.length - 1) / 2.0;
        double error = 0;
        for (int i = 0; i < y.length; i++) {
            double miss = y[i] - mean - slope * (i - middle);
            error += miss * miss;
        }
        return error;
    }

    private static double exponentialError(double[] y) {
        double[] logs = new double[y.length];
        for (int i = 0; i < y.length; i++) {
            logs[i] = Math.log(Math.max(y[i], Double.MIN_NORMAL));
        }
        WindowSums sums = new WindowSums(logs);
        double rate = sums.slope(0, y.length);
        double mean = sums.mean(0, y.length);
        double middle = (y.length - 1) / 2.0;
        double error = 0;
        for (int i = 0; i < y.length; i++) {
            double miss = y[i] - Math.exp(mean + rate * (i - middle));
            error += miss * miss;
        }
        return error;
    }

    /**
     * Subtracts the mean deviation of each phase from the line and returns half the season's range.
     */
    private static double removeSeason(double[] y, int season) {
        int n = y.length;
        if (season < 2 || n < 2 * season) {
            return 0;
        }
        WindowSums sums = new WindowSums(y);
        double[] phase = new double[season];
        int[] count = new int[season];
        for (int i = 0; i < n; i++) {
            int from = Math.max(0, Math.min(n - season, i - season / 2));
            double centre = from + (season - 1) / 2.0;
            double local = sums.mean(from, from + season);
            double drift = sums.slope(0, n) * (i - centre);
            phase[i % season] += y[i] - local - drift;
            count[i % season]++;
        }
        double low = 0;
        double high = 0;
        for (int k = 0; k < season; k++) {
            phase[k] /= count[k];
            low = Math.min(low, phase[k]);
            high = Math.max(high, phase[k]);
        }
        for (int i = 0; i < n; i++) {
            y[i] -= phase[i % season];
        }
        return (high - low) / 2;
    }

    private static double zeros(double[] y) {
        int zeros = 0;
        for (double value : y) {
            zeros += value == 0 ? 1 : 0;
        }
        return (double) zeros / y.length;
    }

    private static double mean(double[] y) {
        double sum = 0;
        for (double value : y) {
            sum += value / y.length;
        }
        return sum;
    }

    private static double squares(double[] y, double mean) {
        double sum = 0;
        for (double value : y) {
            sum += (value - mean) * (value - mean);
        }
        return sum;
    }

    /**
     * A piecewise constant reading of a series.
     *
     * @param share part of the whole movement that happens in jumps
     * @param error squared error around the levels between jumps
     */
    private record Steps(double share, double error) {

        static Steps of(double[] y, int[] jumps) {
            int n = y.length;
            if (jumps.length == 0 || jumps.length > Math.max(3, n / 25)) {
                return new Steps(0, Double.POSITIVE_INFINITY);
            }
            WindowSums sums = new WindowSums(y);
            double inJumps = 0;
            double between = 0;
            double error = 0;
            int from = 0;
            for (int k = 0; k <= jumps.length; k++) {
                int to = k < jumps.length ? jumps[k] : n;
                double level = sums.mean(from, to);
                for (int i = from; i < to; i++) {
                    error += (y[i] - level) * (y[i] - level);
                }
                between += Math.abs(sums.slope(from, to)) * (to - from);
                inJumps += k < jumps.length ? Math.abs(y[to] - y[to - 1]) : 0;
                from = to;
            }
            return new Steps(inJumps / (inJumps + between), error);
        }
    }
}
