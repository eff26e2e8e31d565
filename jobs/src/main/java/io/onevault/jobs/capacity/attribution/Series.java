package io.onevault.jobs.capacity.attribution;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Rows and bytes of one resource, now and at the end of each hour of the last thirty days in which
 * they changed: at most 722 points, 21 kB.
 *
 * @param rows now
 * @param bytes now
 * @param points the past, oldest first; the first also stands for the time before it, once the
 *     series is older than thirty days
 * @param emitted end of the period that was reported last, milliseconds since the epoch; {@link
 *     #NEVER} for none
 */
public record Series(long rows, long bytes, List<Point> points, long emitted) {

    public static final long NEVER = Long.MIN_VALUE;

    public static final Series NEW = new Series(0, 0, List.of(), NEVER);

    private static final long HOUR = 3_600_000L;
    private static final long DAY = 24 * HOUR;
    private static final long MONTH = 30 * DAY;

    /**
     * What there was from a time on.
     *
     * @param time milliseconds since the epoch
     */
    public record Point(long time, long rows, long bytes) {}

    public boolean isEmpty() {
        return rows == 0 && bytes == 0;
    }

    /** The series after a change in the period that ends at {@code end}. */
    public Series changed(Amount change, long end) {
        long newRows = rows + change.rows();
        long newBytes = bytes + change.bytes();
        List<Point> kept = new ArrayList<>(points);
        // Of an hour's points the last stands; of those out of reach, too.
        while (!kept.isEmpty() && hour(kept.get(kept.size() - 1).time()) == hour(end)) {
            kept.remove(kept.size() - 1);
        }
        while (kept.size() > 1 && kept.get(1).time() <= end - MONTH) {
            kept.remove(0);
        }
        kept.add(new Point(end, newRows, newBytes));
        return new Series(newRows, newBytes, kept, emitted);
    }

    /** The series once reported. */
    public Series emitted(long end) {
        return new Series(rows, bytes, points, end);
    }

    /** What there was {@code days} before {@code end}; null when that is not known. */
    public @Nullable Point daysBefore(long end, int days) {
        Point found = null;
        for (Point point : points) {
            if (point.time() <= end - days * DAY) {
                found = point;
            }
        }
        return found;
    }

    /** The hour that ends with or after {@code end}. */
    private static long hour(long end) {
        return Math.floorDiv(end - 1, HOUR);
    }
}
