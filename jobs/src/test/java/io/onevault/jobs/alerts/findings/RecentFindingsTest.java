package io.onevault.jobs.alerts.findings;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.alerts.lifecycle.AlertCase;
import io.onevault.jobs.alerts.lifecycle.AlertState;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.lifecycle.WatchedSeries;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.RuleKind;
import io.onevault.jobs.alerts.rules.RuleRejection;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.testing.TestRule;
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
        minute(4);
        event("b", 4, 1);
        assertThat(heard()).containsExactly("1 @0", "1 @1", "1 @2", "1 @3", "1 @4", "2 @4");
        minute(5);
        heard();
        minute(11);
        assertThat(heard()).containsExactly("2 @6", "2 @7", "2 @8", "2 @9", "1 @10", "1 @11");
        harness.setProcessingTime(1_000_000 + 30 * MINUTE);
        assertThat(heard()).as("told late, of its moment").containsExactly("0 @14");
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    @Test
    void aRepetitionIsReleasedWhenItsWindowIsOver() throws Exception {
        AlertRule rule =
                TestRule.named("rule")
                        .metric("m")
                        .thresholds(1, Double.NaN)
                        .suppressionMinutes(60)
                        .build();
        SeriesId id = SeriesId.parse("t||m");
        List<String> told = new ArrayList<>();
        AlertCase alert =
                new AlertCase(
                        LifecycleSettings.DEFAULT,
                        rule,
                        new WatchedSeries(id, id.text(), "", 0, 0),
                        new AlertState(),
                        (of, series, time) -> null,
                        change -> told.add(change.status() + " @" + (change.at() - T0) / MINUTE));
        hour("a", 0);
        minute(60);
        minute(65);
        hour("b", 65);
        minute(125);
        for (LiveValue value : harness.extractOutputValues()) {
            alert.observe(value.timestamp(), value.value(), value.about(), 0);
        }
        assertThat(told)
                .containsExactly(
                        "FIRING @0",
                        "RESOLVED @60",
                        "SUPPRESSED @65",
                        "FIRING @120",
                        "RESOLVED @125");
    }

    @Test
    void aStreamThatStandsStillCountsUntilItGoesOn() throws Exception {
        for (int minute = 0; minute <= 180; minute += 10) {
            minute(minute);
            CollectionGap lost =
                    new CollectionGap("t", "c", T0, T0 + minute * MINUTE, "SLOT_LOST", "why");
            harness.processElement(new StreamRecord<>(PipelineWords.gap(lost)));
        }
        minute(194);
        assertThat(harness.extractOutputValues())
                .allMatch(value -> value.value() == 1)
                .hasSizeGreaterThan(190);
        minute(196);
        assertThat(heard()).endsWith("1 @194", "0 @195");
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    @Test
    void theNextEventIsNotDroppedWithTheOldestThatIsTakenBack() throws Exception {
        event("a", 0, 1);
        minute(6);
        event("b", 6, 1);
        minute(7);
        event("a", 7, 0);
        assertThat(heard()).endsWith("2 @6", "2 @7", "1 @7");
        minute(15);
        assertThat(heard())
                .containsExactly(
                        "1 @8", "1 @9", "1 @10", "1 @11", "1 @12", "1 @13", "1 @14", "1 @15");
        minute(17);
        assertThat(heard()).containsExactly("0 @16");
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
    void aLongStormIsForgottenAsItCame() throws Exception {
        // One in half a second for twenty minutes, of which ten count; each has a second row.
        for (int i = 0; i < 2_400; i++) {
            for (long at : new long[] {T0 + i * 500L, T0 + i * 500L + 400}) {
                FoundEvent event = new FoundEvent("t||m", "e" + i, at, 1, 10 * MINUTE, "");
                harness.processElement(new StreamRecord<>(event));
            }
        }
        List<LiveValue> all = harness.extractOutputValues();
        assertThat(all.get(all.size() - 1).value()).isBetween(1_180.0, 1_220.0);
        heard = all.size();
        minute(5);
        assertThat(heard()).last().asString().matches("(58|59|60|61|62)\\d @24");
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

    private void hour(String id, long minute) throws Exception {
        harness.processElement(
                new StreamRecord<>(
                        new FoundEvent("t||m", id, T0 + minute * MINUTE, 1, 60 * MINUTE, "why")));
    }

    /** Lets this machine's clock go until then, minute by minute. */
    private void minute(long until) throws Exception {
        for (long at = harness.getProcessingTime(); at < 1_000_000 + until * MINUTE; ) {
            at = Math.min(at + MINUTE, 1_000_000 + until * MINUTE);
            harness.setProcessingTime(at);
        }
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
