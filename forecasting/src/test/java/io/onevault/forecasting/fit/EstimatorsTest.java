package io.onevault.forecasting.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Random;
import org.junit.jupiter.api.Test;

class EstimatorsTest {

    @Test
    void leastSquaresRecoversALineOnEveryWindow() {
        double[] y = new double[1_000];
        for (int i = 0; i < y.length; i++) {
            y[i] = 1e6 + 3.25 * i;
        }
        WindowSums sums = new WindowSums(y);

        assertThat(sums.slope(0, 1_000)).isCloseTo(3.25, within(1e-9));
        assertThat(sums.slope(900, 930)).isCloseTo(3.25, within(1e-9));
        assertThat(sums.mean(10, 20)).isCloseTo(1e6 + 3.25 * 14.5, within(1e-6));
        assertThat(sums.slope(5, 6)).isZero();
    }

    @Test
    void robustSlopeIgnoresAQuarterOfOutliers() {
        double[] y = new double[200];
        for (int i = 0; i < y.length; i++) {
            y[i] = 2 * i + (i % 8 == 0 ? 1_000 : 0);
        }

        assertThat(RobustSlope.of(y, 0, y.length)).isCloseTo(2, within(0.05));
        assertThat(RobustSlope.of(y, 3, 4)).isZero();
    }

    @Test
    void logisticFitFindsTheCeiling() {
        double[] y = new double[400];
        for (int i = 0; i < y.length; i++) {
            y[i] = 1_000 / (1 + Math.exp(-(i - 200) / 40.0));
        }
        LogisticFit fit = LogisticFit.of(y, y.length);

        assertThat(fit.usable()).isTrue();
        assertThat(fit.limit()).isCloseTo(1_000, within(30.0));
    }

    @Test
    void logisticFitDoesNotInventACeilingForALine() {
        double[] y = new double[400];
        for (int i = 0; i < y.length; i++) {
            y[i] = 100 + 2 * i;
        }

        LogisticFit fit = LogisticFit.of(y, y.length);

        assertThat(fit.usable() && fit.limit() < 1_000).isFalse();
    }

    @Test
    void smoothingKeepsTheStateOfEveryOrigin() {
        Random random = new Random(3);
        double[] y = new double[120];
        for (int i = 0; i < y.length; i++) {
            y[i] = 50 + i + 9 * Math.sin(2 * Math.PI * i / 7) + random.nextGaussian();
        }
        Smoothing.Weights weights = new Smoothing.Weights(0.3, 0.05, 0.95, 0.2, 0, 0.4);
        Smoothing whole = new Smoothing(y, 7, 1, weights);
        Smoothing part = new Smoothing(java.util.Arrays.copyOf(y, 80), 7, 1, weights);

        for (int step = 1; step <= 20; step++) {
            assertThat(whole.forecast(80, step)).isEqualTo(part.forecast(80, step));
        }
    }

    @Test
    void smoothingContinuesAnExactSeason() {
        double[] y = new double[140];
        for (int i = 0; i < y.length; i++) {
            y[i] = 100 + 10 * (i % 7);
        }
        Smoothing smoothing = new Smoothing(y, 7, 1, new Smoothing.Weights(0.1, 0, 0, 0.1, 0, 0));

        for (int step = 1; step <= 14; step++) {
            assertThat(smoothing.forecast(140, step))
                    .isCloseTo(100 + 10 * ((139 + step) % 7), within(1e-9));
        }
    }

    @Test
    void findsJumpsAndNoneInNoise() {
        Random random = new Random(11);
        double[] y = new double[300];
        for (int i = 0; i < y.length; i++) {
            y[i] = random.nextGaussian() + (i >= 180 ? 200 : 0);
        }
        double[] noise = new double[300];
        for (int i = 0; i < noise.length; i++) {
            noise[i] = random.nextGaussian();
        }

        assertThat(ChangePoints.jumps(y)).containsExactly(180);
        assertThat(ChangePoints.jumps(noise)).isEmpty();
    }

    @Test
    void findsWhereATrendStarts() {
        double[] y = new double[300];
        Random random = new Random(2);
        for (int i = 0; i < y.length; i++) {
            y[i] = 100 + (i > 200 ? 3 * (i - 200) : 0) + 0.5 * random.nextGaussian();
        }

        int[] found = ChangePoints.find(y, new WindowSums(y), 15);

        assertThat(found).isNotEmpty();
        assertThat(found[found.length - 1]).isBetween(192, 212);
    }

    @Test
    void weightedMedianTakesTheSideWithMoreWeight() {
        assertThat(Order.weightedMedian(new double[] {9, 1, 5}, new double[] {1, 5, 1}))
                .isEqualTo(1);
        assertThat(Order.weightedMedian(new double[] {9, 1, 5}, new double[] {1, 1, 1}))
                .isEqualTo(5);
        assertThat(Order.weightedMedian(new double[] {9, Double.NaN}, new double[] {1, 1})).isNaN();
        assertThat(Order.medianInPlace(new double[] {4, 1}, 2)).isEqualTo(2.5);
    }

    @Test
    void selectionAgreesWithSorting() {
        Random random = new Random(8);
        for (int n = 1; n < 80; n++) {
            double[] values = new double[n];
            for (int i = 0; i < n; i++) {
                values[i] = random.nextInt(12);
            }
            double[] sorted = values.clone();
            java.util.Arrays.sort(sorted);
            for (int rank = 0; rank < n; rank++) {
                assertThat(Order.select(values.clone(), n, rank)).isEqualTo(sorted[rank]);
            }
            assertThat(Order.quantileInPlace(values, n, 0.3))
                    .isCloseTo(Order.quantileOfSorted(sorted, n, 0.3), within(1e-12));
        }
    }
}
