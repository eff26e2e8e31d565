package io.onevault.jobs.metrics.baseline;

import java.util.Arrays;

/**
 * Four weeks of a series as a table of weeks and hours of the week, and what follows from it for
 * the hour after them.
 *
 * <p>Value = level of the week + season of the hour of the week, both medians by turns: Tukey's
 * median polish (Exploratory Data Analysis, 1977, chapter 11). Weeks are counted back from the hour
 * asked for, so the level is that of the last seven days, and a new one is adopted when it has held
 * for half of them. One week in three or four that was unlike the others does not move the season.
 *
 * <p>Where little is known of an hour of the week, its season shrinks towards that of the hour of
 * the day, and that towards none, by how much hours differ beside how much they vary (empirical
 * Bayes; Efron and Morris, JASA 70, 1975).
 *
 * <p>The scale is what expectations made in the past four weeks missed by, at this hour of the day
 * and at all, and how far windows are from their hour's median. So what the model does not know,
 * such as a trend, is in it.
 */
final class HourOfWeek {

    static final int SLOTS = 7 * 24;
    static final int WEEKS = BaselineHistory.HOURS / SLOTS;

    private static final int DAY = 24;
    private static final int ROUNDS = 3;

    /** Hours that a week must have to have a level, and a series for anything to be expected. */
    private static final int LEAST_HOURS = 24;

    /** Expectations that must have come true or not before a scale is known. */
    private static final int LEAST_ERRORS = 72;

    /** How many errors at an hour of the day count as much as those at all hours. */
    private static final double WEIGHT_OF_ALL = 8;

    /** Weeks from which an hour of the week says how it varies. */
    private static final int LEAST_WEEKS = 3;

    /** Days before which expectations are no measure of later ones. */
    private static final int LEARNING_DAYS = 7;

    /** The least scale, of the expected value: what differs by less is not worth a look. */
    private static final double LEAST_SHARE = 0.02;

    private final BaselineHistory history;
    private final long hour;
    private final double[][] values = new double[WEEKS][SLOTS];
    private final double[] levels = new double[WEEKS];
    private final double[] seasons = new double[SLOTS];
    private final double[] scratch = new double[BaselineHistory.HOURS];

    /** How much hours of the week differ, where the one asked for was never seen. */
    private double unseen;

    private HourOfWeek(BaselineHistory history, long hour) {
        this.history = history;
        this.hour = hour;
    }

    /**
     * What is usual in an hour.
     *
     * @param history up to the hour before it, at most
     * @param leastScale below which no scale falls, in the series' unit
     */
    static Usual in(long hour, BaselineHistory history, double leastScale) {
        return new HourOfWeek(history, hour).usual(leastScale);
    }

    /** Whether what was expected of an hour says how good later expectations will be. */
    static boolean teaches(Usual usual) {
        return !Double.isNaN(usual.expected()) && usual.historyDays() >= LEARNING_DAYS;
    }

    private Usual usual(double leastScale) {
        long first = Math.max(history.firstHour, hour - BaselineHistory.HOURS);
        int days = history.medians.length == 0 ? 0 : (int) ((hour - first) / DAY);
        double level = polish();
        if (Double.isNaN(level)) {
            return Usual.UNKNOWN;
        }
        double expected = level + season();
        double missed = missed();
        if (Double.isNaN(missed)) {
            return new Usual(expected, Double.NaN, days);
        }
        double size = Math.max(Math.abs(expected), Math.abs(typical()));
        double scale = Math.hypot(Math.hypot(missed, within()), unseen);
        return new Usual(expected, Math.max(Math.max(scale, leastScale), LEAST_SHARE * size), days);
    }

    /** Fills levels and seasons; the level of the newest week that has one, NaN for none. */
    private double polish() {
        for (double[] week : values) {
            Arrays.fill(week, Double.NaN);
        }
        int[] known = new int[WEEKS];
        for (int i = 0; i < history.medians.length; i++) {
            long back = hour - history.firstHour - i;
            float median = history.medians[i];
            if (back >= 1 && back <= BaselineHistory.HOURS && !Float.isNaN(median)) {
                int week = (int) ((back - 1) / SLOTS);
                values[week][Math.floorMod(hour - back, SLOTS)] = median;
                known[week]++;
            }
        }
        for (int week = 0; week < WEEKS; week++) {
            levels[week] = known[week] < LEAST_HOURS ? Double.NaN : 0;
        }
        for (int round = 0; round < ROUNDS; round++) {
            for (int slot = 0; slot < SLOTS; slot++) {
                seasons[slot] = Robust.median(scratch, ofSlot(slot));
            }
            for (int week = 0; week < WEEKS; week++) {
                if (!Double.isNaN(levels[week])) {
                    levels[week] = levelOf(week);
                }
            }
        }
        return Arrays.stream(levels)
                .filter(level -> !Double.isNaN(level))
                .findFirst()
                .orElse(Double.NaN);
    }

