package io.onevault.forecasting.backtest;

import io.onevault.forecasting.ForecastPoint;
import java.util.List;

/**
 * A past forecast against what came true.
 *
 * @param scored steps that were observed
 * @param accuracyPercentage 100 minus the mean absolute percentage error, at least 0
 * @param bias mean of forecast minus actual, in the series' unit; above 0 is too high
 * @param meanAbsoluteError in the series' unit
 * @param coverage80 share of actuals inside the 80 % interval
 * @param coverage95 share of actuals inside the 95 % interval
 */
public record ForecastScore(
        int scored,
        double accuracyPercentage,
        double bias,
        double meanAbsoluteError,
        double coverage80,
        double coverage95) {

    /**
     * Scores a forecast as far as actuals have arrived.
     *
     * @param path the forecast as it was made
     * @param actuals values of steps 1, 2, ... after its origin; NaN where none was observed
     */
    public static ForecastScore of(List<ForecastPoint> path, double[] actuals) {
        int scored = 0;
        int sized = 0;
        double percentage = 0;
        double bias = 0;
        double absolute = 0;
        double in80 = 0;
        double in95 = 0;
        for (int i = 0; i < Math.min(path.size(), actuals.length); i++) {
            double actual = actuals[i];
            if (!Double.isFinite(actual)) {
                continue;
            }
            ForecastPoint point = path.get(i);
            double miss = point.mean() - actual;
            scored++;
            bias += miss;
            absolute += Math.abs(miss);
            in80 += actual >= point.lo80() && actual <= point.hi80() ? 1 : 0;
            in95 += actual >= point.lo95() && actual <= point.hi95() ? 1 : 0;
            if (actual != 0) {
                percentage += Math.abs(miss / actual);
                sized++;
            }
        }
        if (scored == 0) {
            double none = Double.NaN;
            return new ForecastScore(0, none, none, none, none, none);
        }
        double accuracy = sized == 0 ? Double.NaN : Math.max(0, 100 - 100 * percentage / sized);
        return new ForecastScore(
                scored, accuracy, bias / scored, absolute / scored, in80 / scored, in95 / scored);
    }
}
