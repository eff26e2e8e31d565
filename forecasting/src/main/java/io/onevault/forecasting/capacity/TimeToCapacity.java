package io.onevault.forecasting.capacity;

import io.onevault.forecasting.ForecastPoint;
import java.util.List;
import java.util.OptionalInt;
import java.util.function.ToDoubleFunction;

/**
 * When a forecast reaches a level, as a distribution read off its central path and its 80 % bounds:
 * the median is the first step at which the central path is there, so it can never contradict the
 * path; the earliest and latest are the upper and the lower bound's. Empty means not within the
 * steps looked at, "never" for the purpose.
 *
 * @param level the capacity or threshold, in the series' unit
 * @param median steps until the central path reaches it
 * @param earliest steps until the upper 80 % bound does (one chance in ten that it is sooner)
 * @param latest steps until the lower 80 % bound does (one chance in ten that it is later)
 * @param within steps looked at, four horizons
 */
public record TimeToCapacity(
        double level, OptionalInt median, OptionalInt earliest, OptionalInt latest, int within) {

    /**
     * Reads the distribution off a forecast.
     *
     * @param last newest value; at or above the level all times are 0
     */
    public static TimeToCapacity of(double level, double last, List<ForecastPoint> path) {
        if (last >= level) {
            OptionalInt now = OptionalInt.of(0);
            return new TimeToCapacity(level, now, now, now, path.size());
        }
        return new TimeToCapacity(
                level,
                first(path, level, ForecastPoint::mean),
                first(path, level, ForecastPoint::hi80),
                first(path, level, ForecastPoint::lo80),
                path.size());
    }

    private static OptionalInt first(
            List<ForecastPoint> path, double level, ToDoubleFunction<ForecastPoint> bound) {
        for (ForecastPoint point : path) {
            if (bound.applyAsDouble(point) >= level) {
                return OptionalInt.of(point.step());
            }
        }
        return OptionalInt.empty();
    }

    /** Whether the central forecast does not reach the level at all. */
    public boolean never() {
        return median.isEmpty();
    }

    /** Whether the level is expected to be reached within so many steps. */
    public boolean expectedWithin(int steps) {
        return median.isPresent() && median.getAsInt() <= steps;
    }

    /** The time in words, for people. */
    public String inWords(String unit) {
        if (median.isPresent() && median.getAsInt() == 0) {
            return "reached already";
        }
        if (median.isEmpty()) {
            return earliest.isEmpty()
                    ? "never within " + within + " " + unit
                    : "not expected within "
                            + within
                            + " "
                            + unit
                            + ", at the earliest in "
                            + earliest.getAsInt();
        }
        String from = earliest.isPresent() ? Integer.toString(earliest.getAsInt()) : "0";
        String to =
                latest.isPresent() ? Integer.toString(latest.getAsInt()) : "more than " + within;
        return "in " + median.getAsInt() + " " + unit + " (" + from + " to " + to + ")";
    }
}
