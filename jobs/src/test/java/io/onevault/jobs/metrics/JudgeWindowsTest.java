package io.onevault.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.MetricKind;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class JudgeWindowsTest {

    private static final long DAY = 86_400_000L;

    private KeyedTwoInputStreamOperatorTestHarness<String, MetricWindow, RuleUpdate, MetricWindow>
            harness;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void catalogueJudgesUntilThereAreRules() throws Exception {
        assertThat(said(passed(Windows.minute("m", "", 0, 90)))).isEqualTo("WARNING  0");
    }

    @Test
    void latestWindowIsJudgedAgainWhenARuleChangesItsJudgement() throws Exception {
        passed(Windows.minute("m", "", 0, 50));
        passed(Windows.minute("m", "", 1, 50));
        passed(Windows.minute("other", "", 1, 50));
        assertThat(updated(10, "a", 40))
                .singleElement()
                .satisfies(
                        window -> {
                            assertThat(window.windowStart()).isEqualTo(Windows.T0 + 60_000);
                            assertThat(said(window)).isEqualTo("WARNING a 10");
                        });
        assertThat(updated(20, "a", 45)).hasSize(1);
        assertThat(updated(30, "a", 45)).as("nothing else is said").isEmpty();
        assertThat(said(passed(Windows.minute("m", "", 2, 44)))).isEqualTo("NORMAL a 30");
        List<MetricWindow> retired =
                update(new RuleUpdate(40, List.of(), List.of(), List.of("key-a"), List.of()));
        assertThat(retired).hasSize(1);
        assertThat(said(retired.get(0)))
                .as("judged later, although by no rule, so that it stands in the vault")
                .isEqualTo("NORMAL  40");
    }

    @Test
    void amendedAndRolledUpWindowsAreJudgedWhenTheyCome() throws Exception {
        updated(10, "a", 40);
        passed(Windows.minute("m", "", 5, 50));
        assertThat(said(passed(Windows.minute("m", "", 4, 50)))).isEqualTo("WARNING a 10");
        MetricWindow hour = Windows.of("m", "", Windows.T0 + DAY, 3_600, 50, 50, 50);
        assertThat(said(passed(hour))).isEqualTo("WARNING a 10");
        assertThat(updated(20, "a", 60))
                .extracting(MetricWindow::windowStart)
                .containsExactly(Windows.T0 + 5 * 60_000L);
    }

    @Test
    void rulesAndLatestWindowsOutliveAFailure() throws Exception {
        updated(10, "a", 40);
        passed(Windows.minute("m", "", 0, 50));
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = harness();
        harness.initializeState(state);
        harness.open();
        assertThat(said(passed(Windows.minute("other", "", 0, 50)))).isEqualTo("NORMAL  10");
        assertThat(said(updated(20, "a", 60).get(0))).isEqualTo("NORMAL a 20");
    }

    @Test
    void stateOfASilentSeriesIsCleared() throws Exception {
        for (int minute = 0; minute < 100; minute++) {
            passed(Windows.minute("m", "", minute, 50));
            harness.processWatermark1(new Watermark(Windows.T0 + minute * 60_000L));
        }
        passed(Windows.minute("rare", "", 0, 50));
        assertThat(harness.numEventTimeTimers()).as("one for each series").isEqualTo(2);
        harness.processWatermark2(new Watermark(Long.MAX_VALUE));
        harness.processWatermark1(new Watermark(Windows.T0 + DAY + 60_000));
        assertThat(harness.numKeyedStateEntries()).isEqualTo(2);
        harness.processWatermark1(new Watermark(Windows.T0 + DAY + 100 * 60_000L));
        assertThat(harness.numKeyedStateEntries()).as("polled once a day").isEqualTo(1);
        harness.processWatermark1(new Watermark(Windows.T0 + 9 * DAY));
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
        assertThat(updated(10, "a", 40)).isEmpty();
    }

    @Test
    void idleRulesNeitherHoldTimeBackNorEndIt() throws Exception {
        harness.processWatermark1(new Watermark(1));
        assertThat(watermarks()).as("held, while the rules could still have a time").isEmpty();
        harness.processWatermarkStatus2(WatermarkStatus.IDLE);
        harness.processWatermark1(new Watermark(2));
        assertThat(watermarks()).contains(2L);
        harness.processWatermarkStatus1(WatermarkStatus.IDLE);
        assertThat(watermarks()).doesNotContain(Long.MAX_VALUE);
        harness.processWatermarkStatus1(WatermarkStatus.ACTIVE);
        harness.processWatermark1(new Watermark(3));
        assertThat(watermarks()).endsWith(3L);
    }

    private List<Long> watermarks() {
        List<Long> times = new ArrayList<>();
        for (Object element : harness.getOutput()) {
            if (element instanceof Watermark watermark) {
                times.add(watermark.getTimestamp());
            }
        }
        return times;
    }

    private MetricWindow passed(MetricWindow window) throws Exception {
        harness.getOutput().clear();
        harness.processElement1(new StreamRecord<>(window));
        return harness.extractOutputValues().get(0);
    }

    private List<MetricWindow> updated(long version, String name, double warning) throws Exception {
        AlertRule rule =
                WindowJudgeTest.rule(
                        name, Condition.THRESHOLD, warning, Double.NaN, Direction.ABOVE);
        return update(new RuleUpdate(version, List.of(rule), List.of(), List.of(), List.of()));
    }

    private List<MetricWindow> update(RuleUpdate update) throws Exception {
        harness.getOutput().clear();
        harness.processElement2(new StreamRecord<>(update));
        return harness.extractOutputValues();
    }

    private static String said(MetricWindow window) {
        return "%s %s %d".formatted(window.status(), window.ruleName(), window.ruleVersion());
    }

    private static KeyedTwoInputStreamOperatorTestHarness<
                    String, MetricWindow, RuleUpdate, MetricWindow>
            harness() throws Exception {
        JudgeWindows judge =
                new JudgeWindows(
                        WindowSettings.DEFAULT,
                        Map.of("m", definition("m"), "rare", definition("rare")),
                        Map.of("rare", Duration.ofDays(1)));
        return new KeyedTwoInputStreamOperatorTestHarness<>(
                new CoBroadcastWithKeyedOperator<>(
                        judge,
                        List.of(JudgeWindows.RULES, JudgeWindows.THRESHOLDS, JudgeWindows.VERSION)),
                MetricWindow::series,
                null,
                Types.STRING);
    }

    private static MetricDefinition definition(String name) {
        return new MetricDefinition(
                name, MetricKind.GAUGE, "%", "CAPACITY", 80, 95, Direction.ABOVE, "");
    }
}
