package io.onevault.connectors.cdc.reader;

import java.time.Clock;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;

/**
 * The watermark of a change stream: the newest server time seen, minus a bound; it never goes back.
 *
 * <p>A server's clock that runs ahead is followed up to some minutes before the collector's: one
 * wrong date must not make everything after it late.
 */
final class CdcWatermarks {

    private static final long AHEAD_MILLIS = Duration.ofMinutes(5).toMillis();

    private final long boundMillis;
    private final Clock clock;
    private long emitted = Long.MIN_VALUE;
    private boolean idle;

    CdcWatermarks(Duration bound, Clock clock) {
        this.boundMillis = bound.toMillis();
        this.clock = clock;
    }

    /** To be called before a record is emitted: whoever counted this stream as idle waits again. */
    void before(boolean record, long serverTime, WatermarkOutput output) {
        if (idle && (record || isTime(serverTime)) && serverTime != Handed.SILENT) {
            idle = false;
            output.markActive();
        }
    }

    /** To be called after a record was emitted, or in its place. */
    void after(long serverTime, WatermarkOutput output) {
        if (serverTime == Handed.SILENT && !idle) {
            idle = true;
            output.markIdle();
        }
        if (!isTime(serverTime)) {
            return;
        }
        long next = Math.min(serverTime, clock.millis() + AHEAD_MILLIS) - boundMillis - 1;
        if (next > emitted) {
            emitted = next;
            output.emitWatermark(new Watermark(next));
        }
    }

    private static boolean isTime(long serverTime) {
        return serverTime != Handed.NO_TIME && serverTime != Handed.SILENT;
    }
}
