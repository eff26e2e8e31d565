package io.onevault.forecasting;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/** Intervals, alerts and confidence on many series whose future is known. */
class CalibrationTest {

    private static final int HISTORY = 400;
    private static final int HORIZON = 30;
    private static final int SERIES = 120;

    @Test
    void intervalsHoldOnRandomWalks() {
        double[] coverage = coverage(seed -> Series.walk(HISTORY + HORIZON, 0.1, seed));

        assertThat(coverage[0]).isBetween(0.72, 0.90);
        assertThat(coverage[1]).isBetween(0.90, 0.995);
    }

    @Test
    void intervalsHoldOnATrendWithNoise() {
        double[] coverage =
                coverage(seed -> Series.noisy(HISTORY + HORIZON, 5, seed, i -> 100 + 0.7 * i));

        assertThat(coverage[0]).isBetween(0.72, 0.92);
        assertThat(coverage[1]).isBetween(0.90, 0.995);
    }

    @Test
    void flatSeriesDoNotRaiseAlerts() {
        int alerts = 0;
        for (int seed = 0; seed < 200; seed++) {
            double[] values = Series.noisy(HISTORY, 10, seed, i -> 500);
            alerts +=
                    Series.forecast(values, 90, 600)
                                    .timeToCapacity()
                                    .orElseThrow()
                                    .expectedWithin(90)
                            ? 1
                            : 0;
        }

        assertThat(alerts).isLessThanOrEqualTo(2);
    }

    @Test
    void risingSeriesDoRaiseAlertsCloseToTheTruth() {
        int close = 0;
        for (int seed = 0; seed < 60; seed++) {
            double[] values = Series.noisy(HISTORY, 5, seed, i -> 100 + i);
            int median =
                    Series.forecast(values, 90, 560)
                            .timeToCapacity()
                            .orElseThrow()
                            .median()
                            .orElse(9_999);
            close += Math.abs(median - 61) <= 15 ? 1 : 0;
        }

        assertThat(close).isGreaterThanOrEqualTo(50);
    }

    @Test
    void confidenceIsTheShareOfProjectionsThatComeTrue() {
        double claimed = 0;
        int right = 0;
        int count = 0;
        for (double start : new double[] {20, 40, 80, 400}) {
            for (int seed = 0; seed < 80; seed++) {
                double[] walk = Series.walk(HISTORY + HORIZON, 0, seed + 1_000);
                double[] values = Series.of(walk.length, i -> start + walk[i]);
                ForecastResult result = Series.forecast(Arrays.copyOf(values, HISTORY), HORIZON);
                double truth = values[HISTORY + HORIZON - 1];
                claimed += result.confidenceLevel();
                right +=
                        Math.abs(result.at(HORIZON).mean() - truth) <= 0.15 * Math.abs(truth)
                                ? 1
                                : 0;
                count++;
            }
        }

        assertThat(claimed / count)
                .isBetween(right / (double) count - 0.08, right / (double) count + 0.08);
    }

    private static double[] coverage(LongFunction<double[]> source) {
        int in80 = 0;
        int in95 = 0;
        for (int seed = 0; seed < SERIES; seed++) {
            double[] values = source.apply(seed);
            ForecastResult result = Series.forecast(Arrays.copyOf(values, HISTORY), HORIZON);
            for (ForecastPoint point : result.points()) {
                double truth = values[HISTORY + point.step() - 1];
                in80 += truth >= point.lo80() && truth <= point.hi80() ? 1 : 0;
                in95 += truth >= point.lo95() && truth <= point.hi95() ? 1 : 0;
            }
        }
        double points = SERIES * (double) HORIZON;
        return new double[] {in80 / points, in95 / points};
    }
}
