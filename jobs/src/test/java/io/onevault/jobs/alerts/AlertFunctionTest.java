package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.vault.HashKey;
import io.onevault.jobs.alerts.lifecycle.Acknowledgement;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.alerts.rules.Silence;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.testing.TestRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AlertFunctionTest {

    private static final long T0 = 1_800_000_000_000L;
    private static final double NONE = Double.NaN;

    private KeyedTwoInputStreamOperatorTestHarness<String, LiveValue, AlertOrder, AlertInstance>
            harness;
    private long version;
    private int heard;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
        harness.processWatermarkStatus2(WatermarkStatus.IDLE);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @ParameterizedTest
    @ValueSource(
            classes = {AlertInstance.class, AlertOrder.class, SeriesAlerts.class, LiveValue.class})
    void travelsAndIsKeptWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @Test
    void eachRuleAndSeriesHasItsAlert() throws Exception {
        rule("busy", Condition.THRESHOLD, 80, 95, 0, Map.of());
        rule("strict", Condition.THRESHOLD, 50, NONE, 0, Map.of());
        value(0, "a|", 60);
        value(0, "b|", 99);
        assertThat(heard())
                .containsExactly(
                        "strict a FIRING WARNING",
                        "busy b FIRING CRITICAL",
                        "strict b FIRING WARNING");
        value(10, "a|", 10);
        value(10, "b|", 10);
        assertThat(heard())
                .containsExactly(
                        "strict a RESOLVED WARNING in order again",
                        "busy b RESOLVED CRITICAL in order again",
                        "strict b RESOLVED WARNING in order again");
    }

    @Test
    void seriesInOrderHasNoState() throws Exception {
        rule("busy", Condition.THRESHOLD, 80, 95, 60, Map.of());
        for (int i = 0; i < 100; i++) {
            value(i, "a|", 10);
        }
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    @Test
    void editedRetiredAndOverriddenRulesEndTheirAlerts() throws Exception {
        rule("busy", Condition.THRESHOLD, 80, 95, 0, Map.of());
        rule("gone", Condition.THRESHOLD, 70, NONE, 0, Map.of());
        value(0, "a|", 90);
        value(0, "a|acme", 90);
        assertThat(heard()).hasSize(4);
        rule("busy", Condition.THRESHOLD, 85, 95, 0, Map.of());
        assertThat(heard()).as("still beyond it").isEmpty();
        rule("busy", Condition.THRESHOLD, 91, 95, 0, Map.of());
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "busy a RESOLVED WARNING in order by the changed rule",
                        "busy a RESOLVED WARNING in order by the changed rule");
        update(
                new RuleUpdate(
                        ++version, List.of(), List.of(), List.of("gone".repeat(16)), List.of()));
        assertThat(heard())
                .containsExactlyInAnyOrder(
                        "gone a RESOLVED WARNING no rule in force wants it any longer",
                        "gone a RESOLVED WARNING no rule in force wants it any longer");
        value(10, "a|", 90);
        assertThat(heard()).isEmpty();
    }

    @Test
    void restartKeepsWhatIsOpenAndRepeatsNothing() throws Exception {
        rule("busy", Condition.THRESHOLD, 80, 95, 30, Map.of());
        value(0, "a|", 90);
        assertThat(heard()).containsExactly("busy a PENDING WARNING");
        restart();
        value(20, "a|", 90);
        assertThat(heard()).isEmpty();
        value(30, "a|", 90);
        assertThat(heard()).containsExactly("busy a FIRING WARNING");
        restart();
        value(40, "a|", 90);
        value(50, "a|", 10);
        assertThat(heard()).containsExactly("busy a RESOLVED WARNING in order again");
    }

    @Test
    void absenceIsToldByTimeAlone() throws Exception {
        rule("silent", Condition.ABSENCE, NONE, NONE, 0, Map.of("absent_seconds", "60"));
        value(0, "a|", 1);
        value(50, "a|", 1);
        watermark(109);
        assertThat(heard()).isEmpty();
        watermark(111);
        assertThat(heard()).containsExactly("silent a FIRING CRITICAL");
        watermark(5_000);
        value(5_000, "a|", 1);
        assertThat(heard()).containsExactly("silent a RESOLVED CRITICAL in order again");
        assertThat(harness.numEventTimeTimers()).as("one for the series").isEqualTo(1);
    }

    @Test
    void absenceIsNotCountedWhileTheJobWasDown() throws Exception {
        rule("silent", Condition.ABSENCE, NONE, NONE, 0, Map.of("absent_seconds", "60"));
        value(0, "a|", 1);
        restart();
        watermark(7_200);
        assertThat(heard()).isEmpty();
        watermark(7_259);
        assertThat(heard()).isEmpty();
        watermark(7_261);
        assertThat(heard()).containsExactly("silent a FIRING CRITICAL");
    }

    @Test
    void whatIsToldAgainAfterARestartIsNoSignThatSomebodyLooked() throws Exception {
        rule("silent", Condition.ABSENCE, NONE, NONE, 0, Map.of("absent_seconds", "60"));
        value(0, "a|", 1);
        restart();
        harness.processElement1(
                new StreamRecord<>(
                        new LiveValue("b||days_to_capacity", T0 - 3_600_000, 9, "full in 9 days")));
        value(7_200, "b|", 1);
        watermark(7_250);
        assertThat(heard()).isEmpty();
        watermark(7_265);
        assertThat(heard()).contains("silent a FIRING CRITICAL");
    }

    @Test
    void aDrainedJobMissesNothing() throws Exception {
        rule("silent", Condition.ABSENCE, NONE, NONE, 0, Map.of("absent_seconds", "60"));
        rule("busy", Condition.THRESHOLD, 80, 95, 0, Map.of());
        value(0, "a|", 90);
        assertThat(heard()).containsExactly("busy a FIRING WARNING");
        harness.processWatermark1(new Watermark(Long.MAX_VALUE));
        assertThat(heard()).isEmpty();
    }

    @Test
    void stateOfEverySilentSeriesIsCleared() throws Exception {
        rule("busy", Condition.THRESHOLD, 80, 95, 0, Map.of());
        rule("held", Condition.THRESHOLD, 85, 95, 600, Map.of());
        rule("silent", Condition.ABSENCE, NONE, NONE, 0, Map.of("absent_seconds", "60"));
        rule("steep", Condition.RATE_OF_CHANGE, 20, NONE, 0, Map.of("window_seconds", "60"));
        for (int i = 0; i < 20; i++) {
            value(i * 10L, "a|", i % 5 == 0 ? 10 : 90);
            value(i * 10L, "b|", 10 + i);
            watermark(i * 10L);
        }
        assertThat(heard()).isNotEmpty();
        assertThat(harness.numKeyedStateEntries()).isEqualTo(2);
        assertThat(harness.numEventTimeTimers()).isLessThanOrEqualTo(4);
        for (long day = 1; day <= 9; day++) {
            watermark(day * 86_400);
        }
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
        assertThat(heard()).filteredOn(text -> text.contains("FIRING")).hasSize(2);
        assertThat(openAlerts()).isZero();
    }

    @Test
    void noteIsTakenOfOneAlertAndTakenBack() throws Exception {
        rule("busy", Condition.THRESHOLD, 80, 95, 0, Map.of());
        value(0, "a|", 90);
        value(0, "b|", 90);
        assertThat(heard()).hasSize(2);
        String hash =
                HexFormat.of()
                        .formatHex(
                                HashKey.of(harness.extractOutputValues().get(1).subject().key()));
        order(new Acknowledgement(hash, 1, "ann", 0, false));
        assertThat(heard()).containsExactly("busy b ACKNOWLEDGED WARNING");
        restart();
        value(10, "b|", 90);
        assertThat(heard()).as("it counts after a restart").isEmpty();
        order(new Acknowledgement(hash, 1, "", 0, true));
        assertThat(heard()).containsExactly("busy b FIRING WARNING");
        order(new Acknowledgement(hash, 2, "ann", 0, false));
        value(20, "b|", 10);
        assertThat(heard()).last().isEqualTo("busy b RESOLVED WARNING in order again");
        order(new Acknowledgement(hash, 3, "ann", 0, false));
        assertThat(heard()).as("what is over is over").isEmpty();
    }

    @Test
    void alertsThatOpenAndEndAfterTheFirstNoteAreKnownToTheNext() throws Exception {
        rule("busy", Condition.THRESHOLD, 80, 95, 0, Map.of());
        value(0, "a|", 90);
        order(new Acknowledgement(hashOfLast(), 1, "ann", 0, false));
        value(10, "b|", 90);
        String second = hashOfLast();
        heard();
        order(new Acknowledgement(second, 2, "ann", 0, false));
        assertThat(heard()).containsExactly("busy b ACKNOWLEDGED WARNING");
        value(20, "b|", 10);
        heard();
        order(new Acknowledgement(second, 3, "bob", 0, false));
        assertThat(heard()).isEmpty();
        update(
                new RuleUpdate(
                        ++version, List.of(), List.of(), List.of("busy".repeat(16)), List.of()));
        assertThat(heard()).hasSize(1);
    }

    /**
     * What a vault of years brings at the start; each that walked all series would take minutes.
     */
    @Test
    @Timeout(60)
    void aSnapshotOfManyNotesForAlertsThatAreOverIsPassedQuickly() throws Exception {
        rule("busy", Condition.THRESHOLD, 80, 95, 0, Map.of());
        for (int i = 0; i < 2_000; i++) {
            value(0, "s" + i + "|", 90);
        }
        String last = hashOfLast();
        heard();
        for (int i = 0; i < 50_000; i++) {
            order(new Acknowledgement("%064x".formatted(i), i, "ann", 0, false));
        }
        assertThat(heard()).isEmpty();
        order(new Acknowledgement(last, 1, "ann", 0, false));
        assertThat(heard()).containsExactly("busy s1999 ACKNOWLEDGED WARNING");
    }

    private String hashOfLast() {
        List<AlertInstance> all = harness.extractOutputValues();
        return OpenAlerts.hash(all.get(all.size() - 1));
    }

    /** Series reach a task in any order beside each other; what each says is the same. */
    @Test
    void replayInAnotherOrderAndInSeveralTasksGivesTheSameAlerts() throws Exception {
        Random values = new Random(7);
        List<List<Double>> series = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            List<Double> walk = new ArrayList<>();
            double value = 60;
            for (int step = 0; step < 200; step++) {
                value = Math.max(0, Math.min(120, value + values.nextGaussian() * 15));
                walk.add(value);
            }
            series.add(walk);
        }
        Map<String, List<AlertInstance>> first = replayed(series, 1, new Random(1));
        assertThat(first.values().stream().mapToInt(List::size).sum()).isGreaterThan(200);
        assertThat(replayed(series, 1, new Random(2))).isEqualTo(first);
        assertThat(replayed(series, 3, new Random(3))).isEqualTo(first);
    }

    private Map<String, List<AlertInstance>> replayed(
            List<List<Double>> series, int tasks, Random order) throws Exception {
        Map<String, List<AlertInstance>> said = new HashMap<>();
        for (int task = 0; task < tasks; task++) {
            close();
            version = 0;
            open();
            rule("busy", Condition.THRESHOLD, 80, 95, 30, Map.of());
            rule("rising", Condition.RATE_OF_CHANGE, 40, 60, 0, Map.of("window_seconds", "60"));
            int[] at = new int[series.size()];
            List<Integer> mine = new ArrayList<>();
            for (int i = task; i < series.size(); i += tasks) {
                mine.add(i);
            }
            while (!mine.isEmpty()) {
                int i = mine.get(order.nextInt(mine.size()));
                // A batch of a series, as a backlog brings them.
                int batch = 1 + order.nextInt(20);
                for (int n = 0; n < batch && at[i] < series.get(i).size(); n++) {
                    value(at[i] * 10L, "s" + i + "|", series.get(i).get(at[i]++));
                }
                if (at[i] == series.get(i).size()) {
                    mine.remove((Integer) i);
                }
            }
            for (AlertInstance alert : harness.extractOutputValues()) {
                said.computeIfAbsent(
                                alert.subject().ruleName() + alert.subject().series(),
                                key -> new ArrayList<>())
                        .add(alert);
            }
        }
        return said;
    }

    @Test
    void aSilenceCountsFromTheNextValueAndAfterARestart() throws Exception {
        rule("busy", Condition.THRESHOLD, 80, 95, 0, Map.of());
        value(0, "a|", 90);
        silences(List.of(silence()), List.of());
        assertThat(heard()).containsExactly("busy a FIRING WARNING");
        value(10, "a|", 90);
        value(10, "b|", 90);
        assertThat(heard())
                .containsExactly("busy a SUPPRESSED WARNING", "busy b SUPPRESSED WARNING");
        restart();
        value(20, "a|", 90);
        assertThat(heard()).isEmpty();
        silences(List.of(), List.of("s"));
        value(30, "a|", 90);
        value(30, "b|", 10);
        assertThat(heard())
                .containsExactly("busy a FIRING WARNING", "busy b RESOLVED WARNING in order again");
    }

    private static Silence silence() {
        return new Silence(
                "s", "", 1, "busy", "", "", Map.of(), T0, T0 + 3_600_000, "ann", "maintenance");
    }

    private void silences(List<Silence> set, List<String> ended) throws Exception {
        update(new RuleUpdate(++version, List.of(), List.of(), List.of(), List.of(), set, ended));
    }

    private void order(Acknowledgement acknowledgement) throws Exception {
        harness.processElement2(new StreamRecord<>(new AlertOrder(null, acknowledgement)));
    }

    @Test
    void stateWithoutARuleIsClearedWithIt() throws Exception {
        rule("silent", Condition.ABSENCE, NONE, NONE, 0, Map.of("absent_seconds", "60"));
        value(0, "a|", 1);
        assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
        update(
                new RuleUpdate(
                        ++version, List.of(), List.of(), List.of("silent".repeat(11)), List.of()));
        assertThat(harness.numKeyedStateEntries()).isZero();
        watermark(100);
        assertThat(heard()).isEmpty();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    private static KeyedTwoInputStreamOperatorTestHarness<
                    String, LiveValue, AlertOrder, AlertInstance>
            harness() throws Exception {
        return new KeyedTwoInputStreamOperatorTestHarness<>(
                new CoBroadcastWithKeyedOperator<>(
                        new AlertFunction(
                                LifecycleSettings.DEFAULT,
                                Map.of("used_pct", "%"),
                                Map.of("used_pct", Duration.ofSeconds(10)),
                                Duration.ofDays(1)),
                        List.of(AlertFunction.RULES, AlertFunction.SILENCES)),
                LiveValue::series,
                update -> "",
                Types.STRING);
    }

    private void restart() throws Exception {
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = harness();
        harness.initializeState(state);
        harness.open();
        harness.processWatermarkStatus2(WatermarkStatus.IDLE);
        heard = 0;
    }

    private void rule(
            String name,
            Condition condition,
            double warning,
            double critical,
            int forSeconds,
            Map<String, String> parameters)
            throws Exception {
        AlertRule rule =
                TestRule.named(name)
                        .key(name.repeat(64 / name.length() + (64 % name.length() == 0 ? 0 : 1)))
                        .version(++version)
                        .metric("used_pct")
                        .condition(condition)
                        .parameters(parameters)
                        .thresholds(warning, critical)
                        .forSeconds(forSeconds)
                        .build();
        update(new RuleUpdate(version, List.of(rule), List.of(), List.of(), List.of()));
    }

    private void update(RuleUpdate update) throws Exception {
        harness.processElement2(new StreamRecord<>(new AlertOrder(update, null)));
    }

    /** A value of a target's series, {@code target|tenant}. */
    private void value(long seconds, String series, double value) throws Exception {
        long time = T0 + seconds * 1_000;
        harness.processElement1(
                new StreamRecord<>(new LiveValue(series + "|used_pct", time, value), time));
    }

    private void watermark(long seconds) throws Exception {
        harness.processWatermark1(new Watermark(T0 + seconds * 1_000));
    }

    private List<String> heard() {
        List<AlertInstance> all = harness.extractOutputValues();
        List<String> said = new ArrayList<>();
        for (AlertInstance alert : all.subList(heard, all.size())) {
            said.add(
                    "%s %s %s %s %s"
                            .formatted(
                                    alert.subject().ruleName(),
                                    alert.subject().target(),
                                    alert.status(),
                                    alert.severity(),
                                    alert.reason())
                            .strip());
        }
        heard = all.size();
        return said;
    }

    private long openAlerts() {
        Map<String, AlertInstance> last = new HashMap<>();
        harness.extractOutputValues().forEach(alert -> last.put(alert.subject().key(), alert));
        return last.values().stream().filter(AlertInstance::open).count();
    }
}
