package io.onevault.forecasting.fit;

import java.util.Arrays;

/**
 * Positions where a series jumps to another level or starts another slope, found by a two-sided
 * comparison of windows: the mean of the changes before and after, and single changes far outside
 * the usual.
 *
 * <p>Role: trends are fitted after the last change only. A simplification of binary segmentation
 * (Scott &amp; Knott 1974) with a bound from the median absolute deviation, O(n).
 */
public final class ChangePoints {

    private static final double JUMP_BOUND = 12;
    private static final double SLOPE_BOUND = 5;

    private ChangePoints() {}

    /**
     * First positions of new regimes, ascending; position 0 is not listed.
     *
     * @param reach points on each side needed to confirm a change
     */
    public static int[] find(double[] y, WindowSums sums, int reach) {
        int n = y.length;
        int[] found = new int[n];
        int count = 0;
        if (n < 2 * reach + 1) {
            return new int[0];
        }
        double[] spread = new double[n - 2 * reach];
        double[] contrast = new double[n];
        for (int i = reach; i < n - reach; i++) {
            double before = sums.slope(i - reach, i);
            double after = sums.slope(i, i + reach);
            double step = sums.mean(i, i + reach) - sums.mean(i - reach, i);
            double expected = (before + after) / 2 * reach;
            double shift = Math.abs(step - expected);
            double bend = Math.abs(after - before) * reach / 2;
            contrast[i] = Math.max(shift, bend);
            spread[i - reach] = contrast[i];
        }
        double usual = Order.select(spread, spread.length, spread.length / 2);
        double bound = SLOPE_BOUND * Math.max(usual, 1e-9 * Math.abs(y[n - 1]));
        for (int i = reach; i < n - reach; i++) {
            if (contrast[i] > bound && peak(contrast, i, reach)) {
                found[count++] = i;
            }
        }
        return Arrays.copyOf(found, count);
    }

    private static boolean peak(double[] contrast, int at, int reach) {
        int from = Math.max(0, at - reach);
        int to = Math.min(contrast.length, at + reach + 1);
        for (int i = from; i < to; i++) {
            if (contrast[i] > contrast[at] || (contrast[i] == contrast[at] && i < at)) {
                return false;
            }
        }
        return true;
    }

    /**
     * Positions after single changes far larger than usual; the size that counts as unusual is
     * known at each position from the whole series.
     */
    public static int[] jumps(double[] y) {
        int n = y.length;
        if (n < 5) {
            return new int[0];
        }
        double[] size = new double[n - 1];
        for (int i = 0; i < n - 1; i++) {
            size[i] = Math.abs(y[i + 1] - y[i]);
        }
        double usual = Order.select(size.clone(), n - 1, (int) (0.75 * (n - 2)));
        double range = 0;
        for (double value : y) {
            range = Math.max(range, Math.abs(value - y[0]));
        }
        double bound = Math.max(JUMP_BOUND * usual, 0.02 * range);
        int[] found = new int[n];
        int count = 0;
        for (int i = 0; i < n - 1; i++) {
            if (size[i] > bound) {
                found[count++] = i + 1;
            }
        }
        return Arrays.copyOf(found, count);
    }
}
