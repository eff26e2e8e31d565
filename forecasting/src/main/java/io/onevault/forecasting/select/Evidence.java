package io.onevault.forecasting.select;

import io.onevault.forecasting.backtest.BacktestPlan;
import io.onevault.forecasting.fit.Bend;
import io.onevault.forecasting.fit.ChangePoints;
import io.onevault.forecasting.fit.WindowSums;
import io.onevault.forecasting.series.History;
import java.util.stream.IntStream;

/**
 * What is known of a series besides its backtest.
 *
 * @param independent roughly how many backtest origins do not overlap
 * @param quiet whether the series changes on few of its steps only; then the members' median is
 *     forecast, which stays exactly where it is when most of them say so
 * @param size typical magnitude of the series, to tell errors from rounding
 * @param cumulative whether the series moves rarely and has never shrunk; then no change is the
 *     least that can happen, and some growth the better guess
 * @param jumps positions of a few jumps in an otherwise steady series; nobody could foresee them,
 *     so origins just before one say little about the models
 * @param bend where the newest slope began, if it surely differs from the one before; else -1
 * @param trend between 0 and 1: how surely a history too short to test the horizon has a trend
 */
public record Evidence(
        double independent,
        boolean quiet,
        double size,
        boolean cumulative,
        int[] jumps,
        int bend,
        double trend) {

    private static final int FEW_JUMPS = 4;
    private static final int MIN_POINTS = 5;
    private static final double USUALLY = 0.5;
    private static final double SIGNIFICANT = 3;
    private static final double CERTAIN = 9;

    /** Gathers the evidence. Cost: O(n log n) for the jumps, O(n) for the rest. */
    public static Evidence of(History history, BacktestPlan plan, int horizon) {
        double[] y = history.fitted();
        int[] origins = plan.origins();
        double independent =
                origins.length == 0 ? 0 : (y.length - origins[0]) / (double) plan.reach();
        boolean quiet = history.movesRarely();
        int[] jumps = quiet ? new int[0] : ChangePoints.jumps(y);
        double untested = Math.max(0, 1 - 2.0 * plan.reach() / horizon);
        return new Evidence(
                independent,
                quiet,
                history.size(),
                quiet && neverShrank(y) && usuallyGrows(y, horizon),
                union(history.shifts(), jumps.length > FEW_JUMPS ? new int[0] : jumps),
                quiet || y.length < MIN_POINTS ? -1 : Bend.find(y, new WindowSums(y)),
                untested * certainty(y));
    }

    private static int[] union(int[] a, int[] b) {
        return IntStream.concat(IntStream.of(a), IntStream.of(b)).sorted().distinct().toArray();
    }

    private static boolean usuallyGrows(double[] y, int horizon) {
        int windows = y.length - horizon;
        int grew = 0;
        for (int i = 0; i < windows; i++) {
            grew += y[i + horizon] > y[i] ? 1 : 0;
        }
        return windows <= 0 || grew > windows * USUALLY;
    }

    private static boolean neverShrank(double[] y) {
        for (int i = 1; i < y.length; i++) {
            if (y[i] < y[i - 1]) {
                return false;
            }
        }
        return y.length > 0 && y[y.length - 1] > y[0];
    }

    /**
     * Significance of the least squares slope, corrected for autocorrelated residuals, as 0 to 1.
     */
    private static double certainty(double[] y) {
        int n = y.length;
        if (n < MIN_POINTS) {
            return 0;
        }
        WindowSums sums = new WindowSums(y);
        double slope = sums.slope(0, n);
        double mean = sums.mean(0, n);
        double middle = (n - 1) / 2.0;
        double square = 0;
        double cross = 0;
        double before = 0;
        for (int i = 0; i < n; i++) {
            double residual = y[i] - mean - slope * (i - middle);
            square += residual * residual;
            cross += residual * before;
            before = residual;
        }
        if (square == 0) {
            return slope == 0 ? 0 : 1;
        }
        double correlation = Math.max(0, Math.min(0.95, cross / square));
        double effective = (n - 2) * (1 - correlation) / (1 + correlation);
        double spread = Math.sqrt(square / Math.max(1, effective));
        double statistic = Math.abs(slope) * Math.sqrt(n * ((double) n * n - 1) / 12) / spread;
        return Math.max(0, Math.min(1, (statistic - SIGNIFICANT) / (CERTAIN - SIGNIFICANT)));
    }
}
