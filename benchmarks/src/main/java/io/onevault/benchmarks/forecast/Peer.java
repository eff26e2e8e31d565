package io.onevault.benchmarks.forecast;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The methods people use instead, as textbooks describe them (Hyndman &amp; Athanasopoulos,
 * chapters 5, 7 and 8), with the intervals their theory gives. Gaps are carried forward.
 */
interface Peer {

    Projection project(double[] y, int season, int horizon);

    static Map<String, Peer> all() {
        Map<String, Peer> peers = new LinkedHashMap<>();
        peers.put("naive", (y, m, h) -> seasonalNaive(y, 1, h));
        peers.put("seasonal naive", Peer::seasonalNaive);
        peers.put("drift", (y, m, h) -> drift(y, h));
        peers.put("ols all", (y, m, h) -> ols(y, Integer.MAX_VALUE, false, h));
        peers.put("ols 30", (y, m, h) -> ols(y, 30, false, h));
        peers.put("ols 90", (y, m, h) -> ols(y, 90, false, h));
        peers.put("log-linear", (y, m, h) -> ols(y, Integer.MAX_VALUE, true, h));
        peers.put("theta", Peer::theta);
        return peers;
    }

    static double[] filled(double[] y) {
        double[] result = y.clone();
        for (int i = 1; i < result.length; i++) {
            result[i] = Double.isNaN(result[i]) ? result[i - 1] : result[i];
        }
        return result;
    }

    private static Projection seasonalNaive(double[] y, int m, int horizon) {
        int n = y.length;
        double square = 0;
        int count = 0;
        for (int i = m; i < n; i++) {
            square += (y[i] - y[i - m]) * (y[i] - y[i - m]);
            count++;
        }
        double sigma = count == 0 ? 0 : Math.sqrt(square / count);
        Projection result = Projection.empty(horizon);
        for (int step = 1; step <= horizon; step++) {
            int cycles = (step - 1) / m + 1;
            int at = Math.max(0, n - 1 + step - cycles * m);
            result.gaussian(step, y[at], sigma * Math.sqrt(cycles));
        }
        return result;
    }

    private static Projection drift(double[] y, int horizon) {
        int n = y.length;
        double slope = n < 2 ? 0 : (y[n - 1] - y[0]) / (n - 1);
        double square = 0;
        for (int i = 1; i < n; i++) {
            square += Math.pow(y[i] - y[i - 1] - slope, 2);
        }
        double sigma = n < 3 ? 0 : Math.sqrt(square / (n - 2));
        Projection result = Projection.empty(horizon);
        for (int step = 1; step <= horizon; step++) {
            double spread = sigma * Math.sqrt(step * (1 + step / (double) Math.max(1, n - 1)));
            result.gaussian(step, y[n - 1] + slope * step, spread);
        }
        return result;
    }

    private static Projection ols(double[] all, int window, boolean log, int horizon) {
        int n = Math.min(all.length, window);
        double[] y = new double[n];
        boolean logs = log;
        for (double value : all) {
            logs &= value > 0;
        }
        for (int i = 0; i < n; i++) {
            double value = all[all.length - n + i];
            y[i] = logs ? Math.log(value) : value;
        }
        double mid = (n - 1) / 2.0;
        double mean = 0;
        for (double value : y) {
            mean += value / n;
        }
        double cross = 0;
        double spread = 0;
        for (int i = 0; i < n; i++) {
            cross += (i - mid) * (y[i] - mean);
            spread += (i - mid) * (i - mid);
        }
        double slope = spread == 0 ? 0 : cross / spread;
        double square = 0;
        for (int i = 0; i < n; i++) {
            square += Math.pow(y[i] - mean - slope * (i - mid), 2);
        }
        double sigma = n < 3 ? 0 : Math.sqrt(square / (n - 2));
        Projection result = Projection.empty(horizon);
        for (int step = 1; step <= horizon; step++) {
            double x = n - 1 + step - mid;
            double se = sigma * Math.sqrt(1 + 1.0 / n + (spread == 0 ? 0 : x * x / spread));
            result.gaussian(step, mean + slope * x, se);
            if (logs) {
                int i = step - 1;
                result.set(
                        step,
                        Math.exp(result.mean()[i]),
                        Math.exp(result.lo80()[i]),
                        Math.exp(result.hi80()[i]),
                        Math.exp(result.lo95()[i]),
                        Math.exp(result.hi95()[i]));
            }
        }
        return result;
    }

