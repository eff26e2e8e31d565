package io.onevault.jobs.capacity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.onevault.connectors.model.SeriesId;
import io.onevault.connectors.polling.PollCatalogue;
import io.onevault.jobs.metrics.MetricWindow;
import java.time.Duration;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class ResourceSeriesFunctionTest {

    private static final long HOUR = 3_600_000L;
    private static final long T0 = 480_000 * HOUR;
    private static final double NONE = Double.NaN;

    @Test
    void everyMetricIsOneOfTheCatalogue() {
        assertThat(PollCatalogue.load().definitions().keySet())
                .contains(
                        "database_size_bytes",
                        "table_size_bytes",
                        "tenant_size_bytes",
                        "disk_used_bytes",
                        "disk_usage_pct",
                        "wal_size_bytes",
                        "slot_retained_wal_bytes",
                        "slot_wal_keep_used_pct",
                        "total_connections",
                        "connections_used_pct",
                        "xid_age",
                        "xid_used_pct",
                        "mxid_age",
                        "mxid_used_pct",
                        "cpu_usage_pct",
                        "memory_usage_pct",
                        "disk_busy_pct",
                        "sequence_used_pct")
                .allSatisfy(
                        metric -> {
                            String resource = ResourceMetrics.resourceMetric(metric);
                            if (!resource.isEmpty()) {
                                assertThat(ResourceMetrics.of(resource)).isNotNull();
                            }
                        });
    }

    @Test
    void amountAndShareMakeACapacityInWhateverOrderTheyCome() throws Exception {
        MetricWindow amount = window("total_connections", Map.of(), 0, 30, 45, 40);
        MetricWindow share = window("connections_used_pct", Map.of(), 0, 30, 45, 40);
        ResourceUtilization expected = null;
        for (boolean amountFirst : new boolean[] {true, false}) {
            try (var harness = harness()) {
                harness.open();
                harness.processWatermark(T0 + HOUR + 1);
                harness.processElement(amountFirst ? amount : share, 0);
                harness.processElement(amountFirst ? share : amount, 0);
                assertThat(harness.extractOutputValues()).isEmpty();
                harness.processWatermark(T0 + HOUR + 2);
                assertThat(harness.extractOutputValues()).hasSize(1);
                ResourceUtilization u = harness.extractOutputValues().get(0);
                assertThat(u.resourceType()).isEqualTo("CONNECTIONS");
                assertThat(u.resourceName()).isEqualTo("prod");
                assertThat(u.currentValue()).as("the highest").isEqualTo(45);
                assertThat(u.maxCapacity()).isCloseTo(100, within(1e-9));
                assertThat(expected == null || expected.equals(u)).isTrue();
                expected = u;
            }
        }
    }

    @Test
    void connectionsSayHowManyExecuted() throws Exception {
        try (var harness = harness()) {
            harness.open();
            harness.processElement(window("active_connections", Map.of(), 0, 2, 17, 3), 0);
            harness.processElement(window("total_connections", Map.of(), 0, 30, 45, 40), 0);
            harness.processElement(window("active_connections", Map.of(), 1, 2, 17, 3), 0);
            harness.processWatermark(T0 + 2 * HOUR);
            assertThat(harness.extractOutputValues())
                    .extracting(ResourceUtilization::currentValue, ResourceUtilization::executing)
                    .containsExactly(tuple(45.0, 17.0));
        }
    }

    @Test
    void shareThatStaysAwayLeavesTheCapacityAsItWas() throws Exception {
        try (var harness = harness()) {
            harness.open();
            harness.processElement(window("disk_used_bytes", Map.of(), 0, 1, 9, 5), 0);
            harness.processElement(window("disk_usage_pct", Map.of(), 0, 1, 90, 50), 0);
            harness.processWatermark(T0 + HOUR);
            harness.processElement(window("disk_used_bytes", Map.of(), 1, 1, 9, 6), 0);
            harness.processWatermark(T0 + 2 * HOUR);
            harness.processElement(window("disk_usage_pct", Map.of(), 2, 1, 90, 60), 0);
            harness.processWatermark(T0 + 3 * HOUR);
            assertThat(harness.extractOutputValues())
                    .extracting(ResourceUtilization::currentValue, ResourceUtilization::maxCapacity)
                    .containsExactly(tuple(5.0, 10.0), tuple(6.0, 10.0));
        }
    }

    @Test
    void changesAreSinceADayAWeekAndAMonth() throws Exception {
        try (var harness = harness()) {
            harness.open();
            Map<String, String> table = Map.of("database", "app", "schema", "s", "table", "t");
            for (int hour = 0; hour <= 31 * 24; hour++) {
                harness.processElement(
                        window("table_size_bytes", table, hour, 0, hour, 10 * hour), 0);
                harness.processWatermark(T0 + (hour + 1) * HOUR);
            }
            ResourceUtilization first = harness.extractOutputValues().get(0);
            assertThat(first.change1d()).isNaN();
            ResourceUtilization last =
                    harness.extractOutputValues().get(harness.extractOutputValues().size() - 1);
            assertThat(last.change1d()).isEqualTo(240);
            assertThat(last.change7d()).isBetween(1_680.0, 1_740.0);
            assertThat(last.change30d()).isBetween(7_200.0, 7_260.0);
            assertThat(last.resourceName()).isEqualTo("app.s.t");
            assertThat(last.schemaName()).isEqualTo("s");
            assertThat(last.objectName()).isEqualTo("t");
            assertThat(last.maxCapacity()).isNaN();
        }
    }

    @Test
    void silentResourceLeavesNothing() throws Exception {
        try (var harness = harness()) {
            harness.open();
            harness.processElement(window("disk_used_bytes", Map.of(), 0, 1, 9, 5), 0);
            harness.processElement(window("disk_usage_pct", Map.of(), 0, 1, 90, 50), 0);
            harness.processWatermark(T0 + HOUR);
            assertThat(harness.numKeyedStateEntries()).isPositive();
            harness.processWatermark(T0 + 61 * 24 * HOUR);
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numEventTimeTimers()).isZero();
        }
    }

    private static MetricWindow window(
            String metric,
            Map<String, String> labels,
            int hour,
            double min,
            double max,
            double last) {
        return new MetricWindow(
                new SeriesId("prod", "", metric, labels).text(),
                "prod",
                "",
                metric,
                labels,
                "CAPACITY",
                "bytes",
                T0 + hour * HOUR,
                3_600,
                60,
                0,
                min,
                max,
                (min + max) / 2,
                last,
                (min + max) / 2,
                max,
                max,
                "NORMAL",
                NONE,
                NONE,
                T0 + (hour + 1) * HOUR - 1,
                "",
                0);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, MetricWindow, ResourceUtilization>
            harness() throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new ResourceSeriesFunction(Duration.ofDays(60))),
                ResourceSeriesFunction::key,
                Types.STRING);
    }
}
