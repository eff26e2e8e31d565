package io.onevault.jobs.alerts.findings;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.locks.incident.Blocker;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.Victim;
import io.onevault.jobs.metrics.LiveValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockingFindingsTest {

    private static final long T0 = 1_800_000_000_000L;
    private static final long SECOND = 1_000_000L;

    private KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LiveValue> harness;
    private int heard;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, BlockingIncident, LiveValue>
            harness() throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new BlockingFindings()),
                BlockingIncident::target,
                Types.STRING);
    }

    @ParameterizedTest
    @ValueSource(classes = {OpenBlocking.class, BlockingSeries.class, LiveValue.class})
    void travelsAndIsKeptWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @Test
    void incidentIsAValueFromItsFirstRowToItsLast() throws Exception {
        row("a", "checkout", 2, 0, 0.5, false);
        assertThat(heard("blocking_seconds")).containsExactly("checkout 0.5 @0.500");
        row("a", "checkout", 3, 0, 2, false);
        assertThat(heard("blocked_sessions")).containsExactly("checkout 3.0 @2.000");
        LiveValue last = harness.extractOutputValues().get(heard - 3);
        assertThat(last.about())
                .isEqualTo(
                        "pid 7 (checkout, idle in transaction) blocks 3 sessions on public.orders,"
                                + " the longest for 2.0 s. end it");
        row("a", "checkout", 0, 0, 5, true);
        assertThat(heard("blocking_seconds")).containsExactly("checkout 0.0 @5.000");
        assertThat(harness.extractOutputValues().get(heard - 1).about())
                .isEqualTo("pid 7 (checkout) let go after 4.0 s, 3 sessions had waited for it");
    }

    @Test
    void waitGrowsBetweenRowsAsFarAsItsEndWouldHaveBeenTold() throws Exception {
        row("a", "checkout", 1, 0, 0.5, false);
        for (int second = 1; second < 8; second++) {
            watermark(second);
        }
        assertThat(heard("blocking_seconds"))
                .containsExactly(
                        "checkout 0.5 @0.500",
                        "checkout 1.0 @1.000",
                        "checkout 2.0 @2.000",
                        "checkout 3.0 @3.000");
        row("a", "checkout", 0, 0, 8.2, true);
        watermark(30);
        assertThat(heard("blocking_seconds")).containsExactly("checkout 0.0 @8.200");
    }

    @Test
    void nothingIsSaidOfTimeWhenNobodyLooked() throws Exception {
        row("a", "checkout", 1, 0, 1, false);
        for (int second = 2; second < 600; second++) {
            watermark(second);
        }
        assertThat(heard("blocking_seconds")).last().isEqualTo("checkout 16.0 @16.000");
    }

    @Test
    void theWorstOfSeveralCountsAndEachOfOneLookIsHeard() throws Exception {
        row("a", "checkout", 2, 4, 10, false);
        row("b", "checkout", 9, 9, 10, false);
        assertThat(heard("blocking_seconds"))
                .containsExactly("checkout 6.0 @10.000", "checkout 6.0 @10.001");
        assertThat(last("blocked_sessions").value()).isEqualTo(9);
        row("a", "checkout", 0, 4, 11, true);
        assertThat(heard("blocking_seconds")).containsExactly("checkout 2.0 @11.000");
        row("b", "batch", 9, 9, 12, false);
        assertThat(heard("blocking_seconds"))
                .as("another root: its series goes on")
                .containsExactly("checkout 0.0 @12.000", "batch 3.0 @12.000");
        assertThat(last("blocking_seconds").series()).contains("application=batch");
    }

    @Test
    void longestWaitIsOfThoseWhoWaitNow() throws Exception {
        BlockingIncident row = incident("a", "checkout", 1, 100, 101, false);
        assertThat(BlockingWords.open(row).waitingSince()).isEqualTo(micros(100));
        assertThat(row.longestWaitMicros()).as("of one who is gone").isEqualTo(50 * SECOND);
    }

    @Test
    void restartGoesOnAndNothingIsLeftInTheEnd() throws Exception {
        row("a", "checkout", 1, 0, 0.5, false);
        row("b", "batch", 1, 0, 0.5, false);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = harness();
        harness.initializeState(state);
        harness.open();
        heard = 0;
        watermark(3_600);
        assertThat(heard("blocking_seconds"))
                .as("a leap of time is not gone through step by step")
                .hasSizeLessThan(10);
        row("a", "checkout", 0, 0, 3_600.5, true);
        row("b", "batch", 0, 0, 3_600.5, true);
        assertThat(heard("blocking_seconds")).hasSize(2).allMatch(text -> text.contains(" 0.0 "));
        for (int minute = 61; minute < 90; minute++) {
            watermark(minute * 60);
        }
        assertThat(heard("blocking_seconds")).as("0 for a while").hasSizeBetween(20, 32);
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    @Test
    void hostileNamesStayOnOneLine() throws Exception {
        BlockingIncident row = incident("a", "x\n\u001b[31m" + "y".repeat(2_000), 1, 0, 1, false);
        String about = BlockingWords.about(BlockingWords.open(row), 1);
        assertThat(about).hasSizeLessThan(1_000).doesNotContainPattern("\\p{Cntrl}");
    }

    private void row(
            String key, String application, int victims, double since, double seen, boolean closed)
            throws Exception {
        BlockingIncident row = incident(key, application, victims, since, seen, closed);
        harness.processElement(new StreamRecord<>(row, row.observedAtMicros() / 1000));
    }

    private static BlockingIncident incident(
            String key,
            String application,
            int victims,
            double since,
            double seen,
            boolean closed) {
        List<Victim> waiting = new ArrayList<>();
        for (int i = 0; i < victims; i++) {
            waiting.add(
                    new Victim(
                            100 + i,
                            17,
                            7,
                            true,
                            1,
                            "anna",
                            "web",
                            "shop",
                            "relation",
                            "ShareLock",
                            "public.orders",
                            micros(since) + i,
                            "SELECT ?"));
        }
        return new BlockingIncident(
                key,
                "prod",
                "",
                List.of(),
                new Blocker(
                        7,
                        "",
                        17,
                        "client backend",
                        "idle in transaction",
                        0,
                        0,
                        "bert",
                        false,
                        application,
                        "10.0.0.7",
                        "shop",
                        "UPDATE orders SET x = ?",
                        "f0",
                        true),
                1,
                micros(since),
                closed ? "CLOSED" : "OPEN",
                closed ? "COMPLETED" : "",
                micros(since),
                closed ? micros(since + 4) : 0,
                micros(seen),
                List.of("public.orders"),
                List.of("ShareLock"),
                1,
                victims,
                waiting,
                50 * SECOND,
                1,
                3,
                SECOND,
                false,
                40,
                "",
                "end it");
    }

    private static long micros(double seconds) {
        return T0 * 1_000 + Math.round(seconds * SECOND);
    }

    private void watermark(long seconds) throws Exception {
        harness.processWatermark(new Watermark(T0 + seconds * 1_000));
    }

    private LiveValue last(String metric) {
        return harness.extractOutputValues().stream()
                .filter(value -> SeriesId.parse(value.series()).metric().equals(metric))
                .reduce((a, b) -> b)
                .orElseThrow();
    }

    private List<String> heard(String metric) {
        List<LiveValue> all = harness.extractOutputValues();
        List<String> said = new ArrayList<>();
        for (LiveValue value : all.subList(heard, all.size())) {
            SeriesId id = SeriesId.parse(value.series());
            Map<String, String> labels = id.labels();
            if (id.metric().equals(metric)) {
                said.add(
                        "%s %s @%d.%03d"
                                .formatted(
                                        labels.get("application"),
                                        value.value(),
                                        (value.timestamp() - T0) / 1_000,
                                        (value.timestamp() - T0) % 1_000));
            }
        }
        heard = all.size();
        return said;
    }
}
