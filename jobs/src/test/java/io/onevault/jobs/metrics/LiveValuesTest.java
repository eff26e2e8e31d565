package io.onevault.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.groups.Tuple.tuple;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.MetricKind;
import io.onevault.connectors.model.Sample;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class LiveValuesTest {

    private static final long DAY = 86_400_000L;

    private KeyedOneInputStreamOperatorTestHarness<String, Sample, LiveValue> harness;

    @BeforeEach
    void open() throws Exception {
        double none = Double.NaN;
        MetricDefinition counter =
                new MetricDefinition(
                        "calls",
                        MetricKind.COUNTER,
                        "per_second",
                        "PERFORMANCE",
                        none,
                        none,
                        Direction.ABOVE,
                        "Calls");
        harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(
                                new LiveValues(
                                        WindowSettings.DEFAULT,
                                        Map.of("calls", counter),
                                        Map.of("calls", Duration.ofSeconds(10)))),
                        Sample::series,
                        Types.STRING);
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void gaugeIsItsValueAndLeavesNoState() throws Exception {
        sample("t||size", 1_000, 42);
        assertThat(harness.extractOutputValues())
                .containsExactly(new LiveValue("t||size", 1_000, 42));
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    @Test
    void counterIsItsRateSinceTheLookBefore() throws Exception {
        sample("t||calls", 10_000, 100);
        sample("t||calls", 20_000, 150);
        sample("t||calls", 20_000, 400);
        sample("t||calls", 15_000, 400);
        sample("t||calls", 30_000, 20);
        sample("t||calls", 40_000, 40);
        assertThat(harness.extractOutputValues())
                .extracting(LiveValue::timestamp, LiveValue::value)
                .containsExactly(
                        tuple(10_000L, Double.NaN),
                        tuple(20_000L, 5.0),
                        tuple(30_000L, Double.NaN),
                        tuple(40_000L, 2.0));
    }

    @Test
    void stateOfASilentCounterIsCleared() throws Exception {
        sample("t||calls", 0, 100);
        sample("t||calls", DAY / 2, 150);
        harness.processWatermark(new Watermark(DAY));
        assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
        assertThat(harness.numEventTimeTimers()).isEqualTo(1);
        harness.processWatermark(new Watermark(DAY + DAY / 2));
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    private void sample(String series, long time, double value) throws Exception {
        harness.processElement(new Sample(series, time, value, 1, 0), time);
    }
}
