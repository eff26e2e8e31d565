package io.onevault.jobs.metrics;

import java.io.Serializable;
import java.time.Duration;

/**
 * How samples are cut into windows. All times are event time.
 *
 * @param size length of a window, whole seconds that divide an hour; default one minute
 * @param lateness how long after its end a window is still amended; later samples are counted and
 *     put aside; default five minutes
 * @param absentAfter how long after a window without successor a series is UNKNOWN, unless its poll
 *     is rarer; default three minutes
 * @param expiry how long a silent series is remembered; default one day
 */
public record WindowSettings(
        Duration size, Duration lateness, Duration absentAfter, Duration expiry)
        implements Serializable {

    public static final WindowSettings DEFAULT =
            new WindowSettings(
                    Duration.ofMinutes(1),
                    Duration.ofMinutes(5),
                    Duration.ofMinutes(3),
                    Duration.ofDays(1));

    public WindowSettings {
        if (size.toSeconds() < 1 || !size.equals(Duration.ofSeconds(size.toSeconds()))) {
            throw new IllegalArgumentException("a window lasts whole seconds, at least one");
        }
        if (Duration.ofHours(1).toSeconds() % size.toSeconds() != 0 || size.toHours() > 0) {
            throw new IllegalArgumentException("a window is shorter than an hour and divides it");
        }
        if (expiry.compareTo(lateness.plus(absentAfter)) <= 0) {
            throw new IllegalArgumentException("a series must outlive its lateness and absence");
        }
    }

    long sizeMillis() {
        return size.toMillis();
    }

    /** Start of the window that {@code timestamp} falls into. */
    long windowStart(long timestamp) {
        return Math.floorDiv(timestamp, sizeMillis()) * sizeMillis();
    }
}
