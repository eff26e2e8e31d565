package io.onevault.forecasting.interval;

import io.onevault.forecasting.backtest.BacktestPlan;
import io.onevault.forecasting.fit.Order;
import java.util.Arrays;

/**
 * How far the forecast was off in the past, by steps ahead, and so how far it will be.
 *
 * <p>Role: prediction intervals that hold at the far horizon. The forecaster's own backtest errors
 * are scaled by a curve of their size that never shrinks with the step; the quantiles of the scaled
 * errors, pooled over steps and so estimable from one series, give the bounds (split conformal
 * prediction, Vovk et al. 2005; pooling over horizons as in Stankeviciute et al. 2021). They are
 * blended with a Laplace distribution's, which counts for as much as a few independent origins, and
 * widened where few origins are independent. Unit: the series'. Cost: O(errors log errors).
 */
public final class ErrorModel {

    /**
     * Factor on the bounds for errors being a little smaller in a backtest that chose the models.
     */
    private static final double OPTIMISM = 1.2;

    /**
     * The same for the 95 % bounds of series that move in rare jumps: the largest is yet to come.
     */
    private static final double JUMP_TAIL = 2.5;

    /** Typical change, as a share of the level, of a series that has never changed. */
    private static final double UNSEEN_CHANGE = 0.001;

    private static final double WIDEN_TAIL = 0.8;
    private static final double WIDEN_CENTRE = 0.3;
    private static final double PRIOR = 3;
    private static final double MIN_POWER = 0.1;
    private static final double MAX_POWER = 1.0;

    /**
     * Beyond the last step tested errors grow almost in proportion: the trend's own error takes
     * over.
     */
    private static final double UNTESTED_POWER = 0.85;

    private static final double USUAL_POWER = 0.6;

    private final int[] steps;
    private final double[] scales;
    private final double power;
    private final double[] pooled;
    private final double span;
    private final boolean quiet;

    private ErrorModel(
            int[] steps,
            double[] scales,
            double power,
            double[] pooled,
            double span,
            boolean quiet) {
        this.quiet = quiet;
        this.steps = steps;
        this.scales = scales;
        this.power = power;
        this.pooled = pooled;
        this.span = span;
    }

    /**
     * @param errors actual minus forecast, origin by origin
     * @param fallback size of a one-step error when the backtest had no origin
     * @param level size of the series, for one that has never changed
     * @param quiet whether the series moves in rare jumps
     */
    public static ErrorModel of(
            BacktestPlan plan, double[] errors, double fallback, double level, boolean quiet) {
        int[] steps = plan.steps();
        int width = steps.length;
        double[] scales = new double[width];
        double[] counts = new double[width];
        for (int i = 0; i < errors.length; i++) {
            if (Double.isFinite(errors[i])) {
                scales[i % width] += Math.abs(errors[i]);
                counts[i % width]++;
            }
        }
        boolean any = false;
        for (int s = 0; s < width; s++) {
            scales[s] = counts[s] == 0 ? Double.NaN : scales[s] / counts[s];
            any |= counts[s] > 0;
        }
        int[] origins = plan.origins();
        double span = origins.length < 1 ? 0 : origins[origins.length - 1] - origins[0] + 1;
        if (!any) {
            return new ErrorModel(
                    new int[] {1}, new double[] {fallback}, USUAL_POWER, new double[0], 0, quiet);
        }
        double power = smooth(steps, scales, counts);
        if (scales[width - 1] == 0) {
            for (int s = 0; s < width; s++) {
                scales[s] =
                        UNSEEN_CHANGE
                                * level
                                * Math.pow((double) steps[s] / steps[width - 1], power);
            }
            return new ErrorModel(steps, scales, power, new double[0], span, quiet);
        }
        double[] pooled = new double[errors.length];
        int used = 0;
        for (int i = 0; i < errors.length; i++) {
            if (Double.isFinite(errors[i]) && scales[i % width] > 0) {
                pooled[used++] = errors[i] / scales[i % width];
            }
        }
        double[] sorted = Arrays.copyOf(pooled, used);
        Arrays.sort(sorted);
        return new ErrorModel(steps, scales, power, sorted, span, quiet);
    }

