package io.onevault.benchmarks.forecast;

import io.onevault.forecasting.select.GrowthPattern;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Random;
import java.util.Set;

/**
 * Series whose truth is known, one family after another, from fixed seeds. The curve without noise
 * says when a capacity is really reached.
 */
final class SyntheticFamilies {

    static final int DAYS = 730;
    static final int AHEAD = 360;

    /** Curve of one family: noise-free value on a day. */
    @FunctionalInterface
    private interface Curve {
        double at(int day);
    }

    /**
     * One series.
     *
     * @param values {@link #DAYS} days of history and {@link #AHEAD} days after it, as measured
     * @param truth the same without noise
     * @param history days known
     * @param capacity where it is full
     * @param patterns answers that count as right
     */
    record Case(
            String family,
            double[] values,
            double[] truth,
            int history,
            double capacity,
            Set<GrowthPattern> patterns) {

        double[] known() {
            return java.util.Arrays.copyOf(values, history);
        }

        /**
         * Steps after the history until the curve reaches the capacity, 0 for never within a year.
         */
        int trueTime(int within) {
            for (int step = 1; step <= within; step++) {
                if (truth[history + step - 1] >= capacity) {
                    return step;
                }
            }
            return 0;
        }
    }

    private final List<Case> cases = new ArrayList<>();
    private final int perFamily;

    private SyntheticFamilies(int perFamily) {
        this.perFamily = perFamily;
    }

    static List<Case> all(int perFamily) {
        SyntheticFamilies families = new SyntheticFamilies(perFamily);
        families.build();
        return families.cases;
    }

