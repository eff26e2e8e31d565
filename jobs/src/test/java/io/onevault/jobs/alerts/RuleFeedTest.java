package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.CdcRecord;
import io.onevault.connectors.model.RowChange;
import io.onevault.connectors.model.SnapshotBoundary;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.CapacityThreshold;
import io.onevault.jobs.alerts.rules.Rows;
import io.onevault.jobs.alerts.rules.RuleHistory;
import io.onevault.jobs.alerts.rules.RuleKind;
import io.onevault.jobs.alerts.rules.RuleRejection;
import io.onevault.jobs.alerts.rules.RuleTables;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.alerts.rules.RuleVersion;
import io.onevault.jobs.alerts.rules.Silence;
import io.onevault.jobs.metrics.MetricWindow;
import io.onevault.jobs.vault.RuleRejectionRows;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.operators.TimestampsAndWatermarksOperatorFactory;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RuleFeedTest {

    private KeyedOneInputStreamOperatorTestHarness<Integer, CdcRecord, RuleUpdate> harness;
    private long now = 1_000;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
        harness.setProcessingTime(now);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void transactionIsOneUpdate() throws Exception {
        send(Rows.hub(100, "k", "", 0), version(100, 1, 0, "10"));
        assertThat(updates()).as("it may go on").isEmpty();
        settle();
        assertThat(updates()).extracting(RuleUpdate::version).containsExactly(100L);
        // Ends the old version first; the rule is never without one.
        send(version(200, 1, 2, "10"), version(200, 2, 0, "20"));
        send(version(300, 2, 3, "20"), version(300, 3, 0, "30"));
        settle();
        assertThat(updates()).hasSize(3);
        assertThat(updates())
                .allSatisfy(
                        update -> {
                            assertThat(update.rules()).hasSize(1);
                            assertThat(update.retiredRules()).isEmpty();
                        });
        assertThat(updates())
                .extracting(update -> update.rules().get(0).warning())
                .containsExactly(10.0, 20.0, 30.0);
    }

    @Test
    void versionsGrowEvenWhereLogPositionsDoNot() throws Exception {
        send(Rows.hub(100, "k", "", 0), version(100, 1, 0, "10"));
        settle();
        send(Rows.version(100, "UPDATE", "k", 1, 0, Rows.rule("a", "cpu", "11")));
        settle();
        send(Rows.version(90, "UPDATE", "k", 1, 0, Rows.rule("a", "cpu", "12")));
        settle();
        assertThat(updates()).extracting(RuleUpdate::version).containsExactly(100L, 101L, 102L);
        assertThat(updates())
                .allSatisfy(
                        update ->
                                assertThat(update.rules().get(0).version())
                                        .isEqualTo(update.version()));
    }

    @Test
    void snapshotIsJudgedWhenItIsComplete() throws Exception {
        send(Rows.hub(10, "old", "", 0), version(10, 1, 0, "10"));
        settle();
        harness.getOutput().clear();
        boundary(500, false);
        send(Rows.hub(500, "k", "", 0));
        settle();
        assertThat(updates()).isEmpty();
        // Interrupted; it begins anew and no longer lists the first hub.
        boundary(600, false);
        send(Rows.hub(600, "other", "", 0));
        send(Rows.version(600, "READ", "other", 1, 0, Rows.rule("b", "cpu", "5")));
        settle();
        assertThat(updates()).isEmpty();
        boundary(600, true);
        assertThat(updates())
                .singleElement()
                .satisfies(
                        update -> {
                            assertThat(update.rules())
                                    .extracting(AlertRule::name)
                                    .containsExactly("b");
                            assertThat(update.version()).isEqualTo(607);
                        });
        assertThat(harness.numKeyedStateEntries()).as("clock and histories").isEqualTo(2);
    }

    @Test
    void rejectionsGoAsideWithTheTimeOfTheirCommit() throws Exception {
        send(Rows.hub(100, "k", "", 0), version(100, 1, 0, "NaN"));
        settle();
        send(version(200, 1, 2, "NaN"), version(200, 2, 0, "10"));
        settle();
        assertThat(rejections())
                .extracting(RuleRejection::at)
                .containsExactly(1_760_000_000_100L, 1_760_000_000_200L);
        assertThat(rejections().get(0).reason()).startsWith("warning_threshold is NaN");
        assertThat(rejections().get(1).reason()).isEmpty();
        assertThat(updates()).hasSize(1);
    }

    @Test
    void failureBetweenChangeAndDecisionLosesNothing() throws Exception {
        send(Rows.hub(100, "k", "", 0), version(100, 1, 0, "10"));
        restore();
        settle();
        assertThat(updates()).as("the rest of it may still be on its way").isEmpty();
        resume();
        assertThat(updates()).extracting(RuleUpdate::version).containsExactly(100L);
        restore();
        send(Rows.version(200, "UPDATE", "k", 1, 0, Rows.rule("a", "(", "10")));
        settle();
        assertThat(updates()).as("what was in force stays").isEmpty();
        assertThat(rejections()).hasSize(1);
    }

    @Test
    void halfATransactionIsNotDecidedAfterAFailure() throws Exception {
        send(Rows.hub(100, "k", "", 0), version(100, 1, 0, "10"));
        settle();
        send(Rows.version(200, "UPDATE", "k", 1, 2, Rows.rule("a", "cpu", "10")));
        restore();
        settle();
        send(Rows.version(200, "CREATE", "k", 2, 0, Rows.rule("a", "cpu", "20")));
        settle();
        assertThat(updates())
                .singleElement()
                .satisfies(
                        update -> {
                            assertThat(update.retiredRules()).isEmpty();
                            assertThat(update.rules()).hasSize(1);
                        });
    }

    @Test
    void aHashDifferenceOfAnyLengthIsRejectedAsAnyOtherRow() throws Exception {
        Map<String, String> row = Rows.rule("a", "(", "10");
        row.put("hash_diff", "\\x" + "ab".repeat(10_001));
        send(Rows.hub(100, "k", "", 0), Rows.version(100, "CREATE", "k", 1, 0, row));
        settle();
        assertThat(rejections()).hasSize(1);
        assertThat(RuleRejectionRows.row(rejections().get(0)).payload()).hasSize(3);
    }

    @Test
    void aRuleIsSwitchedOffHoweverIncompleteItsRowIs() throws Exception {
        send(Rows.hub(100, "k", "", 0), version(100, 1, 0, "10"));
        settle();
        Map<String, String> off = Rows.rule("a", "(", "10");
        off.put("is_active", "false");
        send(Rows.version(200, "UPDATE", "k", 1, 0, off));
        settle();
        assertThat(updates().get(1).retiredRules()).hasSize(1);
    }

    @Test
    void nothingIsKeptOfRulesWithoutRows() throws Exception {
        send(Rows.hub(100, "k", "", 0), version(100, 1, 0, "NaN"));
        settle();
        send(
                Rows.deleted(200, "alert_configuration_s", "k", 1),
                Rows.deleted(200, "alert_configuration_h", "k", 0));
        settle();
        assertThat(rejections()).hasSize(2);
        assertThat(harness.numKeyedStateEntries()).as("the clock").isEqualTo(1);
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    @Test
    void aSilenceIsForgottenADayAfterItsEndAlthoughItsRowsStay() throws Exception {
        now = Instant.parse("2026-01-02T12:00:00Z").toEpochMilli();
        harness.setProcessingTime(now);
        send(silenceRows(100, "2026-01-02T11:00:00Z", "2026-01-02T13:00:00Z", "disk.*"));
        settle();
        assertThat(updates()).hasSize(1);
        assertThat(updates().get(0).silences()).extracting(Silence::by).containsExactly("ann");
        assertThat(updates().get(0).changesRules()).isFalse();
        now = Instant.parse("2026-01-03T12:59:00Z").toEpochMilli();
        harness.setProcessingTime(now);
        assertThat(updates()).as("values may come late").hasSize(1);
        restore();
        now = Instant.parse("2026-01-03T13:00:00.002Z").toEpochMilli();
        harness.setProcessingTime(now);
        resume();
        resume();
        assertThat(updates()).hasSize(1);
        assertThat(updates().get(0).retiredSilences()).containsExactly(Rows.key("s"));
        assertThat(harness.numKeyedStateEntries()).as("the clock").isEqualTo(1);
        assertThat(harness.numProcessingTimeTimers()).isZero();
        send(silenceRows(200, "2026-01-01T11:00:00Z", "2026-01-01T13:00:00Z", "disk.*"));
        settle();
        assertThat(updates()).as("a snapshot lists it again").hasSize(1);
        assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
    }

    @Test
    void aSilenceThatCannotBeObeyedIsRejectedAndEndedWithItsRow() throws Exception {
        now = Instant.parse("2026-01-02T12:00:00Z").toEpochMilli();
        harness.setProcessingTime(now);
        send(silenceRows(100, "2026-01-02T11:00:00Z", "2026-01-02T13:00:00Z", "("));
        settle();
        assertThat(updates()).isEmpty();
        assertThat(rejections()).hasSize(1);
        assertThat(rejections().get(0).kind()).isEqualTo(RuleKind.SILENCE);
        assertThat(rejections().get(0).reason()).contains("alert_pattern is not a regular");
        RowChange[] good = silenceRows(200, "2026-01-02T11:00:00Z", "2026-01-02T13:00:00Z", "disk");
        send(good[1]);
        settle();
        assertThat(rejections().get(1).reason()).isEmpty();
        Map<String, String> ended = silenceRow("2026-01-02T11:00:00Z", "2026-01-02T13:00:00Z", "d");
        ended.put("load_end_date", "2026-01-02T12:00:00Z");
        send(Rows.change(300, "monitoring", "alert_silence_s", "UPDATE", ended, List.of()));
        settle();
        assertThat(updates().get(1).retiredSilences()).containsExactly(Rows.key("s"));
    }

    private static RowChange[] silenceRows(long commit, String from, String to, String pattern) {
        Map<String, String> hub = new LinkedHashMap<>();
        hub.put("alert_silence_hk", "\\x" + Rows.key("s"));
        hub.put("load_date", from);
        return new RowChange[] {
            Rows.change(commit, "monitoring", "alert_silence_h", "CREATE", hub, List.of()),
            Rows.change(
                    commit,
                    "monitoring",
                    "alert_silence_s",
                    "CREATE",
                    silenceRow(from, to, pattern),
                    List.of())
        };
    }

    private static Map<String, String> silenceRow(String from, String to, String pattern) {
        Map<String, String> row = new LinkedHashMap<>();
        row.put("alert_silence_hk", "\\x" + Rows.key("s"));
        row.put("load_date", from);
        row.put("hash_diff", "\\x01");
        row.put("starts_at", from);
        row.put("ends_at", to);
        row.put("alert_pattern", pattern);
        row.put("reason", "new disks");
        row.put("created_by", "ann");
        return row;
    }

    @Test
    void everyRuleTableIsItsBusiness() throws Exception {
        for (String table : RuleTables.NAMES) {
            String schema = table.substring(0, table.indexOf('.'));
            String name = table.substring(table.indexOf('.') + 1);
            send(Rows.change(5, schema, name, "CREATE", Map.of(), List.of()));
            assertThat(harness.numProcessingTimeTimers()).as(table).isEqualTo(1);
            settle();
            assertThat(harness.numProcessingTimeTimers()).isZero();
        }
    }

    @Test
    void changesOfOtherTablesAreNoneOfItsBusiness() throws Exception {
        send(Rows.change(5, "auth", "tenant_h", "CREATE", Map.of("tenant_hk", "\\x00"), List.of()));
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numProcessingTimeTimers()).isZero();
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                AlertRule.class,
                CapacityThreshold.class,
                RuleUpdate.class,
                RuleRejection.class,
                RuleVersion.class,
                RuleHistory.class,
                RuleClock.class,
                MetricWindow.class
            })
    void whatTravelsAndStaysIsNeverWrittenByKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @Test
    void streamWithoutTimeIsIdleBeforeAndAfterItsElements() throws Exception {
        try (OneInputStreamOperatorTestHarness<Integer, Integer> stream =
                new OneInputStreamOperatorTestHarness<>(
                        new TimestampsAndWatermarksOperatorFactory<>(
                                NeverHoldsTime.strategy(), true))) {
            stream.getExecutionConfig().setAutoWatermarkInterval(100);
            stream.open();
            stream.setProcessingTime(1_000);
            assertThat(stream.getOutput()).contains(WatermarkStatus.IDLE);
            stream.processElement(new StreamRecord<>(1));
            stream.setProcessingTime(2_000);
            assertThat(stream.getOutput())
                    .doesNotContain(WatermarkStatus.ACTIVE)
                    .noneMatch(Watermark.class::isInstance);
            assertThat(stream.extractOutputValues()).containsExactly(1);
        }
    }

    private static RowChange version(long commit, int from, int to, String warning) {
        return Rows.version(
                commit,
                from == 1 && to == 0 ? "CREATE" : "UPDATE",
                "k",
                from,
                to,
                Rows.rule("a", "cpu", warning));
    }

    private void send(RowChange... changes) throws Exception {
        for (RowChange change : changes) {
            harness.processElement(new StreamRecord<>(CdcRecord.of(change)));
        }
    }

    private void boundary(long lsn, boolean complete) throws Exception {
        harness.processElement(
                new StreamRecord<>(
                        CdcRecord.of(
                                new SnapshotBoundary("vault", "cdc/rules", lsn, lsn, complete))));
    }

    private void settle() throws Exception {
        now += 3 * RuleFeed.SETTLE_MILLIS;
        harness.setProcessingTime(now);
    }

    private void resume() throws Exception {
        now += RuleFeed.RESUME_MILLIS;
        harness.setProcessingTime(now);
    }

    private void restore() throws Exception {
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = harness();
        harness.initializeState(state);
        harness.open();
    }

    private List<RuleUpdate> updates() {
        return harness.extractOutputValues();
    }

    private List<RuleRejection> rejections() {
        return harness.getSideOutput(RuleFeed.REJECTIONS).stream()
                .map(StreamRecord::getValue)
                .toList();
    }

    private static KeyedOneInputStreamOperatorTestHarness<Integer, CdcRecord, RuleUpdate> harness()
            throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new RuleFeed()), record -> 0, Types.INT);
    }
}
