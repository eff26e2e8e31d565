package io.onevault.forecasting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.onevault.forecasting.select.GrowthPattern;
import org.junit.jupiter.api.Test;

class OddInputsTest {

    @Test
    void oddInputsHaveResultsNotExceptions() {
        double[][] inputs = {
            {},
            {Double.NaN, Double.NaN},
            {5},
            {5, 6},
            {5, 6, 7},
            {-5, -6, -7, -8, -9, -10},
            {1e300, 2e300},
            {1e100, 1e100, 2e100, 1e100, 3e100},
            {0, 0, 0, 0, 0, 0, 0},
            {1e-300, 2e-300, 3e-300, 4e-300, 5e-300},
            {Double.MAX_VALUE, -Double.MAX_VALUE, 1, 2, 3},
            Series.of(100, i -> i % 2 == 0 ? 1e9 : -1e9),
            Series.of(100, i -> i % 3 == 0 ? i : Double.NaN),
            Series.of(400, i -> i < 300 ? Double.NaN : i),
            Series.of(100, i -> Math.pow(2, i)),
        };
        for (double[] input : inputs) {
            for (int horizon : new int[] {1, 7, 90}) {
                ForecastResult result = Series.forecast(input, horizon, 1e6);
                for (ForecastPoint point : result.path()) {
                    assertThat(point.mean()).isFinite();
                    assertThat(point.lo95()).isFinite();
                    assertThat(point.hi95()).isFinite();
                }
                assertThat(result.confidenceLevel()).isBetween(0.0, 1.0);
                assertThat(result.patternConfidence()).isBetween(0.0, 1.0);
                assertThat(result.dataQuality().score()).isBetween(0.0, 1.0);
                assertThat(result.growthRatePercentage()).isFinite();
            }
        }
    }

    @Test
    void aSeriesWithoutDataSaysSo() {
        ForecastResult result = Series.forecast(new double[0], 30, 100);

        assertThat(result.path()).isEmpty();
        assertThat(result.pattern()).isEqualTo(GrowthPattern.UNKNOWN);
        assertThat(result.timeToCapacity().orElseThrow().never()).isTrue();
        assertThat(result.confidenceLevel()).isZero();
    }

    @Test
    void gapsAndOutliersHardlyMoveTheForecast() {
        double[] clean = Series.noisy(400, 2, 7, i -> 300 + i);
        double[] damaged = clean.clone();
        for (int i = 10; i < 390; i += 47) {
            damaged[i] = clean[i] * 20;
            damaged[i + 5] = Double.NaN;
        }

        assertThat(Series.forecast(damaged, 60).at(60).mean()).isCloseTo(760, within(25.0));
    }

    @Test
    void refusesAHorizonThatIsNoHorizon() {
        assertThatThrownBy(() -> ForecastOptions.ofHorizon(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("between 1 and 10000");
    }
}