    private void build() {
        Set<GrowthPattern> linear = EnumSet.of(GrowthPattern.LINEAR);
        Set<GrowthPattern> stable = EnumSet.of(GrowthPattern.STABLE);
        add(
                "linear, weekly season",
                linear,
                4,
                r -> {
                    double slope = 0.3 + r.nextDouble();
                    return day -> 500 + slope * day + 12 * Math.sin(2 * Math.PI * day / 7);
                });
        add(
                "exponential",
                EnumSet.of(GrowthPattern.EXPONENTIAL),
                3,
                r -> {
                    double rate = 0.0015 + 0.002 * r.nextDouble();
                    return day -> 200 * Math.exp(rate * day);
                });
        add(
                "saturating",
                EnumSet.of(GrowthPattern.SATURATING),
                4,
                r -> {
                    double middle = 300 + 100 * r.nextDouble();
                    return day -> 100 + 900 / (1 + Math.exp(-(day - middle) / 80));
                });
        add(
                "sawtooth",
                EnumSet.of(GrowthPattern.SAWTOOTH),
                2,
                r -> {
                    int period = 20 + r.nextInt(20);
                    double trend = 0.1 + 0.2 * r.nextDouble();
                    return day -> 300 + trend * day + 100.0 * (day % period) / period;
                });
        add(
                "level shift down",
                EnumSet.of(GrowthPattern.LINEAR, GrowthPattern.STEP),
                4,
                r -> {
                    int at = 350 + r.nextInt(300);
                    double slope = 0.3 + 0.5 * r.nextDouble();
                    return day -> 500 + slope * day - (day >= at ? 250 : 0);
                });
        add(
                "onboarding step",
                EnumSet.of(GrowthPattern.STEP),
                3,
                r -> {
                    int at = 350 + r.nextInt(300);
                    return day -> 400 + (day >= at ? 200 : 0);
                });
        add(
                "onboarding step, new slope",
                EnumSet.of(GrowthPattern.LINEAR, GrowthPattern.EXPONENTIAL, GrowthPattern.STEP),
                3,
                r -> {
                    int at = 350 + r.nextInt(250);
                    double slope = 0.5 + 0.8 * r.nextDouble();
                    return day -> 400 + (day >= at ? 150 + slope * (day - at) : 0);
                });
        add(
                "counter reset",
                EnumSet.of(GrowthPattern.LINEAR, GrowthPattern.STEP),
                2,
                r -> {
                    int at = 350 + r.nextInt(250);
                    double slope = 0.5 + r.nextDouble();
                    return day -> slope * (day < at ? day : day - at);
                });
        add("flat", stable, 10, r -> day -> 500);
        addCorrelatedFlat(stable);
        add(
                "trend change",
                EnumSet.of(GrowthPattern.LINEAR, GrowthPattern.EXPONENTIAL),
                4,
                r -> {
                    int at = 400 + r.nextInt(200);
                    double slope = 0.8 + 0.6 * r.nextDouble();
                    return day -> 300 + 0.2 * day + (day >= at ? slope * (day - at) : 0);
                });
        add(
                "quantised sensor",
                linear,
                0,
                r -> {
                    double slope = 0.2 + 0.3 * r.nextDouble();
                    return day -> Math.floor((500 + slope * day) / 10) * 10;
                });
        add(
                "bounded CPU",
                EnumSet.of(GrowthPattern.SEASONAL),
                3,
                r -> {
                    double swing = 10 + 8 * r.nextDouble();
                    return day -> Math.min(100, 45 + swing * Math.cos(2 * Math.PI * day / 7));
                });
        add(
                "shrinking",
                EnumSet.of(GrowthPattern.DECLINING),
                4,
                r -> {
                    double slope = 0.2 + 0.3 * r.nextDouble();
                    return day -> 800 - slope * day;
                });
        add(
                "weekly bursts",
                EnumSet.of(GrowthPattern.SEASONAL, GrowthPattern.LINEAR),
                4,
                r -> {
                    double slope = 0.1 + 0.1 * r.nextDouble();
                    return day -> 300 + slope * day + (day % 7 == 6 ? 120 : 0);
                });
        add(
                "annual season with growth",
                EnumSet.of(GrowthPattern.LINEAR, GrowthPattern.SEASONAL),
                5,
                r -> {
                    double slope = 0.5 + 0.5 * r.nextDouble();
                    return day -> 500 + slope * day + 60 * Math.sin(2 * Math.PI * day / 365.25);
                });
        addDamaged(
                "gaps",
                linear,
                (values, r) -> {
                    for (int i = 0; i < DAYS; i++) {
                        values[i] = r.nextDouble() < 0.15 ? Double.NaN : values[i];
                    }
                    java.util.Arrays.fill(values, 400, 430, Double.NaN);
                });
        addDamaged(
                "2 % outliers",
                linear,
                (values, r) -> {
                    for (int i = 0; i < DAYS; i++) {
                        values[i] *= r.nextDouble() < 0.02 ? 3 : 1;
                    }
                });
        addDamaged(
                "stale sensor",
                linear,
                (values, r) -> {
                    for (int i = 1; i < DAYS; i++) {
                        values[i] = i % 5 == 0 ? values[i] : values[i - 1];
                    }
                });
        addShort(linear);
        addRecentJumps(linear);
    }

    /** Jumps 20 to 200 days ago, so that backtests of 90 days reach over most of them. */
    private void addRecentJumps(Set<GrowthPattern> linear) {
        Set<GrowthPattern> step = EnumSet.of(GrowthPattern.STEP);
        Set<GrowthPattern> grows = EnumSet.of(GrowthPattern.LINEAR, GrowthPattern.STEP);
        add(
                "recent jump up, flat",
                step,
                3,
                r -> {
                    int at = recent(r);
                    return day -> 400 + (day >= at ? 200 : 0);
                });
        add(
                "recent jump down, flat",
                step,
                3,
                r -> {
                    int at = recent(r);
                    return day -> 600 - (day >= at ? 200 : 0);
                });
        add(
                "two recent jumps, flat",
                step,
                3,
                r -> {
                    int at = recent(r);
                    int before = 300 + r.nextInt(200);
                    return day -> 300 + (day >= before ? 100 : 0) + (day >= at ? 150 : 0);
                });
        add(
                "recent ramp of ten days, flat",
                EnumSet.of(GrowthPattern.STEP, GrowthPattern.STABLE),
                3,
                r -> {
                    int at = recent(r) - 10;
                    return day -> 400 + 20.0 * Math.max(0, Math.min(10, day - at));
                });
        add(
                "recent jump, growing",
                linear,
                3,
                r -> {
                    int at = recent(r);
                    double slope = 0.3 + 0.5 * r.nextDouble();
                    return day -> 300 + slope * day + (day >= at ? 150 : 0);
                });
        add(
                "recent jump, then growth",
                grows,
                3,
                r -> {
                    int at = recent(r);
                    double slope = 0.5 + 0.8 * r.nextDouble();
                    return day -> 400 + (day >= at ? 150 + slope * (day - at) : 0);
                });
    }

