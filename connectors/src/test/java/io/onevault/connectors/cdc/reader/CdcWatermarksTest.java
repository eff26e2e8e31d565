package io.onevault.connectors.cdc.reader;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.eventtime.Watermark;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.junit.jupiter.api.Test;

class CdcWatermarksTest {

    private static final long NOW = 1_700_000_000_000L;

    private final List<String> told = new ArrayList<>();
    private final CdcWatermarks watermarks =
            new CdcWatermarks(
                    Duration.ofSeconds(1), Clock.fixed(Instant.ofEpochMilli(NOW), ZoneOffset.UTC));
    private final WatermarkOutput output =
            new WatermarkOutput() {
                @Override
                public void emitWatermark(Watermark watermark) {
                    told.add(Long.toString(watermark.getTimestamp() - NOW));
                }

                @Override
                public void markIdle() {
                    told.add("idle");
                }

                @Override
                public void markActive() {
                    told.add("active");
                }
            };

    @Test
    void staysBehindTheNewestTimeAndNeverGoesBack() {
        hand(true, NOW);
        hand(true, NOW - 500);
        hand(false, Handed.NO_TIME);
        hand(false, NOW + 10);
        assertThat(told).containsExactly("-1001", "-991");
    }

    @Test
    void followsAClockThatRunsAheadSomeMinutesOnly() {
        hand(true, NOW + Duration.ofDays(400).toMillis());
        hand(true, NOW);
        assertThat(told).containsExactly(Long.toString(Duration.ofMinutes(5).toMillis() - 1001));
    }

    @Test
    void isIdleFromSilenceToTheNextRecordOrHeartbeat() {
        hand(false, Handed.SILENT);
        hand(false, Handed.SILENT);
        hand(false, Handed.NO_TIME);
        hand(false, NOW);
        hand(false, Handed.SILENT);
        hand(true, Handed.NO_TIME);
        assertThat(told).containsExactly("idle", "active", "-1001", "idle", "active");
    }

    private void hand(boolean record, long serverTime) {
        watermarks.before(record, serverTime, output);
        watermarks.after(serverTime, output);
    }
}
