package io.onevault.jobs.alerts.findings;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.metrics.Outlook;
import java.time.Duration;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class RepeatedForecastsTest {

    private static final long MINUTE = 60_000;
    private static final long DAY = 24 * 60 * MINUTE;
    private static final LiveValue FIRST =
            new LiveValue(
                    "prod||disk",
                    5,
                    1,
                    "full in 3 days",
                    new Outlook(List.of(0.0, 7.0), List.of(1.0, 9.0)));

    @Test
    void isSaidAgainAsItWasUntilTheNextOneComes() throws Exception {
        try (var harness = harness()) {
            harness.open();
            harness.setProcessingTime(0);
            harness.processElement(new StreamRecord<>(FIRST));
            harness.setProcessingTime(MINUTE);
            harness.setProcessingTime(2 * MINUTE);
            assertThat(harness.extractOutputValues()).containsExactly(FIRST, FIRST, FIRST);
            LiveValue next = new LiveValue("prod||disk", 6, 2);
            harness.processElement(new StreamRecord<>(next));
            harness.setProcessingTime(3 * MINUTE);
            assertThat(harness.extractOutputValues()).endsWith(next, next);
        }
    }

    @Test
    void aRestartGoesOnAndNothingIsLeftOfWhatIsForecastNoMore() throws Exception {
        OperatorSubtaskState state;
        try (var harness = harness()) {
            harness.open();
            harness.setProcessingTime(0);
            harness.processElement(new StreamRecord<>(FIRST));
            state = harness.snapshot(1, 1);
        }
        try (var harness = harness()) {
            harness.initializeState(state);
            harness.open();
            harness.setProcessingTime(DAY);
            assertThat(harness.extractOutputValues()).contains(FIRST);
            harness.setProcessingTime(2 * DAY);
            harness.setProcessingTime(3 * DAY);
            harness.setProcessingTime(3 * DAY + MINUTE);
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, LiveValue, LiveValue> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new RepeatedForecasts(Duration.ofDays(1))),
                LiveValue::series,
                Types.STRING);
    }
}
