package io.onevault.jobs.locks;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.model.LockRow;
import io.onevault.connectors.model.LockSnapshot;
import io.onevault.connectors.model.LogEvent;
import io.onevault.connectors.model.SessionRow;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.CounterLedger;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.EpisodeSettings;
import io.onevault.jobs.locks.incident.LockWait;
import io.onevault.jobs.locks.incident.LogEnding;
import io.onevault.jobs.locks.incident.OpenDeadlock;
import io.onevault.jobs.locks.incident.OpenIncident;
import io.onevault.jobs.locks.incident.OpenWait;
import io.onevault.jobs.locks.incident.TargetTime;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BlockingFunctionTest {

    private static final long START = 1_700_000_000_000L;
    private static final long HOUR = 3_600_000L;

    @ParameterizedTest
    @ValueSource(
            classes = {
                LockObservation.class,
                LockSign.class,
                LogEvent.class,
                LockWait.class,
                BlockingIncident.class,
                DeadlockEvent.class,
                OpenWait.class,
                OpenIncident.class,
                OpenDeadlock.class,
                LogEnding.class,
                CounterLedger.class,
                TargetTime.class
            })
    void travelsAndIsKeptWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @Test
    void openEpisodesSurviveARestoreAndEndOnce() throws Exception {
        OperatorSubtaskState checkpoint;
        String key;
        try (var harness = harness()) {
            harness.open();
            harness.processElement(deadlocked(START), START);
            assertThat(harness.extractOutputValues()).hasSize(2);
            assertThat(harness.getSideOutput(BlockingFunction.INCIDENTS)).hasSize(1);
            assertThat(harness.getSideOutput(BlockingFunction.DEADLOCKS)).hasSize(1);
            key = harness.getSideOutput(BlockingFunction.DEADLOCKS).peek().getValue().key();
            checkpoint = harness.snapshot(1, 1);
        }
        try (var harness = harness()) {
            harness.initializeState(checkpoint);
            harness.open();
            harness.processElement(deadlocked(START + 100), START + 100);
            assertThat(harness.extractOutputValues()).isEmpty();
            assertThat(harness.getSideOutput(BlockingFunction.DEADLOCKS)).isNullOrEmpty();
            harness.processElement(quiet(START + 200), START + 200);
            assertThat(harness.extractOutputValues())
                    .hasSize(2)
                    .allMatch(wait -> wait.waitEndMicros() > 0 && wait.deadlock());
            assertThat(harness.getSideOutput(BlockingFunction.INCIDENTS))
                    .singleElement()
                    .satisfies(row -> assertThat(row.getValue().open()).isFalse());
            harness.processElement(quiet(START + 10_000), START + 10_000);
            assertThat(harness.getSideOutput(BlockingFunction.DEADLOCKS))
                    .singleElement()
                    .satisfies(
                            row -> {
                                assertThat(row.getValue().outcome()).isEqualTo("NEAR_MISS");
                                assertThat(row.getValue().key()).isEqualTo(key);
                            });
        }
    }

    @Test
    void aTargetThatStaysAwayLeavesNothing() throws Exception {
        try (var harness = harness()) {
            harness.open();
            harness.processElement(deadlocked(START), START);
            harness.processElement(gap(START, START + 5_000), START + 5_000);
            harness.processWatermark(START + 6_000);
            assertThat(harness.extractOutputValues()).hasSize(2);
            assertThat(harness.numKeyedStateEntries()).isPositive();
            harness.processElement(gap(START, START + HOUR), START + HOUR);
            harness.processWatermark(START + HOUR + 10_000);
            List<LockWait> rows = new ArrayList<>(harness.extractOutputValues());
            assertThat(rows).hasSize(4);
            assertThat(rows.subList(2, 4))
                    .allMatch(wait -> wait.waitEndMicros() == START * 1_000)
                    .extracting(LockWait::resolution)
                    .containsOnly("");
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numEventTimeTimers()).isZero();
        }
    }

    @Test
    void afterSilenceNothingIsLeftOfWhatWasClosed() throws Exception {
        try (var harness = harness()) {
            harness.open();
            harness.processElement(deadlocked(START), START);
            harness.processElement(quiet(START + 200), START + 200);
            for (long at = START + 60_000; at <= START + 2 * HOUR; at += 60_000) {
                harness.processElement(quiet(at), at);
                harness.processWatermark(at);
            }
            harness.processWatermark(START + 4 * HOUR);
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numEventTimeTimers()).isZero();
        }
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, LockSign, LockWait> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new BlockingFunction(EpisodeSettings.DEFAULT)),
                LockSign::target,
                Types.STRING);
    }

    /** Two processes that wait for each other's table since one and two seconds before. */
    private static LockSign deadlocked(long at) {
        List<LockRow> rows =
                List.of(row(1, 1, true), row(2, 2, true), row(1, 2, false), row(2, 1, false));
        LockSnapshot snapshot =
                new LockSnapshot(
                        "prod",
                        at * 1_000,
                        "18",
                        rows,
                        List.of(session(1), session(2)),
                        List.of(),
                        List.of());
        return new LockSign("prod", new LockObservation("prod", at, 2, snapshot, null), null);
    }

    private static LockSign quiet(long at) {
        return new LockSign("prod", new LockObservation("prod", at, 0, null, null), null);
    }

    private static LockSign gap(long from, long to) {
        return new LockSign(
                "prod",
                new LockObservation(
                        "prod",
                        to,
                        0,
                        null,
                        new CollectionGap("prod", "locks", from, to, "UNREACHABLE", "")),
                null);
    }

    private static LockRow row(int pid, int table, boolean granted) {
        return new LockRow(
                "relation",
                5,
                table,
                "public.t" + table,
                0,
                0,
                "",
                0,
                0,
                0,
                0,
                pid + "/1",
                pid,
                "ExclusiveLock",
                granted,
                false,
                granted ? 0 : (START - pid * 1_000L) * 1_000);
    }

    private static SessionRow session(int pid) {
        return new SessionRow(
                pid,
                1,
                "client backend",
                0,
                "db",
                "user",
                false,
                "app",
                "local",
                "active",
                1,
                1,
                1,
                "",
                "",
                0,
                "LOCK TABLE ?",
                "f",
                0,
                true);
    }
}
