package io.onevault.forecasting.series;

import io.onevault.forecasting.fit.Order;

/**
 * Replaces isolated spikes of one or two steps by the median around them, so that one bad reading
 * does not bend a trend. A Hampel filter (Hampel 1974, JASA 69) that leaves alone what returns with
 * the season and gives up when spikes are common, because then they are the signal. Cost: O(n).
 */
final class SpikeFilter {

    private static final int REACH = 3;
    private static final double BOUND = 8;
    private static final double MOST = 0.04;

    private SpikeFilter() {}

    /** Cleans in place and returns how many values were replaced. */
    static int clean(double[] values, int season) {
        int n = values.length;
        if (n < 4 * REACH) {
            return 0;
        }
        double[] residual = new double[n];
        double[] window = new double[2 * REACH + 1];
        double[] medians = new double[n];
        double[] spreads = new double[n];
        for (int i = 0; i < n; i++) {
            int from = Math.max(0, Math.min(i - REACH, n - window.length));
            System.arraycopy(values, from, window, 0, window.length);
            sort(window);
            medians[i] = window[REACH];
            residual[i] = Math.abs(values[i] - medians[i]);
            spreads[i] = window[window.length - 2] - window[1];
        }
        double spread = Order.select(residual.clone(), n, (int) (0.8 * (n - 1)));
        int count = 0;
        boolean[] spike = new boolean[n];
        for (int i = 1; i + 1 < n; i++) {
            double bound = BOUND * Math.max(spread, spreads[i] / 2);
            boolean back = i - season >= 0 && season > 1 && residual[i - season] > bound / 2;
            boolean ahead = i + season < n && season > 1 && residual[i + season] > bound / 2;
            spike[i] = residual[i] > bound && residual[i] > 0 && !back && !ahead;
            count += spike[i] ? 1 : 0;
        }
        if (count > MOST * n) {
            return 0;
        }
        for (int i = 0; i < n; i++) {
            if (spike[i]) {
                values[i] = medians[i];
            }
        }
        return count;
    }

    /** Insertion sort; for seven values nothing is faster. */
    private static void sort(double[] window) {
        for (int i = 1; i < window.length; i++) {
            double value = window[i];
            int at = i;
            while (at > 0 && window[at - 1] > value) {
                window[at] = window[at - 1];
                at--;
            }
            window[at] = value;
        }
    }
}