    /** The slot's values less their weeks' levels, into the scratch; how many. */
    private int ofSlot(int slot) {
        int count = 0;
        for (int week = 0; week < WEEKS; week++) {
            double value = values[week][slot] - levels[week];
            if (!Double.isNaN(value)) {
                scratch[count++] = value;
            }
        }
        return count;
    }

    private double levelOf(int week) {
        int count = 0;
        for (int slot = 0; slot < SLOTS; slot++) {
            double value = values[week][slot] - seasons[slot];
            if (!Double.isNaN(value)) {
                scratch[count++] = value;
            }
        }
        return Robust.median(scratch, count);
    }

    /** Of the hour asked for, above the level. */
    private double season() {
        int slot = Math.floorMod(hour, SLOTS);
        double variance = varianceBetweenWeeks();
        double[] ofDay = new double[DAY];
        int[] counts = new int[DAY];
        for (int of = 0; of < DAY; of++) {
            int count = 0;
            for (int each = of; each < SLOTS; each += DAY) {
                for (int week = 0; week < WEEKS; week++) {
                    double value = values[week][each] - levels[week];
                    if (!Double.isNaN(value)) {
                        scratch[count++] = value;
                    }
                }
            }
            ofDay[of] = count == 0 ? 0 : Robust.median(scratch, count);
            counts[of] = count;
        }
        double betweenSlots = 0;
        int slots = 0;
        double betweenHours = 0;
        for (int each = 0; each < SLOTS; each++) {
            int count = ofSlot(each);
            if (count > 0) {
                double differs = seasons[each] - ofDay[each % DAY];
                betweenSlots += differs * differs - varianceOfMedian(variance, count);
                slots++;
            }
        }
        for (int of = 0; of < DAY; of++) {
            betweenHours += ofDay[of] * ofDay[of] - varianceOfMedian(variance, counts[of]);
        }
        double known = share(betweenHours / DAY, varianceOfMedian(variance, counts[slot % DAY]));
        double shrunk = known * ofDay[slot % DAY];
        int count = ofSlot(slot);
        if (count == 0) {
            unseen = Math.sqrt(Math.max(0, betweenSlots / slots));
            return shrunk;
        }
        double own = share(betweenSlots / slots, varianceOfMedian(variance, count));
        return own * seasons[slot] + (1 - own) * shrunk;
    }

    /** How much a value of its own counts, by how values differ and how well it is known. */
    private static double share(double between, double own) {
        double differs = Math.max(0, between);
        return own == 0 ? 1 : differs / (differs + own);
    }

    private static double varianceOfMedian(double variance, int count) {
        return count == 0 ? 0 : Robust.OF_MEDIAN * variance / count;
    }

    /**
     * Of an hour of the week from one week to the next, by their differences, which no model is in
     * the way of; 0 while there are too few.
     */
    private double varianceBetweenWeeks() {
        int count = 0;
        for (int slot = 0; slot < SLOTS; slot++) {
            for (int week = 1; week < WEEKS; week++) {
                double change =
                        values[week][slot]
                                - levels[week]
                                - (values[week - 1][slot] - levels[week - 1]);
                if (!Double.isNaN(change)) {
                    scratch[count++] = Math.abs(change);
                }
            }
        }
        if (count < LEAST_HOURS) {
            return 0;
        }
        double deviation = Robust.OF_MAD * Robust.median(scratch, count);
        return deviation * deviation / 2;
    }

    /** What expectations missed by, as a standard deviation; NaN while there are too few. */
    private double missed() {
        int count = gather(history.errors, 1);
        if (count < LEAST_ERRORS) {
            return Double.NaN;
        }
        double all = Robust.median(scratch, count);
        int ofDay = gather(history.errors, DAY);
        double here = ofDay == 0 ? all : Robust.median(scratch, ofDay);
        double blended =
                Math.sqrt(
                        (ofDay * here * here + WEIGHT_OF_ALL * all * all)
                                / (ofDay + WEIGHT_OF_ALL));
        return Robust.OF_MAD * Math.max(blended, ofSlotOnly(history.errors));
    }

    /** How far windows are from the median of such an hour; 0 for unknown. */
    private double within() {
        int ofDay = gather(history.spreads, DAY);
        double here = ofDay == 0 ? 0 : Robust.median(scratch, ofDay);
        return Math.max(here, ofSlotOnly(history.spreads));
    }

    /** The median size at this hour of the week, 0 where it was there too seldom. */
    private double ofSlotOnly(float[] hours) {
        int count = gather(hours, SLOTS);
        return count < LEAST_WEEKS ? 0 : Robust.median(scratch, count);
    }

    /** Sizes at every so many hours before the one asked for, into the scratch; how many. */
    private int gather(float[] hours, int period) {
        int count = 0;
        for (int i = 0; i < hours.length; i++) {
            boolean like = Math.floorMod(hour - history.firstHour - i, period) == 0;
            if (like && !Float.isNaN(hours[i])) {
                scratch[count++] = Math.abs(hours[i]);
            }
        }
        return count;
    }

    private double typical() {
        int count = 0;
        for (float median : history.medians) {
            if (!Float.isNaN(median)) {
                scratch[count++] = median;
            }
        }
        return Robust.median(scratch, count);
    }
}
