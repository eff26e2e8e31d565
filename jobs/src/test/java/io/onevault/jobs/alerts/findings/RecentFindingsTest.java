package io.onevault.jobs.alerts.findings;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.jobs.alerts.rules.RuleKind;
import io.onevault.jobs.alerts.rules.RuleRejection;
import io.onevault.jobs.metrics.LiveValue;
import java.util.ArrayList;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecentFindingsTest {

    private static final long T0 = 1_800_000_000_000L;
    private static final long MINUTE = 60_000;

    private KeyedOneInputStreamOperatorTestHarness<String, FoundEvent, LiveValue> harness;
    private int heard;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
        harness.setProcessingTime(1_000_000);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, FoundEvent, LiveValue> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new RecentFindings()), FoundEvent::series, Types.STRING);
    }

    @ParameterizedTest
    @ValueSource(classes = {FoundEvent.class, RecentState.class})
    void travelsAndIsKeptWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @Test
    void eventsCountForTheirTimeAndNothingIsLeft() throws Exception {
        event("a", 0, 1);
        event("b", 4, 1);
        assertThat(heard()).containsExactly("1 @0", "2 @4");
        harness.setProcessingTime(1_000_000 + 11 * MINUTE);
        assertThat(heard()).containsExactly("1 @10");
        harness.setProcessingTime(1_000_000 + 30 * MINUTE);
        assertThat(heard()).containsExactly("0 @14");
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    @Test
    void storedEventsGiveTheSameValuesWithoutAClock() throws Exception {
        event("a", 0, 1);
        event("b", 30, 1);
        assertThat(heard()).containsExactly("1 @0", "0 @10", "1 @30");
    }

    @Test
    void whatIsKnownBetterLaterIsNotCountedTwice() throws Exception {
        event("a", 0, 1);
        event("a", 1, 1);
        assertThat(heard()).as("the same again").containsExactly("1 @0");
        event("b", 2, 3);
        event("a", 3, 0);
        assertThat(heard()).as("one that is taken back").containsExactly("4 @2", "3 @3");
        event("b", 4, 0);
        assertThat(heard()).containsExactly("0 @4");
        event("never", 5, 0);
        assertThat(heard()).isEmpty();
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    @Test
    void aStormIsBounded() throws Exception {
        for (int i = 0; i < 5_000; i++) {
            harness.processElement(
                    new StreamRecord<>(new FoundEvent("t||m", "e" + i, T0, 1, 10 * MINUTE, "")));
        }
        List<LiveValue> all = harness.extractOutputValues();
        assertThat(all.get(all.size() - 1).value()).as("none is lost").isEqualTo(5_000);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = harness();
        harness.initializeState(state);
        harness.open();
        heard = 0;
        harness.setProcessingTime(1_000_000 + 60 * MINUTE);
        assertThat(heard()).last().asString().startsWith("0 ");
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    @Test
    void brokenStreamsAreToldApartFromThoseThatGoOn() {
        CollectionGap lost =
                new CollectionGap("shop", "changes", 1, 2, "SLOT_LOST", "make it anew");
        assertThat(PipelineWords.gap(lost))
                .extracting(FoundEvent::series, FoundEvent::about)
                .containsExactly(
                        "shop||change_stream_broken|reason=SLOT_LOST|stream=changes",
                        "make it anew");
        CollectionGap added = new CollectionGap("shop", "changes", 1, 2, "TABLE_ADDED", "so");
        assertThat(PipelineWords.gap(added))
                .extracting(FoundEvent::series)
                .asString()
                .contains("|change_gaps|");
        CollectionGap away = new CollectionGap("shop", "changes", 1, 2, "UNREACHABLE", "again");
        assertThat(PipelineWords.gap(away)).as("nothing is lost").isNull();
    }

    @Test
    void aRuleInOrderAgainTakesItsRejectionBack() {
        RuleRejection bad = new RuleRejection(RuleKind.ALERT, "00", T0, "", "", "correct it");
        RuleRejection good = new RuleRejection(RuleKind.ALERT, "00", T0 + 1, "", "", "");
        assertThat(PipelineWords.rejection(bad).count()).isEqualTo(1);
        assertThat(PipelineWords.rejection(good).count()).isZero();
        assertThat(PipelineWords.rejection(good).id()).isEqualTo("00");
    }

    private void event(String id, long minute, int count) throws Exception {
        harness.processElement(
                new StreamRecord<>(
                        new FoundEvent(
                                "t||m", id, T0 + minute * MINUTE, count, 10 * MINUTE, "why")));
    }

    private List<String> heard() {
        List<LiveValue> all = harness.extractOutputValues();
        List<String> said = new ArrayList<>();
        for (LiveValue value : all.subList(heard, all.size())) {
            said.add("%.0f @%d".formatted(value.value(), (value.timestamp() - T0) / MINUTE));
        }
        heard = all.size();
        return said;
    }
}
