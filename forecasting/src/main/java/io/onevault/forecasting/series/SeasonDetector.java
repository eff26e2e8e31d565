package io.onevault.forecasting.series;

import io.onevault.forecasting.fit.Order;

/**
 * Finds the season of a series by the autocorrelation of its winsorised first differences: at the
 * season's lag it must be significant, and higher than at the neighbouring lags. A detected season
 * is only a candidate; seasonal models still have to win the backtest.
 *
 * <p>Role: keeps seasonal models away from series without a season. Unit: steps. Cost: O(n x lags),
 * a dozen lags. The bound on the autocorrelation is Bartlett's for white noise (1946), made
 * stricter because several lags are tried.
 */
final class SeasonDetector {

    private static final int[] USUAL = {7, 24, 12, 52, 48, 96, 168, 365};
    private static final double MIN_CORRELATION = 0.12;
    private static final double BOUND = 3;
    private static final double MIN_UNASKED = 0.3;
    private static final double BOUND_UNASKED = 4.5;

    /** How far the neighbouring lags may exceed a season the caller named. */
    private static final double SLACK = 0.9;

    private static final int WEEK_OF_DAYS = 7;

    private SeasonDetector() {}

    static Seasons detect(double[] values, int hint) {
        double[] changes = winsorisedChanges(values);
        if (changes.length == 0) {
            return Seasons.NONE;
        }
        int primary = 1;
        if (hint > 1) {
            primary = seasonal(changes, hint, MIN_CORRELATION, BOUND, SLACK) ? hint : 1;
        } else {
            double best = 0;
            for (int lag : USUAL) {
                double correlation =
                        seasonal(changes, lag, MIN_UNASKED, BOUND_UNASKED, 1)
                                ? autocorrelation(changes, lag)
                                : 0;
                if (correlation > best * 1.15) {
                    best = correlation;
                    primary = lag;
                }
            }
        }
        int week = primary * WEEK_OF_DAYS;
        boolean weekly =
                primary > 1
                        && primary <= 24 * 4
                        && primary >= 24
                        && values.length >= 2 * week + primary
                        && autocorrelation(changes, week)
                                > autocorrelation(changes, primary) + 0.03;
        return primary > 1 ? new Seasons(primary, weekly ? week : 1) : Seasons.NONE;
    }

    private static boolean seasonal(
            double[] changes, int lag, double least, double deviations, double slack) {
        if (changes.length < 2 * lag + 2) {
            return false;
        }
        double correlation = autocorrelation(changes, lag);
        double bound = Math.max(least, deviations / Math.sqrt(changes.length - lag));
        double neighbours =
                lag < 4
                        ? autocorrelation(changes, lag - 1)
                        : Math.max(
                                autocorrelation(changes, lag - 1),
                                autocorrelation(changes, lag + 1));
        return correlation > bound && correlation > slack * neighbours;
    }

    private static double[] winsorisedChanges(double[] values) {
        if (values.length < 8) {
            return new double[0];
        }
        double[] changes = new double[values.length - 1];
        for (int i = 0; i < changes.length; i++) {
            changes[i] = values[i + 1] - values[i];
        }
        double[] sorted = changes.clone();
        double low = Order.select(sorted, sorted.length, (int) (0.02 * (sorted.length - 1)));
        double high = Order.select(sorted, sorted.length, (int) (0.98 * (sorted.length - 1)));
        double mean = 0;
        for (int i = 0; i < changes.length; i++) {
            changes[i] = Math.max(low, Math.min(high, changes[i]));
            mean += changes[i] / changes.length;
        }
        for (int i = 0; i < changes.length; i++) {
            changes[i] -= mean;
        }
        return changes;
    }

    private static double autocorrelation(double[] x, int lag) {
        double cross = 0;
        double square = 0;
        for (int i = 0; i < x.length; i++) {
            square += x[i] * x[i];
            if (i >= lag) {
                cross += x[i] * x[i - lag];
            }
        }
        double share = (double) (x.length - lag) / x.length;
        return square == 0 ? 0 : cross / square / share;
    }
}
