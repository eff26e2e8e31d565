package io.onevault.forecasting.fit;

/**
 * Where the newest slope began, if it surely differs from the one before: two straight lines that
 * need not meet, compared by Student's statistic with autocorrelated residuals counted for less
 * (two-phase regression, Quandt 1958, JASA 53; the correction is Bartlett's, 1946).
 *
 * <p>Role: what a model said before the bend about days after it was not the model's fault. Begins
 * are looked for on a grid of ages that grows by the factor 1.4. Cost: O(n) for each.
 */
public final class Bend {

    private static final int LEAST = 14;
    private static final double GROWTH = 1.4;
    private static final double MOST = 0.5;
    private static final double SURE = 12;

    /** Times as long before the bend as after it are compared. */
    private static final int BEFORE = 2;

    private Bend() {}

    /** First position of the newest slope, or -1 if there is no bend. */
    public static int find(double[] y, WindowSums sums) {
        int n = y.length;
        int best = -1;
        double most = SURE;
        for (double age = LEAST; age <= MOST * n; age *= GROWTH) {
            int start = n - (int) age;
            int first = Math.max(0, start - BEFORE * (int) age);
            double statistic = statistic(y, sums, first, start);
            if (statistic > most) {
                most = statistic;
                best = start;
            }
        }
        return best;
    }

    private static double statistic(double[] y, WindowSums sums, int first, int start) {
        int n = y.length;
        double change = Math.abs(sums.slope(start, n) - sums.slope(first, start));
        double error = variance(y, sums, first, start) + variance(y, sums, start, n);
        return error == 0 ? (change == 0 ? 0 : Double.MAX_VALUE) : change / Math.sqrt(error);
    }

    /** Of the slope of one line. */
    private static double variance(double[] y, WindowSums sums, int from, int to) {
        int n = to - from;
        double slope = sums.slope(from, to);
        double mean = sums.mean(from, to);
        double middle = (from + to - 1) / 2.0;
        double square = 0;
        double cross = 0;
        double before = 0;
        for (int i = from; i < to; i++) {
            double residual = y[i] - mean - slope * (i - middle);
            square += residual * residual;
            cross += residual * before;
            before = residual;
        }
        if (square == 0) {
            return 0;
        }
        double correlation = Math.max(0, Math.min(0.98, cross / square));
        double effective = Math.max(1, (n - 2) * (1 - correlation) / (1 + correlation));
        return square / effective / (n * ((double) n * n - 1) / 12);
    }
}
