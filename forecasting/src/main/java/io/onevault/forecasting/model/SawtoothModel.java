package io.onevault.forecasting.model;

import io.onevault.forecasting.fit.Order;
import io.onevault.forecasting.fit.RobustSlope;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Steady ramps that collapse again and again (vacuum, retention runs, log rotation): the median
 * ramp between drops, the median time between them, and a robust trend through the lows and the
 * peaks.
 *
 * <p>Role: for capacity the peaks count, not the mean. Our own construction from medians, in the
 * spirit of Theil (1950). Cost: O(n) once, O(drops) an origin. Needs three drops; NaN before.
 */
public final class SawtoothModel implements GrowthModel {

    private static final int MIN_DROPS = 3;

    /** Share of all downward movement that happens in collapses; a random walk stays far below. */
    private static final double COLLAPSES = 0.6;

    private final double[] y;
    private final int[] drops;

    private SawtoothModel(double[] y, int[] drops) {
        this.y = y;
        this.drops = drops;
    }

    /** The model if the series looks like a sawtooth at all, else null. */
    public static @Nullable SawtoothModel of(double[] y) {
        int n = y.length;
        if (n < 12) {
            return null;
        }
        double[] changes = new double[n - 1];
        for (int i = 1; i < n; i++) {
            changes[i - 1] = y[i] - y[i - 1];
        }
        double[] scratch = changes.clone();
        double typicalRise = Math.abs(Order.select(scratch, n - 1, (int) (0.6 * (n - 2))));
        double median = Order.select(scratch, n - 1, (n - 1) / 2);
        double noise = Order.quantileInPlace(scratch, n - 1, 0.9) - median;
        double deepest = -Order.select(scratch, n - 1, 0);
        double bound = Math.max(4 * Math.max(typicalRise, noise), 0.35 * deepest);
        int[] found = new int[n];
        int count = 0;
        double collapsed = 0;
        double fallen = 0;
        for (int i = 1; i < n; i++) {
            fallen += Math.max(0, -changes[i - 1]);
            if (changes[i - 1] < -bound) {
                found[count++] = i;
                collapsed -= changes[i - 1];
            }
        }
        boolean rare = count >= MIN_DROPS && count * 4 <= n;
        boolean rises = median > 0;
        boolean recent = count > 0 && n - found[count - 1] < 2.5 * n / count;
        if (!rare || !rises || !recent || collapsed < COLLAPSES * fallen) {
            return null;
        }
        return new SawtoothModel(y, Arrays.copyOf(found, count));
    }

    @Override
    public ModelFamily family() {
        return ModelFamily.SAWTOOTH;
    }

    @Override
    public String name() {
        return "sawtooth";
    }

    @Override
    public Path from(int origin) {
        int known = 0;
        while (known < drops.length && drops[known] < origin) {
            known++;
        }
        if (known < MIN_DROPS) {
            return step -> Double.NaN;
        }
        double[] lengths = new double[known - 1];
        double[] slopes = new double[known - 1];
        double[] lows = new double[known];
        for (int i = 0; i < known; i++) {
            lows[i] = y[drops[i]];
            if (i > 0) {
                int length = drops[i] - drops[i - 1];
                lengths[i - 1] = length;
                slopes[i - 1] = length < 2 ? 0 : (y[drops[i] - 1] - y[drops[i - 1]]) / (length - 1);
            }
        }
        double lastLow = lows[known - 1];
        double lowSlope = RobustSlope.of(lows, 0, known);
        double period = Math.max(2, Order.medianInPlace(lengths, known - 1));
        double slope = Order.medianInPlace(slopes, known - 1);
        int sinceDrop = origin - 1 - drops[known - 1];
        double last = y[origin - 1];
        return step -> {
            double phase = sinceDrop + step;
            double first = Math.max(period, sinceDrop + 1);
            if (phase < first) {
                return last + slope * step;
            }
            double over = phase - first;
            int cycles = 1 + (int) (over / period);
            double inside = over - (cycles - 1) * period;
            return lastLow + cycles * lowSlope + slope * inside;
        };
    }

    /** Number of collapses seen. */
    public int drops() {
        return drops.length;
    }
}