    /** Blends each step's size with a power law through all of them and makes it non-decreasing. */
    private static double smooth(int[] steps, double[] scales, double[] counts) {
        double sumW = 0;
        double sumX = 0;
        double sumY = 0;
        double sumXx = 0;
        double sumXy = 0;
        for (int s = 0; s < steps.length; s++) {
            if (scales[s] > 0) {
                double w = counts[s];
                double x = Math.log(steps[s]);
                double y = Math.log(scales[s]);
                sumW += w;
                sumX += w * x;
                sumY += w * y;
                sumXx += w * x * x;
                sumXy += w * x * y;
            }
        }
        if (sumW == 0) {
            Arrays.fill(scales, 0);
            return USUAL_POWER;
        }
        double spread = sumXx - sumX * sumX / sumW;
        double slope = spread < 1e-9 ? USUAL_POWER : (sumXy - sumX * sumY / sumW) / spread;
        double power = Math.max(MIN_POWER, Math.min(MAX_POWER, slope));
        double offset = (sumY - power * sumX) / sumW;
        double floor = 0;
        for (int s = 0; s < steps.length; s++) {
            double curve = Math.exp(offset + power * Math.log(steps[s]));
            double own = Double.isNaN(scales[s]) ? curve : scales[s];
            scales[s] = Math.max(floor, (own + curve) / 2);
            floor = scales[s];
        }
        return power;
    }

    /** Typical absolute error at a step; beyond the last one tested it follows the power law. */
    public double scale(int step) {
        int last = steps.length - 1;
        if (step >= steps[last]) {
            return scales[last]
                    * Math.pow((double) step / steps[last], Math.max(power, UNTESTED_POWER));
        }
        int above = 0;
        while (steps[above] < step) {
            above++;
        }
        if (above == 0) {
            return scales[0] * Math.pow((double) step / steps[0], power);
        }
        double share = (double) (step - steps[above - 1]) / (steps[above] - steps[above - 1]);
        return scales[above - 1] + share * (scales[above] - scales[above - 1]);
    }

    /**
     * What to add to the forecast at a step to get the given quantile of the outcome.
     *
     * @param share probability that the outcome is below, between 0 and 1
     */
    public double offset(double share, int step) {
        double independent = independent(step);
        double laplace = share < 0.5 ? Math.log(2 * share) : -Math.log(2 * (1 - share));
        double trust = Math.min(independent, pooled.length);
        double empirical =
                pooled.length == 0 ? laplace : Order.quantileOfSorted(pooled, pooled.length, share);
        double shape = (trust * empirical + PRIOR * laplace) / (trust + PRIOR);
        double tail = Math.max(0, Math.min(1, (2 * Math.abs(share - 0.5) - 0.8) / 0.15));
        double widen = WIDEN_CENTRE + tail * (WIDEN_TAIL - WIDEN_CENTRE);
        double factor = quiet ? 1 + tail * (JUMP_TAIL - 1) : OPTIMISM;
        return factor * shape * scale(step) * (1 + widen / Math.max(0.5, independent));
    }

    /** Roughly how many backtest origins do not overlap at so many steps ahead. */
    public double independent(int step) {
        return span / Math.max(1, Math.min(step, steps[steps.length - 1]));
    }

    /** Probability that the error at a step lies between two bounds (actual minus forecast). */
    public double probability(double from, double to, int step) {
        return Math.max(0, below(to, step) - below(from, step));
    }

    private double below(double bound, int step) {
        double low = 1e-4;
        double high = 1 - 1e-4;
        if (scale(step) == 0) {
            return bound >= 0 ? 1 : 0;
        }
        for (int i = 0; i < 24; i++) {
            double middle = (low + high) / 2;
            if (offset(middle, step) < bound) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return (low + high) / 2;
    }
}
