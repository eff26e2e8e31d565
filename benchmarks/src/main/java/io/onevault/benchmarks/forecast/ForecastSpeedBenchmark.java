package io.onevault.benchmarks.forecast;

import io.onevault.forecasting.ForecastOptions;
import io.onevault.forecasting.Forecaster;
import io.onevault.forecasting.series.TimeSeries;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Series forecast per second on one core: 1,000 daily series of two years with fit, backtest,
 * selection and intervals, against a bare least squares fit of the same series; alternating,
 * medians of the rounds. Cost is also measured at three lengths for its exponent.
 */
public final class ForecastSpeedBenchmark {

    private static final int ROUNDS = 5;
    private static final int SERIES = 1_000;
    private static final int HORIZON = 90;

    private ForecastSpeedBenchmark() {}

    public static void main(String[] args) {
        run().forEach(
                        f ->
                                System.out.printf(
                                        Locale.ROOT,
                                        "%-36s %12.1f %-14s %-14s %14.1f %10.4f%n",
                                        f.name(),
                                        f.value(),
                                        f.unit(),
                                        f.peer(),
                                        f.peerValue(),
                                        f.ratio()));
    }

    public static List<Figure> run() {
        List<double[]> series = series(SyntheticFamilies.DAYS);
        Forecaster forecaster = new Forecaster();
        double[] own = new double[ROUNDS];
        double[] bare = new double[ROUNDS];
        long allocated = 0;
        double guard = 0;
        for (int round = -1; round < ROUNDS; round++) {
            long before = allocatedBytes();
            long start = System.nanoTime();
            guard += forecastAll(forecaster, series);
            long middle = System.nanoTime();
            long after = allocatedBytes();
            for (int repeat = 0; repeat < 10; repeat++) {
                guard += fitAll(series);
            }
            long end = System.nanoTime();
            if (round >= 0) {
                own[round] = SERIES / ((middle - start) / 1e9);
                bare[round] = 10 * SERIES / ((end - middle) / 1e9);
                allocated = (after - before) / SERIES;
            }
        }
        List<Figure> figures = new ArrayList<>();
        figures.add(
                Figure.against(
                        "forecast", median(own), "series/s/core", "bare OLS fit", median(bare)));
        figures.add(
                Figure.against(
                        "allocation",
                        allocated / 1024.0,
                        "KB/series",
                        "the series",
                        730 * 8 / 1024.0));
        figures.add(growth(forecaster));
        if (Double.isNaN(guard)) {
            throw new IllegalStateException("A forecast was not a number.");
        }
        return figures;
    }

    private static Figure growth(Forecaster forecaster) {
        int[] lengths = {365, 730, 1_460};
        double[] seconds = new double[lengths.length];
        for (int i = 0; i < lengths.length; i++) {
            List<double[]> series = series(lengths[i]).subList(0, SERIES / 5);
            double[] rounds = new double[ROUNDS];
            for (int round = 0; round < ROUNDS; round++) {
                long start = System.nanoTime();
                forecastAll(forecaster, series);
                rounds[round] = (System.nanoTime() - start) / 1e9;
            }
            seconds[i] = median(rounds);
        }
        double exponent = Math.log(seconds[2] / seconds[0]) / Math.log(4);
        return new Figure("exponent of cost in length", exponent, "", "linear", 1, exponent);
    }

    private static double forecastAll(Forecaster forecaster, List<double[]> series) {
        double sum = 0;
        for (double[] values : series) {
            sum +=
                    forecaster
                            .forecast(
                                    TimeSeries.ofValues(values),
                                    ForecastOptions.ofHorizon(HORIZON).withSeason(7))
                            .at(HORIZON)
                            .mean();
        }
        return sum;
    }

    private static double fitAll(List<double[]> series) {
        double sum = 0;
        for (double[] y : series) {
            double middle = (y.length - 1) / 2.0;
            double mean = 0;
            double cross = 0;
            double spread = 0;
            for (int i = 0; i < y.length; i++) {
                mean += y[i];
                cross += (i - middle) * y[i];
                spread += (i - middle) * (i - middle);
            }
            sum += mean / y.length + cross / spread;
        }
        return sum;
    }

    /** Series of all families, gaps filled with the truth, repeated to the length asked for. */
    static List<double[]> series(int days) {
        List<double[]> result = new ArrayList<>();
        List<SyntheticFamilies.Case> cases = SyntheticFamilies.all(60);
        for (SyntheticFamilies.Case one : cases) {
            if (one.history() < SyntheticFamilies.DAYS) {
                continue;
            }
            double[] values = new double[days];
            for (int i = 0; i < days; i++) {
                int at = i % one.values().length;
                double value = one.values()[at];
                values[i] = Double.isNaN(value) ? one.truth()[at] : value;
            }
            result.add(values);
        }
        return result.subList(0, SERIES);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static long allocatedBytes() {
        return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }
}
