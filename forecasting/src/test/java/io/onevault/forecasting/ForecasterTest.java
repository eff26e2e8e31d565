package io.onevault.forecasting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.onevault.forecasting.model.ModelFamily;
import io.onevault.forecasting.select.GrowthPattern;
import io.onevault.forecasting.select.ModelScore;
import io.onevault.forecasting.series.TimeSeries;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForecasterTest {

    @Test
    void continuesAnExactLineExactly() {
        ForecastResult result = Series.forecast(Series.of(200, i -> 1_000 + 2.5 * i), 90);

        assertThat(result.model()).isEqualTo(ModelFamily.LINEAR);
        assertThat(result.pattern()).isEqualTo(GrowthPattern.LINEAR);
        for (ForecastPoint point : result.path()) {
            double truth = 1_000 + 2.5 * (199 + point.step());
            assertThat(point.mean()).isCloseTo(truth, within(1e-9 * truth));
        }
        assertThat(result.growthRatePercentage())
                .isCloseTo(100 * 75 / (1_000 + 2.5 * 199), within(1e-6));
    }

    @Test
    void continuesExactExponentialGrowthExactly() {
        ForecastResult result = Series.forecast(Series.of(300, i -> 50 * Math.exp(0.004 * i)), 60);

        assertThat(result.model()).isEqualTo(ModelFamily.EXPONENTIAL);
        assertThat(result.pattern()).isEqualTo(GrowthPattern.EXPONENTIAL);
        double truth = 50 * Math.exp(0.004 * (299 + 60));
        assertThat(result.at(60).mean()).isCloseTo(truth, within(1e-9 * truth));
    }

    @Test
    void continuesAnExactSeason() {
        ForecastResult result =
                Series.forecast(Series.of(210, i -> 100 + 20 * Math.sin(2 * Math.PI * i / 7)), 28);

        assertThat(result.pattern()).isEqualTo(GrowthPattern.SEASONAL);
        assertThat(result.model())
                .isIn(ModelFamily.SEASONAL, ModelFamily.SEASONAL_NAIVE, ModelFamily.COMBINATION);
        for (ForecastPoint point : result.points()) {
            double truth = 100 + 20 * Math.sin(2 * Math.PI * (209 + point.step()) / 7);
            assertThat(point.mean()).isCloseTo(truth, within(0.5));
        }
    }

    @Test
    void keepsAConstantConstant() {
        ForecastResult result = Series.forecast(Series.of(120, i -> 42), 30, 43);

        assertThat(result.pattern()).isEqualTo(GrowthPattern.STABLE);
        assertThat(result.at(30).mean()).isEqualTo(42);
        assertThat(result.growthRatePercentage()).isZero();
        assertThat(result.timeToCapacity().orElseThrow().never()).isTrue();
    }

    @Test
    void storesWinnerRunnerUpAndAllCompetitors() {
        ForecastResult result = Series.forecast(Series.noisy(300, 5, 1, i -> 500 + 1.5 * i), 30);

        assertThat(result.scores())
                .extracting(ModelScore::family)
                .contains(ModelFamily.NAIVE, ModelFamily.DRIFT, ModelFamily.THETA);
        assertThat(result.scores().stream().mapToDouble(ModelScore::weight).sum())
                .isCloseTo(1, within(1e-9));
        assertThat(result.runnerUp()).isPresent();
        assertThat(result.accuracy().skillVersusNaive()).isGreaterThan(0.5);
        assertThat(result.accuracy().mase()).isPositive();
        assertThat(result.accuracy().smape()).isBetween(0.0, 5.0);
    }

    @Test
    void followsTheTrendAfterAChangeNotTheOneBefore() {
        double[] values =
                Series.noisy(500, 3, 9, i -> 1_000 + 0.1 * i + (i > 350 ? 2.0 * (i - 350) : 0));

        double truth = 1_000 + 0.1 * 559 + 2.0 * 209;

        assertThat(Series.forecast(values, 60).at(60).mean()).isCloseTo(truth, within(60.0));
    }

    @Test
    void doesNotExtrapolateAnArchiveRun() {
        double[] values = Series.noisy(400, 2, 5, i -> 800 + 0.5 * i - (i > 300 ? 400 : 0));

        double truth = 800 + 0.5 * 459 - 400;

        assertThat(Series.forecast(values, 60).at(60).mean()).isCloseTo(truth, within(45.0));
    }

    @Test
    void seesThatASaturatingSeriesDoesNotFill() {
        double[] values =
                Series.noisy(500, 2, 8, i -> 100 + 800 / (1 + Math.exp(-(i - 250) / 50.0)));
        ForecastResult result = Series.forecast(values, 90, 1_100);

        assertThat(result.pattern()).isEqualTo(GrowthPattern.SATURATING);
        assertThat(result.timeToCapacity().orElseThrow().never()).isTrue();
    }

    @Test
    void countsThePeaksOfASawtooth() {
        double[] values = Series.noisy(600, 1, 2, i -> 300 + 0.2 * i + 100.0 * (i % 30) / 30);
        ForecastResult result = Series.forecast(values, 90, 530);

        assertThat(result.pattern()).isEqualTo(GrowthPattern.SAWTOOTH);
        // The mean reaches 530 only after 150 steps more than the peaks do.
        assertThat(result.timeToCapacity().orElseThrow().median().orElse(999)).isBetween(20, 130);
    }

    @Test
    void namesThePatternOfSimpleHistories() {
        assertThat(pattern(Series.noisy(300, 3, 1, i -> 900 - 1.5 * i)))
                .isEqualTo(GrowthPattern.DECLINING);
        assertThat(pattern(Series.noisy(300, 3, 1, i -> 500))).isEqualTo(GrowthPattern.STABLE);
        assertThat(pattern(Series.of(300, i -> i < 100 ? 10 : i < 220 ? 60 : 90)))
                .isEqualTo(GrowthPattern.STEP);
        assertThat(pattern(Series.of(300, i -> i % 9 == 4 ? 7 : 0)))
                .isEqualTo(GrowthPattern.INTERMITTENT);
        assertThat(pattern(Series.of(3, i -> i))).isEqualTo(GrowthPattern.UNKNOWN);
    }

    @Test
    void reachesAYearWhenAskedWithoutChangingTheRest() {
        TimeSeries series = TimeSeries.ofValues(Series.noisy(400, 3, 2, i -> 100 + i));
        ForecastOptions options = ForecastOptions.ofHorizon(90).withCapacity(1_000_000);
        ForecastResult usual = new Forecaster().forecast(series, options);
        ForecastResult longer = new Forecaster().forecast(series, options.withPath(365));

        assertThat(longer.at(365).mean()).isCloseTo(864, within(60.0));
        assertThat(longer.path().subList(0, 360)).isEqualTo(usual.path());
        assertThat(longer.timeToCapacity()).isEqualTo(usual.timeToCapacity());
    }

    @Test
    void givesTheSameBitsForTheSameInput() {
        double[] values = Series.noisy(250, 4, 6, i -> 100 + i);

        assertThat(Series.forecast(values, 45)).isEqualTo(Series.forecast(values, 45));
    }

    @Test
    void doesNotDependOnTheUnit() {
        double[] values = Series.noisy(400, 4, 3, i -> 500 + 0.8 * i);
        double[] bytes = Series.of(400, i -> values[i] * 1_048_576);
        ForecastResult small = Series.forecast(values, 60, 900);
        ForecastResult large = Series.forecast(bytes, 60, 900 * 1_048_576.0);

        assertThat(large.model()).isEqualTo(small.model());
        assertThat(large.pattern()).isEqualTo(small.pattern());
        assertThat(large.timeToCapacity().orElseThrow().median())
                .isEqualTo(small.timeToCapacity().orElseThrow().median());
        assertThat(large.at(60).hi95() / 1_048_576).isCloseTo(small.at(60).hi95(), within(1e-6));
        assertThat(large.confidenceLevel()).isCloseTo(small.confidenceLevel(), within(1e-6));
    }

    @Test
    void doesNotDependOnTheOriginOfTime() {
        double[] values = Series.noisy(200, 2, 4, i -> 50 + i);
        long[] late = new long[200];
        for (int i = 0; i < late.length; i++) {
            late[i] = 20_000_000_000L + i;
        }
        ForecastOptions options = ForecastOptions.ofHorizon(30);
        ForecastResult early = new Forecaster().forecast(TimeSeries.ofValues(values), options);
        ForecastResult shifted =
                new Forecaster().forecast(TimeSeries.ofSteps(late, values), options);

        assertThat(shifted.path()).isEqualTo(early.path());
        assertThat(shifted.lastStep()).isEqualTo(20_000_000_199L);
    }

    @Test
    void intervalsAreNestedAndNeverNarrow() {
        List<double[]> inputs =
                List.of(
                        Series.noisy(300, 5, 1, i -> 100 + i),
                        Series.walk(300, 0, 2),
                        Series.of(300, i -> i % 30),
                        Series.of(300, i -> 5 * (i / 50)),
                        Series.noisy(12, 1, 1, i -> i),
                        Series.of(300, i -> 7));

        for (double[] input : inputs) {
            double width80 = 0;
            double width95 = 0;
            for (ForecastPoint point : Series.forecast(input, 40).path()) {
                assertThat(point.lo95()).isLessThanOrEqualTo(point.lo80());
                assertThat(point.lo80()).isLessThanOrEqualTo(point.mean());
                assertThat(point.mean()).isLessThanOrEqualTo(point.hi80());
                assertThat(point.hi80()).isLessThanOrEqualTo(point.hi95());
                double slack = 1e-9 * Math.abs(point.mean());
                assertThat(point.hi80() - point.lo80()).isGreaterThanOrEqualTo(width80 - slack);
                assertThat(point.hi95() - point.lo95()).isGreaterThanOrEqualTo(width95 - slack);
                width80 = point.hi80() - point.lo80();
                width95 = point.hi95() - point.lo95();
            }
        }
    }

    @Test
    void timeToCapacityAgreesWithThePath() {
        ForecastResult result = Series.forecast(Series.noisy(300, 4, 2, i -> 400 + i), 60, 760);
        int median = result.timeToCapacity().orElseThrow().median().orElseThrow();

        assertThat(result.at(median).mean()).isGreaterThanOrEqualTo(760);
        assertThat(result.at(median - 1).mean()).isLessThan(760);
        assertThat(median).isBetween(50, 70);
        assertThat(result.timeToCapacity().orElseThrow().earliest().orElseThrow())
                .isLessThanOrEqualTo(median);
        assertThat(result.timeTo(720).median().orElseThrow()).isLessThan(median);
    }

    @Test
    void expectsSomeGrowthOfASeriesThatNeverShrank() {
        double[] values = Series.of(700, i -> 1_000 + 10 * ((i + 23) / 60));

        assertThat(Series.forecast(values, 90).at(90).mean()).isBetween(1_117.0, 1_140.0);
    }

    @Test
    void staysExactlyWhereARarelyMovingSeriesIs() {
        double[] values = Series.of(700, i -> i < 150 ? 900 : i < 160 ? 400 : 500);

        assertThat(Series.forecast(values, 90).at(90).mean()).isEqualTo(500);
    }

    @Test
    void trustsAClearTrendOfAFewDays() {
        double[] values = Series.noisy(14, 1, 3, i -> 400 + 3 * i);
        ForecastResult result = Series.forecast(values, 90);

        assertThat(result.at(90).mean()).isBetween(520.0, 760.0);
        assertThat(result.at(90).lo95()).isLessThan(400 + 3 * 103);
        assertThat(result.at(90).hi95()).isGreaterThan(400 + 3 * 103);
    }

    @Test
    void readsAStaircaseOfManySmallStepsAsALine() {
        assertThat(pattern(Series.of(700, i -> Math.floor((500 + 0.3 * i) / 10) * 10)))
                .isEqualTo(GrowthPattern.LINEAR);
    }

    private static GrowthPattern pattern(double[] values) {
        return Series.forecast(values, 30).pattern();
    }
}
