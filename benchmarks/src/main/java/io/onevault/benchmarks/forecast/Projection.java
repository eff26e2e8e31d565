package io.onevault.benchmarks.forecast;

/** A forecast with its intervals, one entry a step. */
record Projection(double[] mean, double[] lo80, double[] hi80, double[] lo95, double[] hi95) {

    private static final double Z80 = 1.2815515655446004;
    private static final double Z95 = 1.959963984540054;

    static Projection empty(int horizon) {
        return new Projection(
                new double[horizon],
                new double[horizon],
                new double[horizon],
                new double[horizon],
                new double[horizon]);
    }

    void gaussian(int step, double value, double deviation) {
        set(
                step,
                value,
                value - Z80 * deviation,
                value + Z80 * deviation,
                value - Z95 * deviation,
                value + Z95 * deviation);
    }

    void set(int step, double value, double l80, double h80, double l95, double h95) {
        mean[step - 1] = value;
        lo80[step - 1] = l80;
        hi80[step - 1] = h80;
        lo95[step - 1] = l95;
        hi95[step - 1] = h95;
    }

    /** First step at which the central path is at or above a capacity; 0 for never. */
    int crossing(double capacity, int within) {
        for (int i = 0; i < Math.min(within, mean.length); i++) {
            if (mean[i] >= capacity) {
                return i + 1;
            }
        }
        return 0;
    }
}
