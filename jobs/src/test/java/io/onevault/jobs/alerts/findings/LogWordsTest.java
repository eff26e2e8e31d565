package io.onevault.jobs.alerts.findings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.onevault.connectors.model.LogEvent;
import io.onevault.jobs.metrics.LiveValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

/** What a server's log tells, as counts. */
class LogWordsTest {

    private static final long T0 = 1_800_000_000_000L;
    private static final long MINUTE = 60_000;

    @Test
    void eachKindCountsInASeriesOfItsOwn() {
        assertThat(
                        List.of(
                                LogWords.event(line("FAILED_LOGIN", "28P01", 1, T0, Map.of())),
                                LogWords.event(line("FAILED_LOGIN", "28000", 1, T0, Map.of())),
                                LogWords.event(
                                        line(
                                                "CRASH",
                                                "00000",
                                                1,
                                                T0,
                                                Map.of("process", "77", "signal", "9"))),
                                LogWords.event(line("CRASH", "58P01", 1, T0, Map.of())),
                                LogWords.event(line("CORRUPTION", "XX001", 1, T0, Map.of())),
                                LogWords.event(line("CORRUPTION", "XX002", 1, T0, Map.of())),
                                LogWords.event(line("CORRUPTION", "58030", 1, T0, Map.of())),
                                LogWords.event(line("OUT_OF_RESOURCES", "53300", 1, T0, Map.of())),
                                LogWords.event(line("OUT_OF_RESOURCES", "53000", 1, T0, Map.of()))))
                .extracting(FoundEvent::series, FoundEvent::keptMillis, FoundEvent::about)
                .containsExactly(
                        tuple(
                                "shop||failed_logins",
                                10 * MINUTE,
                                "the last one with a wrong password"),
                        tuple(
                                "shop||failed_logins",
                                10 * MINUTE,
                                "the last one as a role, from an address or in a way that is not"
                                        + " admitted"),
                        tuple(
                                "shop||server_crashes",
                                60 * MINUTE,
                                "process 77 was ended by signal 9"),
                        tuple("shop||server_crashes", 60 * MINUTE, "a process gave up with PANIC"),
                        tuple("shop||corruption_errors", 60 * MINUTE, "a table's data is damaged"),
                        tuple("shop||corruption_errors", 60 * MINUTE, "an index is damaged"),
                        tuple(
                                "shop||corruption_errors",
                                60 * MINUTE,
                                "reading or writing a file failed"),
                        tuple(
                                "shop||resource_errors|reason=TOO_MANY_CONNECTIONS",
                                10 * MINUTE,
                                "the server said 53300"),
                        tuple(
                                "shop||resource_errors|reason=OTHER",
                                10 * MINUTE,
                                "the server said 53000"));
        assertThat(LogWords.event(line("SLOW_STATEMENT", "00000", 1, T0, Map.of()))).isNull();
    }

    @Test
    void nothingThatAClientChoseIsTold() {
        for (String kind : List.of("FAILED_LOGIN", "CRASH", "CORRUPTION", "OUT_OF_RESOURCES")) {
            FoundEvent event = LogWords.event(line(kind, "53300", 1, T0, Map.of()));
            assertThat(event.toString())
                    .doesNotContain("alice", "10.1.2.3", "app-of-alice", "password authentication");
        }
    }

    @Test
    void eachLineCountsOnceAlsoAfterARestartAndNothingIsLeft() throws Exception {
        OperatorSubtaskState state;
        try (var harness = harness()) {
            harness.open();
            harness.setProcessingTime(1_000_000);
            for (int i = 0; i < 12; i++) {
                fail(harness, i, T0 + i);
            }
            state = harness.snapshot(1, 1);
            fail(harness, 12, T0 + 12);
            assertThat(last(harness)).isEqualTo(13);
        }
        try (var harness = harness()) {
            harness.initializeState(state);
            harness.open();
            harness.setProcessingTime(1_000_000);
            // The log is read again from the checkpoint, and here even from before it.
            for (int i = 8; i < 15; i++) {
                fail(harness, i, T0 + i);
            }
            assertThat(last(harness)).isEqualTo(15);
            harness.setProcessingTime(1_000_000 + 11 * MINUTE);
            assertThat(last(harness)).as("ten minutes later").isZero();
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    private static void fail(
            KeyedOneInputStreamOperatorTestHarness<String, FoundEvent, LiveValue> harness,
            int line,
            long at)
            throws Exception {
        harness.processElement(
                new StreamRecord<>(
                        LogWords.event(line("FAILED_LOGIN", "28P01", line, at, Map.of()))));
    }

    private static double last(
            KeyedOneInputStreamOperatorTestHarness<String, FoundEvent, LiveValue> harness) {
        List<LiveValue> all = new ArrayList<>(harness.extractOutputValues());
        return all.get(all.size() - 1).value();
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, FoundEvent, LiveValue> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new RecentFindings()), FoundEvent::series, Types.STRING);
    }

    private static LogEvent line(
            String kind, String sqlstate, long line, long at, Map<String, String> attributes) {
        return new LogEvent(
                "shop",
                at,
                kind,
                4711,
                T0 - 5,
                "68f1c2d3.1267",
                line,
                "alice",
                "alice",
                "app-of-alice",
                "10.1.2.3:5000",
                "client backend",
                sqlstate,
                "FATAL",
                "password authentication failed for user \"alice\"",
                "password authentication failed, alice",
                "",
                "",
                0,
                null,
                attributes);
    }
}
