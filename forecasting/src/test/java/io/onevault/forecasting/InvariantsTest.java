package io.onevault.forecasting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.onevault.forecasting.capacity.TimeToCapacity;
import io.onevault.forecasting.series.TimeSeries;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;

/** What holds of every forecast, on some ninety series of all kinds. */
class InvariantsTest {

    private static final int HISTORY = 300;
    private static final int HORIZON = 45;
    private static final int SEEDS = 6;
    private static final Map<String, double[]> SERIES = series();

    private static Map<String, double[]> series() {
        Map<String, double[]> all = new LinkedHashMap<>();
        for (int seed = 0; seed < SEEDS; seed++) {
            Random random = new Random(seed);
            double slope = random.nextGaussian();
            all.put("line " + seed, Series.noisy(HISTORY, 5, seed, i -> 900 + slope * i));
            all.put(
                    "exponential " + seed,
                    Series.noisy(HISTORY, 1, seed, i -> 100 * Math.exp(0.005 * i)));
            all.put(
                    "week " + seed,
                    Series.noisy(
                            HISTORY, 3, seed, i -> 300 + 40 * Math.cos(2 * Math.PI * i / 7) + i));
            all.put("flat " + seed, Series.noisy(HISTORY, 10, seed, i -> 500));
            all.put("walk " + seed, Series.walk(HISTORY, 0.3, seed));
            all.put(
                    "logistic " + seed,
                    Series.noisy(HISTORY, 2, seed, i -> 900 / (1 + Math.exp((150 - i) / 30.0))));
            all.put(
                    "sawtooth " + seed,
                    Series.noisy(HISTORY, 1, seed, i -> 200 + 0.3 * i + 4.0 * (i % 25)));
            all.put("step " + seed, Series.noisy(HISTORY, 2, seed, i -> 400 + (i > 180 ? 300 : 0)));
            all.put("bend " + seed, Series.noisy(HISTORY, 2, seed, i -> Math.max(0, i - 200.0)));
            double[] rare = new double[HISTORY];
            double[] gaps = Series.noisy(HISTORY, 2, seed, i -> 100 + i);
            double[] bursts = Series.noisy(HISTORY, 1, seed, i -> 50);
            for (int i = 1; i < HISTORY; i++) {
                rare[i] = rare[i - 1] + (random.nextInt(20) == 0 ? random.nextInt(500) : 0);
                gaps[i - 1] = random.nextInt(4) == 0 ? Double.NaN : gaps[i - 1];
                bursts[i] += random.nextInt(30) == 0 ? 400 : 0;
            }
            all.put("rare jumps " + seed, rare);
            all.put("gaps " + seed, gaps);
            all.put("bursts " + seed, bursts);
            all.put("below zero " + seed, Series.noisy(HISTORY, 3, seed, i -> -700 + i));
            all.put("short " + seed, Series.noisy(8 + seed, 1, seed, i -> 60 + 2 * i));
            all.put("constant " + seed, Series.of(HISTORY, i -> slope));
        }
        return all;
    }

    @Test
    void boundsNeverCrossContainTheCentreAndWidenWithTheHorizon() {
        SERIES.forEach(
                (name, values) -> {
                    ForecastResult result = Series.forecast(values, HORIZON);
                    double slack = 1e-9 * size(values);
                    double width80 = 0;
                    double width95 = 0;
                    for (ForecastPoint p : result.path()) {
                        assertThat(
                                        p.lo95() <= p.lo80()
                                                && p.lo80() <= p.mean()
                                                && p.mean() <= p.hi80()
                                                && p.hi80() <= p.hi95())
                                .as("%s: %s", name, p)
                                .isTrue();
                        assertThat(p.hi80() - p.lo80()).as(name).isGreaterThan(width80 - slack);
                        assertThat(p.hi95() - p.lo95()).as(name).isGreaterThan(width95 - slack);
                        width80 = p.hi80() - p.lo80();
                        width95 = p.hi95() - p.lo95();
                    }
                });
    }

    @Test
    void timeToCapacityIsWhereThePathIsThereAndComesInOrder() {
        SERIES.forEach(
                (name, values) -> {
                    ForecastResult result = Series.forecast(values, HORIZON);
                    double last = result.lastValue();
                    int before = 0;
                    for (double share : new double[] {0.002, 0.02, 0.1, 0.5}) {
                        double capacity = last + share * Math.max(1, size(values));
                        TimeToCapacity time = result.timeTo(capacity);
                        assertAgrees(name, result, capacity, time);
                        int median = time.median().orElse(Integer.MAX_VALUE);
                        assertThat(median).as("more takes longer").isGreaterThanOrEqualTo(before);
                        before = median;
                    }
                    assertThat(result.timeTo(last).median()).hasValue(0);
                });
    }

    private static void assertAgrees(
            String name, ForecastResult result, double capacity, TimeToCapacity time) {
        int reach = ForecastOptions.CAPACITY_HORIZONS * HORIZON;
        List<ForecastPoint> path = result.path().subList(0, reach);
        assertThat(time.median()).as(name).isEqualTo(first(path, capacity, ForecastPoint::mean));
        assertThat(time.earliest()).as(name).isEqualTo(first(path, capacity, ForecastPoint::hi80));
        assertThat(time.latest()).as(name).isEqualTo(first(path, capacity, ForecastPoint::lo80));
        int median = time.median().orElse(Integer.MAX_VALUE);
        assertThat(time.earliest().orElse(Integer.MAX_VALUE)).as(name).isLessThanOrEqualTo(median);
        assertThat(time.latest().orElse(Integer.MAX_VALUE)).as(name).isGreaterThanOrEqualTo(median);
    }

