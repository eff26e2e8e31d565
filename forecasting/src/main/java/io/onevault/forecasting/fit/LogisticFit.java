package io.onevault.forecasting.fit;

/**
 * Logistic growth {@code base + k / (1 + exp(-(a + b t)))} by a search over the ceiling and a
 * straight line in the logits (Verhulst 1838; the linearisation is Fisher &amp; Pry 1971).
 *
 * <p>Role: growth that runs into a limit. Errors: returns a fit with {@link #usable()} false when
 * the series does not bend or no ceiling fits better than the others. Cost: O(points x ceilings),
 * both bounded.
 */
public final class LogisticFit {

    private static final int POINTS = 64;
    private static final double[] CEILINGS = {
        1.01, 1.02, 1.04, 1.07, 1.12, 1.2, 1.35, 1.6, 2, 2.8, 4
    };

    private final double base;
    private final double ceiling;
    private final double offset;
    private final double rate;
    private final boolean usable;

    private LogisticFit(double base, double ceiling, double offset, double rate, boolean usable) {
        this.base = base;
        this.ceiling = ceiling;
        this.offset = offset;
        this.rate = rate;
        this.usable = usable;
    }

    /** Fits the first {@code to} values. */
    public static LogisticFit of(double[] y, int to) {
        int stride = Math.max(1, to / POINTS);
        int count = (to + stride - 1) / stride;
        if (count < 8) {
            return new LogisticFit(0, 0, 0, 0, false);
        }
        double low = Double.POSITIVE_INFINITY;
        double high = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < to; i++) {
            low = Math.min(low, y[i]);
            high = Math.max(high, y[i]);
        }
        double range = high - low;
        if (!(range > 0)) {
            return new LogisticFit(0, 0, 0, 0, false);
        }
        double floor = low - 0.01 * range > 0 && low < 0.5 * high ? 0 : low - 0.01 * range;
        LogisticFit best = new LogisticFit(0, 0, 0, 0, false);
        double bestError = Double.POSITIVE_INFINITY;
        for (double factor : CEILINGS) {
            double k = (high - floor) * factor;
            LogisticFit fit = line(y, to, stride, floor, k);
            double error = 0;
            for (int i = 0; i < to; i += stride) {
                double miss = y[i] - fit.at(i);
                error += miss * miss;
            }
            if (error < bestError) {
                bestError = error;
                best = fit;
            }
        }
        boolean bends = best.rate > 0 && best.at(to - 1) > best.base + 0.55 * best.ceiling;
        boolean fits = bestError / count < 0.0025 * range * range;
        return new LogisticFit(best.base, best.ceiling, best.offset, best.rate, bends && fits);
    }

    private static LogisticFit line(double[] y, int to, int stride, double floor, double k) {
        double weightSum = 0;
        double sumT = 0;
        double sumL = 0;
        double sumTt = 0;
        double sumTl = 0;
        for (int i = 0; i < to; i += stride) {
            double share = Math.max(0.002, Math.min(0.998, (y[i] - floor) / k));
            double logit = Math.log(share / (1 - share));
            // The logit's variance grows as 1 / (p (1 - p)) squared; weights undo that.
            double w = share * (1 - share) * share * (1 - share);
            weightSum += w;
            sumT += w * i;
            sumL += w * logit;
            sumTt += w * i * i;
            sumTl += w * i * logit;
        }
        double spread = sumTt - sumT * sumT / weightSum;
        double slope = spread <= 0 ? 0 : (sumTl - sumT * sumL / weightSum) / spread;
        double offset = (sumL - slope * sumT) / weightSum;
        return new LogisticFit(floor, k, offset, slope, true);
    }

    public boolean usable() {
        return usable;
    }

    /** Value on the curve at a position. */
    public double at(double position) {
        return base + ceiling / (1 + Math.exp(-(offset + rate * position)));
    }

    /** Where the curve ends. */
    public double limit() {
        return base + ceiling;
    }
}
