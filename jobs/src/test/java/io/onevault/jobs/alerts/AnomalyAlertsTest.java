package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.metrics.baseline.Deviation;
import io.onevault.jobs.testing.TestRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Deviations of one series and the alerts that rules with the condition ANOMALY make of them. */
class AnomalyAlertsTest {

    private static final String SERIES = "prod||sessions";
    private static final long T0 = 1_767_225_600_000L;
    private static final int MINUTE = 60;
    private static final double NONE = Double.NaN;

    private KeyedTwoInputStreamOperatorTestHarness<String, LiveValue, AlertOrder, AlertInstance>
            harness;
    private int heard;

    @BeforeEach
    void open() throws Exception {
        harness =
                new KeyedTwoInputStreamOperatorTestHarness<>(
                        new CoBroadcastWithKeyedOperator<>(
                                new AlertFunction(
                                        LifecycleSettings.DEFAULT,
                                        Map.of("sessions", "count"),
                                        Map.of("sessions", Duration.ofSeconds(10)),
                                        Duration.ofDays(1)),
                                List.of(AlertFunction.RULES, AlertFunction.SILENCES)),
                        LiveValue::series,
                        update -> "",
                        Types.STRING);
        harness.open();
        harness.processWatermarkStatus2(WatermarkStatus.IDLE);
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    @Test
    void aScoreFiresWhenItHasHeldAndClearsAtItsClearLevel() throws Exception {
        rules(rule("high", Direction.ABOVE, 6, 12, 3, 120, "one", 14));
        deviates(0, 5.9, 14);
        deviates(1, 7, 14);
        assertThat(heard()).containsExactly("high PENDING WARNING 7.0");
        deviates(2, 13, 14);
        deviates(3, 14, 14);
        assertThat(heard()).containsExactly("high FIRING WARNING 14.0");
        deviates(4, 15, 14);
        assertThat(heard()).containsExactly("high FIRING CRITICAL 15.0");
        assertThat(last().message())
                .isEqualTo(
                        "sessions on prod is 15 deviations from what is usual, critical from 12:"
                                + " 95 count, usually 31 ± 8");
        assertThat(last().subject().unit()).isEqualTo("deviations");
        deviates(5, 4, 14);
        assertThat(heard()).as("less bad, and not over").containsExactly("high FIRING WARNING 4.0");
        deviates(6, 3, 14);
        assertThat(heard()).containsExactly("high RESOLVED WARNING 4.0");
        assertThat(last().reason()).isEqualTo("in order again: 95 count, usually 31 ± 8");
    }

    @Test
    void lowScoresAndBothSidesHaveTheirRules() throws Exception {
        rules(
                rule("high", Direction.ABOVE, 6, NONE, NONE, 0, "one", 14),
                rule("low", Direction.BELOW, -6, -12, NONE, 0, "one", 14),
                rule("odd", Direction.ABOVE, 6, NONE, NONE, 0, "both", 14));
        deviates(0, -8, 20);
        assertThat(heard())
                .containsExactlyInAnyOrder("low FIRING WARNING -8.0", "odd FIRING WARNING 8.0");
        deviates(1, 0, 20);
        assertThat(heard()).hasSize(2).allMatch(said -> said.contains("RESOLVED"));
        deviates(2, 9, 20);
        assertThat(heard())
                .containsExactlyInAnyOrder("high FIRING WARNING 9.0", "odd FIRING WARNING 9.0");
    }

    @Test
    void aRuleWaitsForItsDaysOfPast() throws Exception {
        rules(rule("sure", Direction.ABOVE, 6, NONE, NONE, 0, "one", 28));
        deviates(0, 50, 27);
        assertThat(heard()).isEmpty();
        assertThat(harness.numKeyedStateEntries()).isZero();
        deviates(1, 50, 28);
        assertThat(heard()).containsExactly("sure FIRING WARNING 50.0");
    }

    @Test
    void deviationsAreForTheirRulesAndValuesForTheOthers() throws Exception {
        AlertRule plain =
                rule("plain", Condition.THRESHOLD, Map.of(), Direction.ABOVE, 50, NONE, NONE, 0);
        rules(plain, rule("odd", Direction.ABOVE, 6, NONE, NONE, 0, "one", 14));
        deviates(0, 20, 14);
        assertThat(heard()).containsExactly("odd FIRING WARNING 20.0");
        value(new LiveValue(SERIES, T0 + 70_000, 95));
        assertThat(heard()).containsExactly("plain FIRING WARNING 95.0");
        value(new LiveValue(SERIES, T0 + 80_000, 1));
        assertThat(heard()).containsExactly("plain RESOLVED WARNING 95.0");
    }

    @Test
    void aSeriesWithoutWindowsEndsItsAlertAfterAnHourAndLeavesNothing() throws Exception {
        rules(rule("odd", Direction.ABOVE, 6, NONE, NONE, 0, "one", 14));
        value(new LiveValue(SERIES, T0 - 1_000, 95));
        deviates(0, 20, 14);
        harness.processWatermark1(new Watermark(T0 + 59 * MINUTE * 1_000));
        assertThat(heard()).containsExactly("odd FIRING WARNING 20.0");
        harness.processWatermark1(new Watermark(T0 + 60 * MINUTE * 1_000));
        assertThat(heard()).containsExactly("odd RESOLVED WARNING 20.0");
        harness.processWatermark1(new Watermark(T0 + 5 * 60 * MINUTE * 1_000));
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    private void deviates(int minute, double score, int days) throws Exception {
        value(
                new LiveValue(
                        SERIES,
                        T0 + minute * MINUTE * 1_000L,
                        95,
                        "95 count, usually 31 ± 8",
                        new Deviation(score, days)));
    }

    private void value(LiveValue value) throws Exception {
        harness.processElement1(new StreamRecord<>(value, value.timestamp()));
    }

    private List<String> heard() {
        List<AlertInstance> all = harness.extractOutputValues();
        List<String> said = new ArrayList<>();
        for (AlertInstance alert : all.subList(heard, all.size())) {
            said.add(
                    alert.subject().ruleName()
                            + " "
                            + alert.status()
                            + " "
                            + alert.severity()
                            + " "
                            + alert.value());
        }
        heard = all.size();
        return said;
    }

    private AlertInstance last() {
        List<AlertInstance> all = harness.extractOutputValues();
        return all.get(all.size() - 1);
    }

    private void rules(AlertRule... rules) throws Exception {
        RuleUpdate update = new RuleUpdate(1, List.of(rules), List.of(), List.of(), List.of());
        harness.processElement2(new StreamRecord<>(new AlertOrder(update, null)));
    }

    private static AlertRule rule(
            String name,
            Direction direction,
            double warning,
            double critical,
            double clear,
            int holdSeconds,
            String sides,
            int days) {
        return rule(
                name,
                Condition.ANOMALY,
                Map.of("baseline_days", Integer.toString(days), "sides", sides),
                direction,
                warning,
                critical,
                clear,
                holdSeconds);
    }

    private static AlertRule rule(
            String name,
            Condition condition,
            Map<String, String> parameters,
            Direction direction,
            double warning,
            double critical,
            double clear,
            int holdSeconds) {
        return TestRule.named(name)
                .key((name + "0".repeat(64)).substring(0, 64))
                .metric("sessions")
                .condition(condition)
                .parameters(parameters)
                .direction(direction)
                .thresholds(warning, critical)
                .clear(clear)
                .forSeconds(holdSeconds)
                .suppressionMinutes(0)
                .build();
    }
}
