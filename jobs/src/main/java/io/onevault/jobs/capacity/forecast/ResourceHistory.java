package io.onevault.jobs.capacity.forecast;

/**
 * What is remembered of a resource to forecast it: its days, and the hours of the last two weeks
 * for as long as days are few. A mutable Flink POJO; at most 18 kB with two years of days.
 *
 * <p>Points come in any order and any number of times; the same points give the same history. A day
 * has its last value, or its highest where that is what runs out, see {@link Resource#peaks}.
 */
public final class ResourceHistory {

    static final long HOUR = 3_600_000L;
    static final long DAY = 24 * HOUR;
    static final int HOURS_KEPT = 14 * 24;

    public Points hours = new Points();
    public Points days = new Points();

    /** The newest value and when it was taken. */
    public double current = Double.NaN;

    public long currentEnd = Long.MIN_VALUE;

    /** The newest capacity that was told, NaN when none is known. */
    public double capacity = Double.NaN;

    /**
     * Takes over a state of the resource.
     *
     * @param end of the period it is of, milliseconds since the epoch
     * @param periodMillis more than an hour for a whole day's value
     * @param capacityThen NaN when none is known
     * @param peaks whether a day's value is its highest
     * @param live false for what the vault remembers, which never amends what was just measured
     * @return whether the history is another now
     */
    boolean add(
            long end,
            long periodMillis,
            double value,
            double capacityThen,
            boolean peaks,
            boolean live,
            int daysKept) {
        if (!Double.isFinite(value)) {
            return false;
        }
        boolean changed;
        if (periodMillis > HOUR) {
            changed = peaks ? days.putPeak(end, value, DAY) : days.put(end, value, DAY, live);
        } else {
            changed = addHour(end, value, peaks, live);
        }
        if (end > currentEnd || end == currentEnd && live) {
            current = value;
            currentEnd = end;
            if (!Double.isNaN(capacityThen)) {
                capacity = capacityThen;
            }
        }
        hours.keep(HOURS_KEPT, HOUR);
        days.keep(daysKept, DAY);
        return changed;
    }

    private boolean addHour(long end, double value, boolean peaks, boolean live) {
        boolean withinReach =
                hours.size() == 0
                        || Points.step(end, HOUR) > Points.step(hours.lastEnd(), HOUR) - HOURS_KEPT;
        double before = withinReach ? hours.of(Points.step(end, HOUR), HOUR) : Double.NaN;
        boolean changed = withinReach && hours.put(end, value, HOUR, live);
        if (!peaks) {
            return days.put(end, value, DAY, live) || changed;
        }
        if (changed && value < before) {
            // The hour was amended downwards: what it said before counts no longer.
            days.set(end, highest(Points.step(end, DAY)), DAY);
            return true;
        }
        return days.putPeak(end, value, DAY) || changed;
    }

    private double highest(long day) {
        double highest = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < hours.size(); i++) {
            if (Points.step(hours.ends[i], DAY) == day) {
                highest = Math.max(highest, hours.values[i]);
            }
        }
        return highest;
    }
}
