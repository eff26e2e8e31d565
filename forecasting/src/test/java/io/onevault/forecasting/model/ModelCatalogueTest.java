package io.onevault.forecasting.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.onevault.forecasting.fit.Smoothing;
import io.onevault.forecasting.fit.WindowSums;
import io.onevault.forecasting.series.History;
import io.onevault.forecasting.series.TimeSeries;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

class ModelCatalogueTest {

    @Test
    void alwaysRacesNaiveDriftAndTheta() {
        for (int n = 1; n < 60; n += 7) {
            double[] values = new double[n];
            History history = History.of(TimeSeries.ofValues(values), 0);

            assertThat(ModelCatalogue.of(history, 30))
                    .extracting(GrowthModel::family)
                    .contains(ModelFamily.NAIVE, ModelFamily.DRIFT, ModelFamily.THETA);
        }
    }

    @Test
    void modelsDoNotSeeWhatCameAfterTheOrigin() {
        double[] y = noisyLine(200);
        double[] other = y.clone();
        for (int i = 120; i < other.length; i++) {
            other[i] = -5 * y[i];
        }
        List<Function<double[], GrowthModel>> models =
                List.of(
                        BenchmarkModels::naive,
                        BenchmarkModels::drift,
                        v -> BenchmarkModels.seasonalNaive(v, 7),
                        v -> FlatModel.smoothed(v, 0.3),
                        v -> LinearModel.line(new WindowSums(v), ModelFamily.LINEAR, "l", 50),
                        v -> RobustTrendModel.of(v, 60),
                        v -> TypicalChangeModel.of(v, new int[] {5, 20}, 0.5, 100, "t"),
                        v -> DampedTrendModel.of(v, Smoothing.Weights.ofTrend(0.3, 0.1, 0.9)),
                        v -> SeasonalModel.phaseMean(v, 7, 3),
                        IntermittentModel::of);

        for (Function<double[], GrowthModel> model : models) {
            GrowthModel seen = model.apply(y);
            assertThat(model.apply(other).from(120).at(15))
                    .as(seen.name())
                    .isCloseTo(seen.from(120).at(15), within(1e-9));
        }
    }

    @Test
    void typicalChangeStaysPutWhenMostWindowsSawNoChange() {
        double[] y = new double[400];
        for (int i = 0; i < y.length; i++) {
            y[i] = i < 200 ? 10 : 1_000;
        }
        GrowthModel model = TypicalChangeModel.of(y, new int[] {10, 30}, 0.5, 400, "t");

        assertThat(model.from(400).at(30)).isEqualTo(1_000);
    }

    @Test
    void exponentialGrowthIsNotExtrapolatedToInfinity() {
        double[] y = new double[40];
        for (int i = 0; i < y.length; i++) {
            y[i] = Math.exp(i);
        }
        double[] logs = new double[40];
        for (int i = 0; i < logs.length; i++) {
            logs[i] = i;
        }
        GrowthModel model = ExponentialModel.line(new WindowSums(logs));

        assertThat(model.from(40).at(1)).isCloseTo(Math.exp(40), within(Math.exp(40) * 1e-9));
        assertThat(model.from(40).at(100_000)).isLessThan(Math.exp(45));
    }

    @Test
    void sawtoothCollapsesWhenItsPeriodIsOver() {
        double[] y = new double[205];
        for (int i = 0; i < y.length; i++) {
            y[i] = 100 + i % 20;
        }
        SawtoothModel model = SawtoothModel.of(y);

        assertThat(model).isNotNull();
        Path path = model.from(205);
        assertThat(path.at(15)).isCloseTo(119, within(0.5));
        assertThat(path.at(16)).isCloseTo(100, within(0.5));
        assertThat(path.at(35)).isCloseTo(119, within(0.5));
    }

    @Test
    void doesNotTakeNoiseForASawtooth() {
        Random random = new Random(4);
        double[] noise = new double[300];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = random.nextGaussian();
        }

        assertThat(SawtoothModel.of(noise)).isNull();
        for (int seed = 0; seed < 40; seed++) {
            Random steps = new Random(seed);
            double[] walk = new double[600];
            for (int i = 1; i < walk.length; i++) {
                double heavyTailed = Math.pow(steps.nextGaussian(), 3);
                walk[i] = walk[i - 1] + 0.2 + heavyTailed;
            }
            assertThat(SawtoothModel.of(walk)).isNull();
        }
    }

    @Test
    void levelShiftModelLeavesTheJumpOutOfTheTrend() {
        double[] y = new double[100];
        for (int i = 0; i < y.length; i++) {
            y[i] = i + (i >= 50 ? 1_000 : 0);
        }
        GrowthModel model = LevelShiftModel.withoutJumps(y, new int[] {50});

        assertThat(model.from(100).at(10) - y[99]).isCloseTo(10, within(0.2));
    }

    @Test
    void intermittentModelForecastsTheMeanDemand() {
        double[] y = new double[400];
        for (int i = 0; i < y.length; i += 5) {
            y[i] = 50;
        }

        assertThat(IntermittentModel.of(y).from(400).at(3)).isCloseTo(10, within(2.5));
    }

    private static double[] noisyLine(int n) {
        Random random = new Random(1);
        double[] y = new double[n];
        for (int i = 0; i < n; i++) {
            y[i] = 100 + i + random.nextGaussian();
        }
        return y;
    }
}
