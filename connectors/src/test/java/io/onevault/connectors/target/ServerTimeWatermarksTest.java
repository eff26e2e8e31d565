package io.onevault.connectors.target;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.util.clock.RelativeClock;
import org.junit.jupiter.api.Test;

class ServerTimeWatermarksTest {

    private final AtomicLong nanos = new AtomicLong(1);
    private final List<String> said = new ArrayList<>();
    private final ServerTimeWatermarks<String> watermarks =
            new ServerTimeWatermarks<>(
                    Duration.ofSeconds(2), Duration.ofSeconds(60), new TestClock());
    private final WatermarkOutput output = new Recorder();

    @Test
    void anOutputThatNeverSawAResultHoldsNothingBack() {
        watermarks.onPeriodicEmit(output);
        assertThat(said).containsExactly("idle");
    }

    @Test
    void followsTheNewestServerTimeMinusTheBound() {
        see(10_000);
        see(9_000);
        watermarks.onPeriodicEmit(output);
        assertThat(said).containsExactly("7999");
    }

    @Test
    void becomesIdleAfterSilenceAndActiveWithTheNextResult() {
        see(10_000);
        nanos.addAndGet(Duration.ofSeconds(61).toNanos());
        watermarks.onPeriodicEmit(output);
        see(80_000);
        watermarks.onPeriodicEmit(output);
        assertThat(said).containsExactly("idle", "77999");
    }

    @Test
    void oneWrongDateDoesNotMakeWhatFollowsLate() {
        see(10_000);
        see(10_000 + Duration.ofDays(30).toMillis());
        see(11_000);
        watermarks.onPeriodicEmit(output);
        assertThat(said).containsExactly("8999");
    }

    @Test
    void followsAClockThatLeapsAheadAndStaysThere() {
        long ahead = Duration.ofDays(1).toMillis();
        see(10_000);
        for (int i = 0; i < 40; i++) {
            nanos.addAndGet(Duration.ofSeconds(1).toNanos());
            see(ahead + i * 1_000L);
        }
        watermarks.onPeriodicEmit(output);
        assertThat(said).containsExactly("" + (ahead + 39_000 - 2_001));
    }

    private void see(long timestamp) {
        watermarks.onEvent("result", timestamp, output);
    }

    private final class TestClock implements RelativeClock {
        @Override
        public long relativeTimeMillis() {
            return nanos.get() / 1_000_000;
        }

        @Override
        public long relativeTimeNanos() {
            return nanos.get();
        }
    }

    private final class Recorder implements WatermarkOutput {
        @Override
        public void emitWatermark(Watermark watermark) {
            said.add("" + watermark.getTimestamp());
        }

        @Override
        public void markIdle() {
            said.add("idle");
        }

        @Override
        public void markActive() {
            said.add("active");
        }
    }
}
