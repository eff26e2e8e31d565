package io.onevault.jobs.locks.impact;

import java.io.Serializable;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;

/**
 * Hours of the day, the last one included: 8 to 18 ends at 18:59:59. A range whose end is before
 * its start goes over midnight.
 *
 * @param from first hour, 0 to 23
 * @param until last hour, 0 to 23
 * @param zone name of the time zone
 */
public record HourRange(int from, int until, String zone) implements Serializable {

    private static final long MICROS = 1_000_000;
    private static final int LONGEST_DAY_HOURS = 49;

    /** Whether the moment, in microseconds since the epoch, lies within. */
    public boolean contains(long micros) {
        return contains(at(micros).getHour());
    }

    private boolean contains(int hour) {
        return from <= until ? hour >= from && hour <= until : hour >= from || hour <= until;
    }

    /**
     * When the range begins next after the moment, in microseconds since the epoch; the moment
     * itself when it lies within.
     */
    public long nextStart(long micros) {
        if (contains(micros)) {
            return micros;
        }
        ZonedDateTime hour = at(micros).truncatedTo(ChronoUnit.HOURS);
        // Hour by hour, for some hours of some days do not exist.
        for (int i = 0; i < LONGEST_DAY_HOURS && !contains(hour.getHour()); i++) {
            hour = hour.plus(Duration.ofHours(1));
        }
        return hour.toEpochSecond() * MICROS;
    }

    private ZonedDateTime at(long micros) {
        return Instant.ofEpochSecond(Math.floorDiv(micros, MICROS)).atZone(ZoneId.of(zone));
    }

    @Override
    public String toString() {
        return "%02d:00-%02d:59 %s".formatted(from, until, zone);
    }
}
