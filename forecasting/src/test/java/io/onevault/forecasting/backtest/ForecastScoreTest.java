package io.onevault.forecasting.backtest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.onevault.forecasting.ForecastPoint;
import java.util.List;
import org.junit.jupiter.api.Test;

class ForecastScoreTest {

    private static final List<ForecastPoint> PATH =
            List.of(
                    new ForecastPoint(1, 100, 95, 105, 90, 110),
                    new ForecastPoint(2, 110, 105, 115, 100, 120),
                    new ForecastPoint(3, 120, 115, 125, 110, 130));

    @Test
    void scoresWhatHasArrived() {
        ForecastScore score = ForecastScore.of(PATH, new double[] {100, 100});

        assertThat(score.scored()).isEqualTo(2);
        assertThat(score.accuracyPercentage()).isCloseTo(95, within(1e-9));
        assertThat(score.bias()).isEqualTo(5);
        assertThat(score.coverage80()).isEqualTo(0.5);
        assertThat(score.coverage95()).isEqualTo(1);
    }

    @Test
    void skipsStepsThatWereNotObserved() {
        ForecastScore score = ForecastScore.of(PATH, new double[] {Double.NaN, 110, Double.NaN});

        assertThat(score.scored()).isEqualTo(1);
        assertThat(score.meanAbsoluteError()).isZero();
    }

    @Test
    void saysNothingWithoutActuals() {
        ForecastScore score = ForecastScore.of(PATH, new double[0]);

        assertThat(score.scored()).isZero();
        assertThat(score.accuracyPercentage()).isNaN();
    }
}
