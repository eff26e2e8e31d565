package io.onevault.jobs.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.capacity.forecast.States;
import java.util.List;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.TwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class PastFirstTest {

    @Test
    void endOfThePastIsNotTheEndOfTimeEvenWhileThePresentIsIdle() throws Exception {
        try (var harness = new TwoInputStreamOperatorTestHarness<>(new PastFirst())) {
            harness.open();
            harness.processWatermark2(new Watermark(5));
            harness.processWatermarkStatus2(WatermarkStatus.IDLE);
            harness.processElement1(States.ofDay("disk", "STORAGE", 0, 1, 2), 0);
            assertThat(harness.extractOutputValues()).hasSize(1);
            assertThat(harness.getOutput()).as("time stands still").hasSize(1);
            harness.processWatermark1(new Watermark(Long.MAX_VALUE));
            harness.processWatermarkStatus2(WatermarkStatus.ACTIVE);
            harness.processWatermark2(new Watermark(6));
            assertThat(List.copyOf(harness.getOutput()).subList(1, 5))
                    .isEqualTo(
                            List.of(
                                    new Watermark(5),
                                    WatermarkStatus.IDLE,
                                    WatermarkStatus.ACTIVE,
                                    new Watermark(6)));
        }
    }
}
