package io.onevault.jobs.capacity.forecast;

import io.onevault.jobs.alerts.rules.CapacityThreshold;
import java.util.List;

/**
 * The shares of a capacity that are too much.
 *
 * @param warning percent at which people want to know
 * @param critical percent at which it is too late
 */
public record Levels(double warning, double critical) {

    /** The configuration's. */
    public static Levels of(ForecastSettings settings) {
        return new Levels(settings.warning(), settings.critical());
    }

    /**
     * The same with what people set in the vault: of several thresholds of a level the lowest
     * counts, and a level without any stays.
     */
    public Levels adjusted(List<CapacityThreshold> thresholds) {
        return new Levels(
                lowest(thresholds, CapacityThreshold.Level.WARNING, warning),
                lowest(thresholds, CapacityThreshold.Level.CRITICAL, critical));
    }

    private static double lowest(
            List<CapacityThreshold> thresholds, CapacityThreshold.Level level, double otherwise) {
        return thresholds.stream()
                .filter(t -> t.level() == level && !Double.isNaN(t.percentage()))
                .mapToDouble(CapacityThreshold::percentage)
                .min()
                .orElse(otherwise);
    }
}
