package io.onevault.connectors.target;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.util.clock.RelativeClock;

/**
 * The watermark of one split's output: the newest server time seen, minus a bound.
 *
 * <p>An output that never sees a result is idle from the beginning, as most polls are, whose target
 * has one output for all. An output that falls silent, because its target hangs, becomes idle after
 * a while. A leap of the server's clock is followed only when it lasts: a watermark never goes
 * back, so one wrong date would make everything after it late.
 */
public final class ServerTimeWatermarks<T> implements WatermarkGenerator<T> {

    /** A server's clock that runs ahead of ours by more than this since the last result leaps. */
    private static final long LEAP_MILLIS = TimeUnit.MINUTES.toMillis(5);

    /** A clock that was set right stays where it is; one that erred once is not believed. */
    private static final int LEAPS_BELIEVED = 30;

    private final long boundMillis;
    private final long idleNanos;
    private final RelativeClock clock;
    private long newest = Long.MIN_VALUE;
    private long seenAt;
    private int leaps;

    public ServerTimeWatermarks(Duration bound, Duration idleAfter, RelativeClock clock) {
        this.boundMillis = bound.toMillis();
        this.idleNanos = idleAfter.toNanos();
        this.clock = clock;
    }

    @Override
    public void onEvent(T event, long timestamp, WatermarkOutput output) {
        long now = clock.relativeTimeNanos();
        if (newest == Long.MIN_VALUE || timestamp <= newest + plausibleMillis(now - seenAt)) {
            newest = Math.max(newest, timestamp);
            leaps = 0;
        } else if (++leaps >= LEAPS_BELIEVED) {
            newest = timestamp;
            leaps = 0;
        }
        seenAt = now;
    }

    private static long plausibleMillis(long elapsedNanos) {
        return TimeUnit.NANOSECONDS.toMillis(elapsedNanos) + LEAP_MILLIS;
    }

    @Override
    public void onPeriodicEmit(WatermarkOutput output) {
        if (newest == Long.MIN_VALUE || clock.relativeTimeNanos() - seenAt > idleNanos) {
            output.markIdle();
        } else {
            output.emitWatermark(new Watermark(newest - boundMillis - 1));
        }
    }
}