    private static int recent(Random random) {
        return DAYS - 20 - random.nextInt(181);
    }

    private void add(
            String family,
            Set<GrowthPattern> patterns,
            double noise,
            java.util.function.Function<Random, Curve> curve) {
        for (int k = 0; k < perFamily; k++) {
            Random random = new Random(7_919L * family.hashCode() + k);
            Curve one = curve.apply(random);
            double[] truth = new double[DAYS + AHEAD];
            double[] values = new double[DAYS + AHEAD];
            for (int i = 0; i < values.length; i++) {
                truth[i] = one.at(i);
                values[i] = truth[i] + noise * random.nextGaussian();
            }
            cases.add(new Case(family, values, truth, DAYS, capacity(truth, DAYS, k), patterns));
        }
    }

    private void addCorrelatedFlat(Set<GrowthPattern> patterns) {
        for (int k = 0; k < perFamily; k++) {
            Random random = new Random(104_729L + k);
            double[] truth = new double[DAYS + AHEAD];
            double[] values = new double[DAYS + AHEAD];
            double noise = 0;
            for (int i = 0; i < values.length; i++) {
                noise = 0.9 * noise + 4 * random.nextGaussian();
                truth[i] = 500;
                values[i] = 500 + noise;
            }
            cases.add(new Case("flat, autocorrelated", values, truth, DAYS, 600, patterns));
        }
    }

    private void addDamaged(
            String family,
            Set<GrowthPattern> patterns,
            java.util.function.BiConsumer<double[], Random> damage) {
        int from = cases.size();
        add(
                family,
                patterns,
                4,
                r -> {
                    double slope = 0.3 + 0.7 * r.nextDouble();
                    return day -> 400 + slope * day;
                });
        for (int k = from; k < cases.size(); k++) {
            damage.accept(cases.get(k).values(), new Random(31L * k));
        }
    }

    private void addShort(Set<GrowthPattern> patterns) {
        for (int k = 0; k < perFamily; k++) {
            Random random = new Random(1_299_709L + k);
            int history = 3 + random.nextInt(19);
            double slope = 1 + 3 * random.nextDouble();
            double[] truth = new double[history + AHEAD];
            double[] values = new double[history + AHEAD];
            for (int i = 0; i < values.length; i++) {
                truth[i] = 400 + slope * i;
                values[i] = truth[i] + 2 * random.nextGaussian();
            }
            cases.add(
                    new Case(
                            "short history",
                            values,
                            truth,
                            history,
                            capacity(truth, history, k),
                            patterns));
        }
    }

    /** A third of the cases fill within 90 days, a third later, a third are far away. */
    private static double capacity(double[] truth, int history, int k) {
        double now = 0;
        for (int i = Math.max(0, history - 40); i < history; i++) {
            now = Math.max(now, truth[i]);
        }
        double soon = max(truth, history, history + 20 + k * 13 % 60);
        double later = max(truth, history, history + 120 + k * 17 % 120);
        double far = now * 1.6;
        double wanted = k % 3 == 0 ? soon : k % 3 == 1 ? later : far;
        return wanted > now * 1.005 ? wanted : now * 1.2;
    }

    private static double max(double[] values, int from, int to) {
        double max = values[from];
        for (int i = from; i < to; i++) {
            max = Math.max(max, values[i]);
        }
        return max;
    }
}
