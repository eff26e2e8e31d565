package io.onevault.forecasting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.onevault.forecasting.model.ModelFamily;
import io.onevault.forecasting.series.TimeSeries;
import java.util.Set;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/**
 * The parameters of each family of models the source names, recovered from exact data to a share of
 * 1e-9: the forecast of every step is the curve that made the data, so level, slope, rate and
 * season are its own.
 */
class ExactRecoveryTest {

    private static final int HISTORY = 280;
    private static final int HORIZON = 56;
    private static final double SHARE = 1e-9;

    @Test
    void recoversLinesRisingFallingAndBelowZero() {
        for (double slope : new double[] {2.5, -0.75, 1e-3, 1e7}) {
            for (double start : new double[] {1_000, -500, 0}) {
                assertRecovered(i -> start + slope * i, Set.of(ModelFamily.LINEAR));
            }
        }
    }

    @Test
    void recoversExponentialGrowthAndDecay() {
        for (double rate : new double[] {0.004, 0.02, -0.01}) {
            for (double start : new double[] {50, 1e-3, 1e9}) {
                assertRecovered(i -> start * Math.exp(rate * i), Set.of(ModelFamily.EXPONENTIAL));
            }
        }
    }

    @Test
    void recoversASeason() {
        for (int season : new int[] {7, 12, 24}) {
            assertRecovered(
                    i -> 100 + 20 * Math.sin(2 * Math.PI * i / season) + i % season,
                    Set.of(ModelFamily.SEASONAL, ModelFamily.SEASONAL_NAIVE));
        }
    }

    @Test
    void recoversASeasonAroundALine() {
        for (double slope : new double[] {0.5, -0.3}) {
            assertRecovered(
                    i -> 1_000 + slope * i + 20 * Math.sin(2 * Math.PI * i / 7),
                    Set.of(ModelFamily.SEASONAL));
        }
    }

    @Test
    void recoversASeasonThatGrowsWithTheLevel() {
        assertRecovered(
                i -> 100 * Math.exp(0.003 * i + 0.2 * Math.sin(2 * Math.PI * i / 7)),
                Set.of(ModelFamily.SEASONAL));
    }

    @Test
    void recoversASawtooth() {
        assertRecovered(
                i -> 300 + 2.5 * (i % 20),
                Set.of(ModelFamily.SAWTOOTH, ModelFamily.SEASONAL_NAIVE, ModelFamily.SEASONAL));
    }

    @Test
    void recoversTheSlopeAfterAStep() {
        assertRecovered(
                i -> 400 + 1.5 * i + (i >= 150 ? 900 : 0),
                Set.of(ModelFamily.LINEAR, ModelFamily.LEVEL_SHIFT));
    }

    @Test
    void theUnitOfTheDataIsTheUnitOfTheParameters() {
        double[] small = Series.of(HISTORY, i -> 1_000 + 2.5 * i);
        for (double unit : new double[] {1e-9, 1_073_741_824, 1e30}) {
            double[] scaled = Series.of(HISTORY, i -> unit * small[i]);
            ForecastResult result = Series.forecast(scaled, HORIZON);
            assertThat(result.at(HORIZON).mean() / unit)
                    .isCloseTo(1_000 + 2.5 * (HISTORY - 1 + HORIZON), within(1e-9 * 2_000));
        }
    }

    @Test
    void theEpochOfTheStepsDoesNotTouchTheParameters() {
        double[] values = Series.of(HISTORY, i -> 50 * Math.exp(0.004 * i));
        ForecastResult near = Series.forecast(values, HORIZON);
        for (long epoch : new long[] {-1_000_000, 19_000, 4_000_000_000L}) {
            long[] steps = new long[HISTORY];
            for (int i = 0; i < HISTORY; i++) {
                steps[i] = epoch + i;
            }
            ForecastResult far =
                    new Forecaster()
                            .forecast(
                                    TimeSeries.ofSteps(steps, values),
                                    ForecastOptions.ofHorizon(HORIZON));
            assertThat(far.path()).isEqualTo(near.path());
            assertThat(far.lastStep()).isEqualTo(epoch + HISTORY - 1);
        }
    }

    private static void assertRecovered(IntToDoubleFunction curve, Set<ModelFamily> families) {
        double[] values = Series.of(HISTORY, curve);
        ForecastResult result = Series.forecast(values, HORIZON);
        double size = 0;
        for (double value : values) {
            size = Math.max(size, Math.abs(value));
        }
        assertThat(result.model()).as(result.modelName()).isIn(families);
        for (ForecastPoint point : result.points()) {
            double truth = curve.applyAsDouble(HISTORY - 1 + point.step());
            assertThat(point.mean())
                    .as("%s, step %d", result.modelName(), point.step())
                    .isCloseTo(truth, within(SHARE * Math.max(size, Math.abs(truth))));
        }
    }
}
