package io.onevault.forecasting.fit;

/**
 * Exponential smoothing with damped trend and up to two additive seasons, one pass over a series,
 * with every intermediate state kept, so that a forecast from any past origin costs O(1).
 *
 * <p>Sources: Holt (1957), Winters (1960), Gardner &amp; McKenzie (1985) for the damped trend,
 * Taylor (2003) for the second season and the correction of autocorrelated errors. Cost: O(n) time
 * and memory.
 */
public final class Smoothing {

    /**
     * Smoothing weights, all in [0, 1].
     *
     * @param level weight of the newest value in the level
     * @param trend weight of the newest change in the trend; 0 together with damping 0 means no
     *     trend
     * @param damping share of the trend kept from step to step
     * @param season weight of the newest value in the first season
     * @param secondSeason weight of the newest value in the second season
     * @param carry share of the last error expected again in the next step
     */
    public record Weights(
            double level,
            double trend,
            double damping,
            double season,
            double secondSeason,
            double carry) {

        public static Weights ofTrend(double level, double trend, double damping) {
            return new Weights(level, trend, damping, 0, 0, 0);
        }
    }

    private final Weights weights;
    private final int m1;
    private final int m2;
    private final double[] level;
    private final double[] trend;
    private final double[] error;
    private final double[] season1;
    private final double[] season2;
    private double meanAbsoluteError;

    public Smoothing(double[] y, int m1, int m2, Weights weights) {
        int n = y.length;
        this.weights = weights;
        this.m1 = m1;
        this.m2 = m2;
        level = new double[n];
        trend = new double[n];
        error = new double[n];
        season1 = m1 > 1 ? startingSeason(y, m1) : new double[0];
        season2 = m2 > 1 ? startingSeason(withoutSeason(y), m2) : new double[0];
        run(y);
    }

    private double[] withoutSeason(double[] y) {
        double[] rest = y.clone();
        for (int i = 0; i < rest.length; i++) {
            rest[i] -= season1[i % m1];
        }
        return rest;
    }

    /**
     * Average deviation from the cycle's mean over the first two cycles; later entries are filled
     * by run.
     */
    private static double[] startingSeason(double[] y, int m) {
        double[] season = new double[y.length];
        int cycles = Math.max(1, Math.min(2, y.length / m));
        for (int c = 0; c < cycles; c++) {
            double mean = 0;
            int end = Math.min(y.length, (c + 1) * m);
            for (int i = c * m; i < end; i++) {
                mean += y[i] / (end - c * m);
            }
            double slope = cycles < 2 ? 0 : cycleSlope(y, m);
            for (int i = c * m; i < end; i++) {
                double inside = slope * (i - c * m - (m - 1) / 2.0);
                season[i - c * m] += (y[i] - mean - inside) / cycles;
            }
        }
        return season;
    }

    private static double cycleSlope(double[] y, int m) {
        double change = 0;
        for (int i = 0; i < m; i++) {
            change += (y[i + m] - y[i]) / m;
        }
        return change / m;
    }

    private void run(double[] y) {
        int n = y.length;
        if (n == 0) {
            return;
        }
        boolean trending = weights.damping > 0;
        int lead = Math.min(8, n - 1);
        double b = !trending || lead == 0 ? 0 : startingTrend(y, lead);
        double l = startingLevel(y) - (m1 > 1 ? b * (Math.min(m1, n) + 1) / 2 : b);
        double carried = 0;
        double absolute = 0;
        double phi = trending ? weights.damping : 0;
        double alpha = weights.level;
        double beta = weights.trend;
        double gamma = weights.season;
        double delta = weights.secondSeason;
        for (int i = 0; i < n; i++) {
            double s1 = m1 > 1 ? season1[i < m1 ? i : i - m1] : 0;
            double s2 = m2 > 1 ? season2[i < m2 ? i : i - m2] : 0;
            double base = l + phi * b;
            double residual = y[i] - base - s1 - s2;
            double e = residual - carried;
            double next = base + alpha * e;
            b = phi * b + alpha * beta * e;
            l = next;
            if (m1 > 1) {
                season1[i] = s1 + gamma * (1 - alpha) * e;
            }
            if (m2 > 1) {
                season2[i] = s2 + delta * (1 - alpha) * e;
            }
            carried = weights.carry * (y[i] - l - s1 - s2);
            level[i] = l;
            trend[i] = b;
            error[i] = y[i] - l - s1 - s2;
            absolute += Math.abs(e);
        }
        meanAbsoluteError = absolute / n;
    }

    private double startingLevel(double[] y) {
        if (m1 <= 1) {
            return y[0];
        }
        double sum = 0;
        int cycle = Math.min(m1, y.length);
        for (int i = 0; i < cycle; i++) {
            sum += y[i];
        }
        return sum / cycle;
    }

    private double startingTrend(double[] y, int lead) {
        if (m1 <= 1) {
            return (y[lead] - y[0]) / lead;
        }
        return y.length >= 2 * m1 ? cycleSlope(y, m1) : 0;
    }

    /** Mean absolute one-step error over the series. */
    public double meanAbsoluteError() {
        return meanAbsoluteError;
    }

    public double level(int position) {
        return level[position];
    }

    /** Forecast {@code step} steps after the first {@code origin} values. */
    public double forecast(int origin, int step) {
        int last = origin - 1;
        double phi = weights.damping;
        double reach = phi == 0 ? 0 : phi == 1 ? step : phi * (1 - Math.pow(phi, step)) / (1 - phi);
        double carry = weights.carry == 0 ? 0 : Math.pow(weights.carry, step) * error[last];
        return level[last] + reach * trend[last] + seasonal(origin, step) + carry;
    }

    /** Seasonal part of that forecast. */
    public double seasonal(int origin, int step) {
        double result = 0;
        if (m1 > 1) {
            result += latest(season1, m1, origin, step);
        }
        if (m2 > 1) {
            result += latest(season2, m2, origin, step);
        }
        return result;
    }

    private static double latest(double[] season, int m, int origin, int step) {
        int target = origin + step - 1;
        int behind = target - origin + 1;
        int cycles = (behind + m - 1) / m;
        int at = target - cycles * m;
        return at >= 0 ? season[at] : season[Math.floorMod(target, m)];
    }

    /** The series without its season, each value corrected by what was known at its own time. */
    public double[] adjusted(double[] y) {
        double[] result = y.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] -= (m1 > 1 ? season1[i] : 0) + (m2 > 1 ? season2[i] : 0);
        }
        return result;
    }
}
