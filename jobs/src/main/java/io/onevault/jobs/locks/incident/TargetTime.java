package io.onevault.jobs.locks.incident;

import java.util.concurrent.TimeUnit;

/**
 * How far a target's streams have been heard. Times are the server's clock, in microseconds since
 * the epoch, 0 before the first.
 *
 * @param lookMicros the last look at the lock table
 * @param lockMicros the last sign of the sampler, gaps included, or the time that passed without
 * @param heardMicros the last look or line
 * @param logMicros until when the log was read
 * @param logClosed whether the log cannot be read now
 * @param logLostMicros until when lines of the log were lost
 * @param blind whether nobody looked since {@code lookMicros}
 * @param timerMillis when the expiry is next looked at, 0 for never
 */
public record TargetTime(
        long lookMicros,
        long lockMicros,
        long heardMicros,
        long logMicros,
        boolean logClosed,
        long logLostMicros,
        boolean blind,
        long timerMillis) {

    /** Before anything was heard. */
    public static final TargetTime NEVER = new TargetTime(0, 0, 0, 0, false, 0, false, 0);

    /**
     * A line this much older than what was read before was written after the clock was set back.
     */
    private static final long LOG_STEP = TimeUnit.MINUTES.toMicros(1);

    /** The newest time heard. */
    public long newestMicros() {
        return Math.max(lockMicros, logMicros);
    }

    /**
     * From when on silence counts, in milliseconds: since the last look, or the last line of a log
     * that nobody looks beside.
     */
    public long heardMillis() {
        return (lookMicros == 0 ? heardMicros : lookMicros) / 1000;
    }

    TargetTime looked(long at) {
        return new TargetTime(
                Math.max(lookMicros, at),
                Math.max(lockMicros, at),
                Math.max(heardMicros, at),
                logMicros,
                logClosed,
                logLostMicros,
                false,
                timerMillis);
    }

    TargetTime blind(long at) {
        return new TargetTime(
                lookMicros,
                Math.max(lockMicros, at),
                heardMicros,
                logMicros,
                logClosed,
                logLostMicros,
                true,
                timerMillis);
    }

    /** As if nothing had been looked at, for the clock shows an earlier time now. */
    TargetTime setBack(long to) {
        return new TargetTime(
                0,
                0,
                0,
                Math.min(logMicros, to),
                logClosed,
                Math.min(logLostMicros, to),
                true,
                timerMillis);
    }

    /** Whether a time is one that the clock showed before it was set back. */
    boolean isAhead(long micros) {
        return micros > newestMicros() + LOG_STEP;
    }

    TargetTime logRead(long until, boolean closed) {
        return new TargetTime(
                lookMicros,
                lockMicros,
                Math.max(heardMicros, until),
                closed || until >= logMicros - LOG_STEP ? Math.max(logMicros, until) : until,
                closed,
                logLostMicros,
                blind,
                timerMillis);
    }

    /** Lines up to a time were lost, so that silence until then says nothing. */
    TargetTime logLost(long until) {
        return new TargetTime(
                lookMicros,
                lockMicros,
                heardMicros,
                logMicros,
                logClosed,
                Math.max(logLostMicros, until),
                blind,
                timerMillis);
    }

    TargetTime passed(long at) {
        return new TargetTime(
                lookMicros,
                Math.max(lockMicros, at),
                heardMicros,
                logMicros,
                logClosed,
                logLostMicros,
                blind,
                timerMillis);
    }

    /** With the time of the next timer. */
    public TargetTime timer(long millis) {
        return new TargetTime(
                lookMicros,
                lockMicros,
                heardMicros,
                logMicros,
                logClosed,
                logLostMicros,
                blind,
                millis);
    }
}
