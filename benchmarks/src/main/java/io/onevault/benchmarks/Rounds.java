package io.onevault.benchmarks;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Contenders measured in turn, round after round, so that whatever else the machine does meets all
 * of them alike. A first round warms up and does not count; who begins changes with every round.
 */
public final class Rounds {

    private final Map<String, Contender> contenders = new LinkedHashMap<>();

    /** One way to do the work. */
    @FunctionalInterface
    public interface Contender {
        /** Does the work once and returns its figure, preparation not included. */
        double measure() throws Exception;
    }

    /** Adds a contender. */
    public Rounds with(String name, Contender contender) {
        contenders.put(name, contender);
        return this;
    }

    /** Measures {@code rounds} rounds after the one that warms up; a single round has none. */
    public Medians run(int rounds) throws Exception {
        String[] names = contenders.keySet().toArray(String[]::new);
        Map<String, double[]> figures = new LinkedHashMap<>();
        contenders.keySet().forEach(name -> figures.put(name, new double[rounds]));
        for (int round = rounds > 1 ? -1 : 0; round < rounds; round++) {
            for (int i = 0; i < names.length; i++) {
                String name = names[Math.floorMod(i + round, names.length)];
                Contender contender = contenders.get(name);
                double[] own = figures.get(name);
                if (contender == null || own == null) {
                    continue;
                }
                double figure = contender.measure();
                if (round >= 0) {
                    own[round] = figure;
                }
            }
        }
        return new Medians(figures);
    }

    /** What the rounds gave. */
    public static final class Medians {
        private final Map<String, double[]> figures;

        private Medians(Map<String, double[]> figures) {
            this.figures = figures;
        }

        /** The median of a contender's figures. */
        public double of(String name) {
            double[] own = figures.get(name);
            if (own == null) {
                throw new IllegalArgumentException("no contender " + name);
            }
            return median(own);
        }
    }

    /** The middle value, of an even number the mean of the two in the middle. */
    public static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }

    /**
     * How cost grows with size: the slope of the least squares line through the logarithms, 1 being
     * linear.
     */
    public static double growthExponent(double[] sizes, double[] costs) {
        double meanSize = 0;
        double meanCost = 0;
        for (int i = 0; i < sizes.length; i++) {
            meanSize += Math.log(sizes[i]) / sizes.length;
            meanCost += Math.log(costs[i]) / sizes.length;
        }
        double cross = 0;
        double spread = 0;
        for (int i = 0; i < sizes.length; i++) {
            double distance = Math.log(sizes[i]) - meanSize;
            cross += distance * (Math.log(costs[i]) - meanCost);
            spread += distance * distance;
        }
        return cross / spread;
    }
}
