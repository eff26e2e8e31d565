package io.onevault.jobs.locks.incident;

import java.io.Serializable;
import java.time.Duration;

/**
 * How long is waited for what tells how an episode ended. Openings wait for nothing.
 *
 * @param logDelay how long after its time a line may appear in the server's log
 * @param settle longest wait for the log to be read that far, also when it is behind after a
 *     restart; then the sessions decide
 * @param counterGrace how long the server's counter may be ahead of samples and log
 * @param counterHold how long after the end of a cycle the counter decides what it was, when the
 *     log cannot be read; the server counts up to 10 s later
 * @param logSilence the log counts as readable only for so long after it was last read
 * @param expiry after so long without a look everything is closed and forgotten
 */
public record EpisodeSettings(
        Duration logDelay,
        Duration settle,
        Duration counterGrace,
        Duration counterHold,
        Duration logSilence,
        Duration expiry)
        implements Serializable {

    /** Suits a log that is read each second, and counters that are read each ten. */
    public static final EpisodeSettings DEFAULT =
            new EpisodeSettings(
                    Duration.ofMillis(500),
                    Duration.ofMillis(2500),
                    Duration.ofSeconds(5),
                    Duration.ofSeconds(30),
                    Duration.ofSeconds(10),
                    Duration.ofHours(1));

    /** Of these lengths, in the order of the parameters. */
    public EpisodeSettings {
        requirePositive("log delay", logDelay);
        requirePositive("settling time", settle);
        requirePositive("grace of counters", counterGrace);
        requirePositive("hold for counters", counterHold);
        requirePositive("silence of the log", logSilence);
        requirePositive("expiry", expiry);
    }

    private static void requirePositive(String what, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(
                    "%s of lock episodes: must be positive".formatted(what));
        }
    }

    static long micros(Duration duration) {
        return duration.toNanos() / 1000;
    }
}
