package io.onevault.jobs.metrics;

import java.util.List;

/**
 * What is expected of a series: points of its central forecast, straight lines between them.
 *
 * @param days ahead, growing; the first is 0, now
 * @param expected the series' value then, in its metric's unit
 */
public record Outlook(List<Double> days, List<Double> expected) {

    /**
     * The farthest that the series is expected to get in a direction, from now to a horizon; beyond
     * the last point nothing is expected.
     *
     * @param above whether the highest is asked for, else the lowest
     */
    public double farthest(double horizonDays, boolean above) {
        double farthest = Double.NaN;
        for (int i = 0; i < days.size(); i++) {
            double at = expected.get(i);
            boolean beyond = days.get(i) > horizonDays;
            if (beyond && i > 0) {
                double before = expected.get(i - 1);
                double part = (horizonDays - days.get(i - 1)) / (days.get(i) - days.get(i - 1));
                at = before + part * (at - before);
            }
            if (Double.isNaN(farthest) || (above ? at > farthest : at < farthest)) {
                farthest = at;
            }
            if (beyond) {
                break;
            }
        }
        return farthest;
    }
}
