package io.onevault.jobs.locks.incident;

import java.util.concurrent.TimeUnit;

/**
 * Bounds how many victims the rows of a target's incidents list in a second, for many roots may
 * share their victims. Rows that have to be written are, and others then wait until these have been
 * made up for. Times are the server's clock in microseconds since the epoch.
 */
final class VictimPace {

    private static final int PER_SECOND = 2_000;
    private static final long SECOND = TimeUnit.SECONDS.toMicros(1);

    private long atMicros;
    private long listed;

    /** Says what time it is; one that was set back makes up for nothing. */
    void at(long micros) {
        long passed = Math.min(Math.max(0, micros - atMicros), TimeUnit.HOURS.toMicros(1));
        listed = Math.max(0, listed - passed * PER_SECOND / SECOND);
        atMicros = micros;
    }

    /** Whether a row that can wait may list so many. */
    boolean allows(int victims) {
        return listed + victims <= PER_SECOND;
    }

    /** Takes account of a row that lists so many. */
    void took(int victims) {
        listed += victims;
    }
}
