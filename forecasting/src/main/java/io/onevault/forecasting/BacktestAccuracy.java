package io.onevault.forecasting;

/**
 * How the forecast would have done on the past, over all origins and steps of the backtest; NaN
 * when the series was too short to test.
 *
 * @param origins past origins forecast from
 * @param reach farthest step compared
 * @param meanAbsoluteError in the series' unit
 * @param smape symmetric mean absolute percentage error, 0 to 200
 * @param mase mean absolute error in units of the mean change over one season (one step without
 *     season)
 * @param skillVersusNaive 1 minus the error relative to predicting no change; above 0 is better
 *     than that
 */
public record BacktestAccuracy(
        int origins,
        int reach,
        double meanAbsoluteError,
        double smape,
        double mase,
        double skillVersusNaive) {}
