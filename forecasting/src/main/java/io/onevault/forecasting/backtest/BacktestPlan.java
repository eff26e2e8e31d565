package io.onevault.forecasting.backtest;

import io.onevault.forecasting.series.History;
import java.util.Arrays;

/**
 * Which past origins are forecast from, and which steps ahead are compared.
 *
 * @param origins ascending counts of values known, each at an observed value
 * @param steps ascending steps ahead at which errors are taken
 */
public record BacktestPlan(int[] origins, int[] steps) {

    private static final int MOST_ORIGINS = 30;

    /** Older origins say little about the future and much about another system. */
    private static final int RECENT_HORIZONS = 10;

    private static final int MOST_STEPS = 9;

    /**
     * Origins spread evenly over the part of history that leaves enough to fit before and, where
     * history is long enough, the whole horizon after; the last ones see only the first steps.
     */
    public static BacktestPlan of(History history, int horizon) {
        int n = history.length();
        int season = history.seasons().any() ? history.seasons().primary() : 0;
        int first = Math.max(3, Math.max(2 * season, Math.min(n / 3, Math.max(horizon, 40))));
        int reach = Math.max(1, Math.min(horizon, (n - first) * 2 / 3));
        int last = n - 1;
        if (n < 5 || first > last) {
            first = Math.max(1, n / 2);
            reach = Math.max(1, Math.min(horizon, n - first));
        }
        if (n < 2) {
            return new BacktestPlan(new int[0], new int[] {1});
        }
        int[] steps = steps(reach);
        int full = Math.max(first, n - reach);
        first = Math.max(first, full - RECENT_HORIZONS * reach);
        int[] origins = new int[MOST_ORIGINS + 6];
        int count = 0;
        double stride = Math.max(1, (full - first) / (double) (MOST_ORIGINS - 1));
        for (int k = 0; k < MOST_ORIGINS; k++) {
            int origin = full - (int) Math.round(k * stride);
            if (origin >= first) {
                count = add(history, origins, count, origin);
            }
        }
        int tail = n - full;
        for (int k = 1; k <= 5; k++) {
            int origin = full + tail * k / 6;
            if (origin > full && origin < n) {
                count = add(history, origins, count, origin);
            }
        }
        int[] used = Arrays.copyOf(origins, count);
        Arrays.sort(used);
        return new BacktestPlan(Arrays.stream(used).distinct().toArray(), steps);
    }

    /** An origin must end on an observed value, or the filled gap would tell the future. */
    private static int add(History history, int[] origins, int count, int wanted) {
        int origin = wanted;
        while (origin > 1 && Double.isNaN(history.actual(origin - 1))) {
            origin--;
        }
        origins[count] = origin;
        return count + 1;
    }

    private static int[] steps(int reach) {
        int count = Math.min(reach, MOST_STEPS);
        int[] steps = new int[count];
        for (int i = 0; i < count; i++) {
            steps[i] = Math.max(i + 1, (int) Math.round((i + 1.0) * reach / count));
        }
        steps[0] = reach > 2 * MOST_STEPS ? Math.max(1, reach / (2 * count)) : 1;
        return steps;
    }

    /** The farthest step compared. */
    public int reach() {
        return steps[steps.length - 1];
    }
}
