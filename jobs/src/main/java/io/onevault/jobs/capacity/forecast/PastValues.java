package io.onevault.jobs.capacity.forecast;

import static io.onevault.jobs.capacity.forecast.ResourceHistory.HOUR;

/**
 * What a resource was at the end of each hour of the last day and of each six hours of the last
 * month: 150 points, 2.4 kB. A mutable Flink POJO.
 */
public final class PastValues {

    private static final long QUARTER = 6 * HOUR;
    private static final int HOURS_KEPT = 26;
    private static final int QUARTERS_KEPT = 4 * 31;

    public Points hours = new Points();
    public Points quarters = new Points();

    /** Takes over a value; of equally late ones the last that came. */
    public void put(long end, double value) {
        hours.put(end, value, HOUR, true);
        hours.keep(HOURS_KEPT, HOUR);
        quarters.put(end, value, QUARTER, true);
        quarters.keep(QUARTERS_KEPT, QUARTER);
    }

    /** When the newest value was taken. */
    public long latest() {
        return hours.lastEnd();
    }

    /** The value at {@code time} or up to six hours before; NaN when it is not known. */
    public double before(long time) {
        double fine = hours.before(time);
        return Double.isNaN(fine) ? quarters.before(time) : fine;
    }
}