    /** Classic Theta on the seasonally adjusted series, as the M3 and M4 competitions ran it. */
    private static Projection theta(double[] raw, int m, int horizon) {
        int n = raw.length;
        double[] index = seasonalIndex(raw, m);
        double[] y = raw.clone();
        for (int i = 0; i < n; i++) {
            y[i] /= index[i % m];
        }
        double mid = (n - 1) / 2.0;
        double cross = 0;
        double spread = 0;
        for (int i = 0; i < n; i++) {
            cross += (i - mid) * y[i];
            spread += (i - mid) * (i - mid);
        }
        double slope = spread == 0 ? 0 : cross / spread;
        double bestSquare = Double.POSITIVE_INFINITY;
        double alpha = 0.5;
        double level = y[0];
        for (double a = 0.01; a < 1; a += 0.01) {
            double l = y[0];
            double square = 0;
            for (int i = 1; i < n; i++) {
                square += (y[i] - l) * (y[i] - l);
                l += a * (y[i] - l);
            }
            if (square < bestSquare) {
                bestSquare = square;
                alpha = a;
                level = l;
            }
        }
        double sigma = n < 3 ? 0 : Math.sqrt(bestSquare / (n - 2));
        double warm = (1 - Math.pow(1 - alpha, n)) / alpha;
        Projection result = Projection.empty(horizon);
        for (int step = 1; step <= horizon; step++) {
            double factor = index[(n - 1 + step) % m];
            double value = level + slope / 2 * (step - 1 + warm);
            double se = sigma * Math.sqrt(1 + (step - 1) * alpha * alpha);
            result.gaussian(step, value * factor, se * Math.abs(factor));
        }
        return result;
    }

    /**
     * Ratio to a centred moving average, averaged by phase; all ones when the 90 % test finds no
     * season.
     */
    private static double[] seasonalIndex(double[] y, int m) {
        double[] index = new double[m];
        java.util.Arrays.fill(index, 1);
        int n = y.length;
        if (m < 2 || n < 3 * m || !seasonal(y, m)) {
            return index;
        }
        double[] sum = new double[m];
        int[] count = new int[m];
        int half = m / 2;
        for (int i = half; i < n - half; i++) {
            double average = 0;
            for (int k = -half; k <= half; k++) {
                double weight = m % 2 == 0 && Math.abs(k) == half ? 0.5 : 1;
                average += weight * y[i + k] / m;
            }
            if (average <= 0 || y[i] <= 0) {
                return index;
            }
            sum[i % m] += y[i] / average;
            count[i % m]++;
        }
        double total = 0;
        for (int k = 0; k < m; k++) {
            index[k] = sum[k] / count[k];
            total += index[k];
        }
        for (int k = 0; k < m; k++) {
            index[k] *= m / total;
        }
        return index;
    }

    private static boolean seasonal(double[] y, int m) {
        double bound = 0;
        for (int lag = 1; lag < m; lag++) {
            bound += 2 * Math.pow(correlation(y, lag), 2);
        }
        return Math.abs(correlation(y, m)) > 1.645 * Math.sqrt((1 + bound) / y.length);
    }

    private static double correlation(double[] y, int lag) {
        double mean = 0;
        for (double value : y) {
            mean += value / y.length;
        }
        double cross = 0;
        double square = 0;
        for (int i = 0; i < y.length; i++) {
            square += (y[i] - mean) * (y[i] - mean);
            cross += i < lag ? 0 : (y[i] - mean) * (y[i - lag] - mean);
        }
        return square == 0 ? 0 : cross / square;
    }
}
