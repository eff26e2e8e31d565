package io.onevault.jobs.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.capacity.attribution.Amount;
import io.onevault.jobs.capacity.attribution.TenantDelta;
import java.time.Duration;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class TenantSeriesFunctionTest {

    private static final long HOUR = 3_600_000L;

    @Test
    void lateChangeAfterARestoreIsCountedInTheNextPeriod() throws Exception {
        OperatorSubtaskState checkpoint;
        try (var harness = harness()) {
            harness.open();
            harness.processElement(delta(1), 1);
            harness.processWatermark(2 * HOUR - 1);
            assertThat(harness.extractOutputValues())
                    .hasSize(2)
                    .allSatisfy(u -> assertThat(u.periodEnd()).isEqualTo(HOUR));
            harness.processElement(delta(HOUR + 1), 1);
            harness.processWatermark(3 * HOUR - 1);
            checkpoint = harness.snapshot(1, 1);
        }
        try (var harness = harness()) {
            harness.initializeState(checkpoint);
            harness.open();
            harness.processElement(delta(2), 1);
            harness.processWatermark(4 * HOUR - 1);
            assertThat(harness.extractOutputValues())
                    .hasSize(2)
                    .allSatisfy(
                            u -> {
                                assertThat(u.periodEnd()).isEqualTo(4 * HOUR);
                                assertThat(u.rowCount()).isEqualTo(3);
                            });
        }
    }

    private static TenantDelta delta(long time) {
        return new TenantDelta("prod", "t1", "s.asset_h", new Amount(1, 10, 1), null, time);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, TenantDelta, ResourceUtilization>
            harness() throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(
                        new TenantSeriesFunction(new Periods(Duration.ofHours(1)))),
                TenantSeriesFunction::key,
                Types.STRING);
    }
}
