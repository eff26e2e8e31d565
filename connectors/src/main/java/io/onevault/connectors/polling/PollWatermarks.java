package io.onevault.connectors.polling;

import io.onevault.connectors.model.PollResult;
import java.time.Duration;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.util.clock.RelativeClock;

/**
 * The watermark of one split's output: the newest server time seen, minus a bound.
 *
 * <p>Most outputs never see a result, because those of a target leave through one of them; such an
 * output is idle from the beginning. An output that falls silent, because its polls hang, becomes
 * idle after a while.
 */
final class PollWatermarks implements WatermarkGenerator<PollResult> {

    private final long boundMillis;
    private final long idleNanos;
    private final RelativeClock clock;
    private long newest = Long.MIN_VALUE;
    private long seenAt;

    PollWatermarks(Duration bound, Duration idleAfter, RelativeClock clock) {
        this.boundMillis = bound.toMillis();
        this.idleNanos = idleAfter.toNanos();
        this.clock = clock;
    }

    @Override
    public void onEvent(PollResult event, long timestamp, WatermarkOutput output) {
        newest = Math.max(newest, timestamp);
        seenAt = clock.relativeTimeNanos();
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
