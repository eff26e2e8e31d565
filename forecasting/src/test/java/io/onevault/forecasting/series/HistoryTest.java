package io.onevault.forecasting.series;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class HistoryTest {

    @Test
    void interpolatesGapsForFittingButNotForScoring() {
        History history = History.of(TimeSeries.ofValues(1, Double.NaN, Double.NaN, 4), 0);

        assertThat(history.fitted()).containsExactly(1, 2, 3, 4);
        assertThat(history.actual(1)).isNaN();
        assertThat(history.quality().missing()).isEqualTo(2);
        assertThat(history.quality().longestGap()).isEqualTo(2);
    }

    @Test
    void replacesAnIsolatedSpike() {
        double[] values = line(100);
        values[40] = 5_000;

        History history = History.of(TimeSeries.ofValues(values), 0);

        assertThat(history.fitted()[40]).isBetween(30.0, 50.0);
        assertThat(history.actual(40)).isEqualTo(5_000);
        assertThat(history.quality().outliers()).isEqualTo(1);
    }

    @Test
    void leavesALevelShiftAlone() {
        double[] values = line(100);
        for (int i = 50; i < 100; i++) {
            values[i] += 1_000;
        }

        assertThat(History.of(TimeSeries.ofValues(values), 0).fitted()).containsExactly(values);
    }

    @Test
    void findsTheWeekAndTheWeekOverTheDay() {
        double[] daily = new double[200];
        double[] hourly = new double[24 * 7 * 5];
        Random random = new Random(5);
        for (int i = 0; i < daily.length; i++) {
            daily[i] = 10 * Math.sin(2 * Math.PI * i / 7) + random.nextGaussian();
        }
        for (int i = 0; i < hourly.length; i++) {
            boolean weekend = i / 24 % 7 > 4;
            double day = 10 * Math.sin(2 * Math.PI * i / 24);
            hourly[i] = (weekend ? -0.5 : 1) * day + 0.5 * random.nextGaussian();
        }

        assertThat(History.of(TimeSeries.ofValues(daily), 0).seasons().primary()).isEqualTo(7);
        assertThat(History.of(TimeSeries.ofValues(hourly), 24).seasons())
                .isEqualTo(new Seasons(24, 168));
    }

    @Test
    void doesNotSeeASeasonInARandomWalk() {
        int found = 0;
        for (int k = 0; k < 50; k++) {
            Random random = new Random(k);
            double[] walk = new double[400];
            for (int i = 1; i < walk.length; i++) {
                walk[i] = walk[i - 1] + random.nextGaussian();
            }
            found += History.of(TimeSeries.ofValues(walk), 0).seasons().any() ? 1 : 0;
        }

        assertThat(found).isZero();
    }

    @Test
    void trustsACompleteLongSeriesMoreThanAShortOrGappyOne() {
        double complete = quality(line(200));
        double[] gappy = line(200);
        for (int i = 20; i < 120; i++) {
            gappy[i] = Double.NaN;
        }

        assertThat(complete).isEqualTo(1);
        assertThat(quality(gappy)).isLessThan(0.5);
        assertThat(quality(line(6))).isLessThan(0.4).isPositive();
        assertThat(quality(new double[0])).isZero();
    }

    private static double quality(double[] values) {
        return History.of(TimeSeries.ofValues(values), 0).quality().score();
    }

    private static double[] line(int n) {
        double[] values = new double[n];
        for (int i = 0; i < n; i++) {
            values[i] = i;
        }
        return values;
    }
}