    private static OptionalInt first(
            List<ForecastPoint> path, double level, ToDoubleFunction<ForecastPoint> bound) {
        return path.stream()
                .filter(p -> bound.applyAsDouble(p) >= level)
                .mapToInt(ForecastPoint::step)
                .findFirst();
    }

    @Test
    void theUnitChangesNothingButTheUnit() {
        SERIES.forEach(
                (name, values) -> {
                    ForecastResult small = Series.forecast(values, HORIZON, 1_000);
                    for (double unit : new double[] {1.0 / 1_048_576, 1_000, 1_099_511_627_776.0}) {
                        double[] scaled = Series.of(values.length, i -> unit * values[i]);
                        ForecastResult large = Series.forecast(scaled, HORIZON, 1_000 * unit);
                        assertThat(large.model()).as(name).isEqualTo(small.model());
                        assertThat(large.pattern()).as(name).isEqualTo(small.pattern());
                        double slack = 1e-6 * size(values);
                        for (ForecastPoint p : small.path()) {
                            ForecastPoint q = large.at(p.step());
                            assertThat(q.mean() / unit).as(name).isCloseTo(p.mean(), within(slack));
                            assertThat(q.lo95() / unit).as(name).isCloseTo(p.lo95(), within(slack));
                            assertThat(q.hi80() / unit).as(name).isCloseTo(p.hi80(), within(slack));
                        }
                        assertThat(large.confidenceLevel())
                                .as(name)
                                .isCloseTo(small.confidenceLevel(), within(1e-6));
                    }
                });
    }

    @Test
    void theEpochAndTheOrderOfArrivalChangeNothingAtAll() {
        Random random = new Random(1);
        SERIES.forEach(
                (name, values) -> {
                    ForecastResult plain = Series.forecast(values, HORIZON, 1_000);
                    List<Integer> order = new ArrayList<>();
                    for (int i = 0; i < values.length; i++) {
                        order.add(i);
                    }
                    java.util.Collections.shuffle(order, random);
                    long[] steps = new long[values.length];
                    double[] shuffled = new double[values.length];
                    for (int i = 0; i < steps.length; i++) {
                        steps[i] = 1_790_000_000_000L + order.get(i);
                        shuffled[i] = values[order.get(i)];
                    }
                    ForecastResult late =
                            new Forecaster()
                                    .forecast(
                                            TimeSeries.ofSteps(steps, shuffled),
                                            ForecastOptions.ofHorizon(HORIZON).withCapacity(1_000));
                    assertThat(late.path()).as(name).isEqualTo(plain.path());
                    assertThat(late.timeToCapacity()).as(name).isEqualTo(plain.timeToCapacity());
                    assertThat(late.scores()).as(name).isEqualTo(plain.scores());
                });
    }

    @Test
    void ofDuplicatesTheLastStandsAndWhatIsNoNumberIsNoObservation() {
        double[] values = Series.noisy(HISTORY, 4, 3, i -> 500 + i);
        long[] steps = new long[2 * HISTORY + 2];
        double[] twice = new double[steps.length];
        for (int i = 0; i < HISTORY; i++) {
            steps[i] = i + 1;
            twice[i] = i % 3 == 0 ? Double.POSITIVE_INFINITY : -1e200 * i;
            steps[HISTORY + i] = i + 1;
            twice[HISTORY + i] = values[i];
        }
        steps[2 * HISTORY] = 7;
        twice[2 * HISTORY] = Double.NaN;
        steps[2 * HISTORY + 1] = HISTORY + 5;
        twice[2 * HISTORY + 1] = Double.NEGATIVE_INFINITY;
        ForecastResult clean = Series.forecast(values, HORIZON);
        ForecastResult damaged =
                new Forecaster()
                        .forecast(
                                TimeSeries.ofSteps(steps, twice),
                                ForecastOptions.ofHorizon(HORIZON));

        assertThat(damaged.path()).isEqualTo(clean.path());
        assertThat(damaged.lastStep()).isEqualTo(HISTORY);
        assertThat(damaged.dataQuality().score()).isLessThan(clean.dataQuality().score());
    }

    @Test
    void flatSeriesOfEveryKindAreNotSaidToFillUp() {
        int alerts = 0;
        int series = 0;
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            double noise = 2 + random.nextInt(20);
            double carry = random.nextDouble() * 0.8;
            double step = 1 + random.nextInt(5);
            double[] white = Series.noisy(200 + 3 * seed, noise, seed, i -> 500);
            double[] correlated = new double[white.length];
            double[] rounded = new double[white.length];
            double[] weekly = new double[white.length];
            double e = 0;
            for (int i = 0; i < white.length; i++) {
                e = carry * e + (white[i] - 500) * Math.sqrt(1 - carry * carry);
                correlated[i] = 500 + e;
                rounded[i] = Math.rint(white[i] / step) * step;
                weekly[i] = white[i] + (i % 7 < 2 ? -3 * noise : 0);
            }
            for (double[] values : List.of(white, correlated, rounded, weekly)) {
                boolean fills = Series.forecast(values, 90).expectedToReach(500 + 4 * noise, 90);
                alerts += fills ? 1 : 0;
                series++;
            }
        }

        assertThat((double) alerts / series).isLessThanOrEqualTo(0.01);
    }

    private static double size(double[] values) {
        double size = 0;
        for (double value : values) {
            size = Double.isNaN(value) ? size : Math.max(size, Math.abs(value));
        }
        return size;
    }
}
