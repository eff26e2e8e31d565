package io.onevault.jobs.alerts.lifecycle;

import java.io.Serializable;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Hours of the day on days of the week, by the clock on the wall of {@code zone}: they do not move
 * when that clock is put forward or back.
 *
 * @param from first hour, 0 to 23
 * @param until last hour, 0 to 23, included: 8 to 18 ends at 18:59:59. Before {@code from} it goes
 *     over midnight, each hour belonging to its own day
 * @param days on which they count; at least one
 * @param zone name of the time zone
 */
public record BusinessHours(int from, int until, List<DayOfWeek> days, String zone)
        implements Serializable {

    /** Monday to Friday, 8:00 to 18:59 UTC. */
    public static final BusinessHours DEFAULT =
            new BusinessHours(
                    8,
                    18,
                    List.of(
                            DayOfWeek.MONDAY,
                            DayOfWeek.TUESDAY,
                            DayOfWeek.WEDNESDAY,
                            DayOfWeek.THURSDAY,
                            DayOfWeek.FRIDAY),
                    "UTC");

    /** What alerts are suppressed by that wait for them. */
    public static final String OUTSIDE = "outside business hours";

    /** More than a week, for hours that a change of the clock leaves out. */
    private static final int MOST_HOURS = 9 * 24;

    public BusinessHours {
        days = List.copyOf(days);
        if (days.isEmpty()) {
            throw new IllegalArgumentException("business hours need a day");
        }
    }

    /** Whether the moment, in milliseconds since the epoch, lies within. */
    public boolean contains(long millis) {
        return contains(at(millis));
    }

    /**
     * When they begin next after the moment; the moment itself when it lies within. Where the clock
     * skips the first hour they begin with the next.
     */
    public long nextStart(long millis) {
        ZonedDateTime at = at(millis);
        if (contains(at)) {
            return millis;
        }
        ZonedDateTime hour = at.truncatedTo(ChronoUnit.HOURS);
        for (int i = 0; i < MOST_HOURS && !contains(hour); i++) {
            ZonedDateTime later = hour.plus(Duration.ofHours(1));
            ZonedDateTime next = later.truncatedTo(ChronoUnit.HOURS);
            // A clock that is put back by half an hour has the same hour again.
            hour = next.isAfter(hour) ? next : later;
        }
        return hour.toInstant().toEpochMilli();
    }

    private boolean contains(ZonedDateTime at) {
        int hour = at.getHour();
        boolean within =
                from <= until ? hour >= from && hour <= until : hour >= from || hour <= until;
        return within && days.contains(at.getDayOfWeek());
    }

    private ZonedDateTime at(long millis) {
        return Instant.ofEpochMilli(millis).atZone(ZoneId.of(zone));
    }
}
