package io.onevault.forecasting.fit;

/**
 * Ordinary least squares on any window of a series in constant time, from prefix sums.
 *
 * <p>Sums run over values relative to the first one and over a centred index, which keeps an exact
 * line exact to about 1e-11 of its range. Cost: O(n) once, O(1) a window.
 */
public final class WindowSums {

    private final double origin;
    private final double centre;
    private final double[] sum;
    private final double[] moment;

    public WindowSums(double[] y) {
        int n = y.length;
        origin = n == 0 ? 0 : y[0];
        centre = (n - 1) / 2.0;
        sum = new double[n + 1];
        moment = new double[n + 1];
        for (int i = 0; i < n; i++) {
            sum[i + 1] = sum[i] + (y[i] - origin);
            moment[i + 1] = moment[i] + (y[i] - origin) * (i - centre);
        }
    }

    /** Mean of positions {@code from} to {@code to} (exclusive). */
    public double mean(int from, int to) {
        return origin + (sum[to] - sum[from]) / (to - from);
    }

    /** Least squares slope per step on {@code [from, to)}; 0 for a single point. */
    public double slope(int from, int to) {
        int n = to - from;
        if (n < 2) {
            return 0;
        }
        double middle = (from + to - 1) / 2.0;
        double total = sum[to] - sum[from];
        double cross = moment[to] - moment[from] - (middle - centre) * total;
        double spread = n * ((double) n * n - 1) / 12;
        return cross / spread;
    }
}
