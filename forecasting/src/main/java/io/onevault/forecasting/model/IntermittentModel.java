package io.onevault.forecasting.model;

/**
 * Series that are zero most of the time: the smoothed probability of a value times its smoothed
 * size (Teunter, Syntetos &amp; Babai 2011, EJOR 214), a flat forecast of the mean demand. Cost:
 * O(n) once.
 */
public final class IntermittentModel {

    private static final double SIZE_WEIGHT = 0.1;
    private static final double CHANCE_WEIGHT = 0.05;

    private IntermittentModel() {}

    public static GrowthModel of(double[] y) {
        double[] rate = new double[y.length];
        double size = 0;
        double chance = 0;
        boolean started = false;
        for (int i = 0; i < y.length; i++) {
            boolean active = y[i] != 0;
            if (active) {
                size = started ? size + SIZE_WEIGHT * (y[i] - size) : y[i];
                started = true;
            }
            double weight = Math.max(CHANCE_WEIGHT, 1.0 / (i + 1));
            chance += weight * ((active ? 1 : 0) - chance);
            rate[i] = chance * size;
        }
        return GrowthModel.of(
                ModelFamily.INTERMITTENT,
                "intermittent",
                origin -> {
                    double level = rate[origin - 1];
                    return step -> level;
                });
    }
}
