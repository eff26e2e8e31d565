package io.onevault.jobs.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.alerts.rules.CapacityThreshold;
import io.onevault.jobs.alerts.rules.CapacityThreshold.Level;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import io.onevault.jobs.capacity.forecast.States;
import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class RuledForecastFunctionTest {

    private static final long SPREAD = ForecastSettings.DEFAULT.spread().toMillis();

    private int day;

    @Test
    void thresholdsOfTheVaultCountAndDoSoAfterARestart() throws Exception {
        OperatorSubtaskState checkpoint;
        try (var harness = harness()) {
            harness.open();
            assertLevels(forecast(harness, 20), 80, 90);
            harness.processElement2(
                    update(
                            List.of(
                                    threshold("a", "", "STORAGE", "disk", Level.WARNING, 70),
                                    threshold("b", "", "STORAGE", "", Level.WARNING, 60),
                                    threshold("c", "", "STORAGE", "other.*", Level.CRITICAL, 10),
                                    threshold("d", "", "CPU", "", Level.CRITICAL, 20),
                                    threshold("e", "ab", "STORAGE", "", Level.CRITICAL, 30)),
                            List.of()),
                    0);
            ResourceForecast earlier = forecast(harness, 2);
            assertLevels(earlier, 60, 90);
            checkpoint = harness.snapshot(1, 1);
        }
        try (var harness = harness()) {
            harness.initializeState(checkpoint);
            harness.open();
            assertLevels(forecast(harness, 2), 60, 90);
            harness.processElement2(update(List.of(), List.of("b")), 0);
            assertLevels(forecast(harness, 2), 70, 90);
        }
    }

    @Test
    void changedThresholdIsJudgedByWithTheNextStateAndByNobodyElse() throws Exception {
        try (var harness = harness()) {
            harness.open();
            forecast(harness, 20);
            int made = harness.extractOutputValues().size();
            // Its turn is over a day away; nothing is new, so nothing is said.
            long now = States.T0 + day * States.DAY;
            harness.processElement2(
                    update(
                            List.of(threshold("a", "", "STORAGE", "disk", Level.WARNING, 70)),
                            List.of()),
                    0);
            watermark(harness, now + SPREAD);
            int before = harness.extractOutputValues().size();
            assertThat(before - made).as("its own turn at most").isLessThanOrEqualTo(1);
            hour(harness, 0);
            watermark(harness, now + States.HOUR + SPREAD + 1);
            List<ResourceForecast> all = harness.extractOutputValues();
            ResourceForecast newest = all.get(all.size() - 1);
            assertLevels(newest, 70, 90);
            assertThat(newest.asOf()).isLessThanOrEqualTo(now + States.HOUR);
            int judged = all.size();
            // Of another type: not about this one.
            harness.processElement2(
                    update(List.of(threshold("b", "", "CPU", "", Level.WARNING, 10)), List.of()),
                    0);
            hour(harness, 1);
            hour(harness, 2);
            watermark(harness, now + 3 * States.HOUR + SPREAD + 1);
            assertThat(harness.extractOutputValues().size() - judged)
                    .as("its own turn at most")
                    .isLessThanOrEqualTo(1);
        }
    }

    private void hour(
            KeyedTwoInputStreamOperatorTestHarness<
                            String, ResourceUtilization, RuleUpdate, ResourceForecast>
                    harness,
            int hour)
            throws Exception {
        ResourceUtilization state =
                States.ofHour("disk", "STORAGE", day * 24 + hour, 100 + day, 400);
        harness.processElement1(state, state.periodEnd());
        watermark(harness, state.periodEnd());
    }

    private static void watermark(
            KeyedTwoInputStreamOperatorTestHarness<
                            String, ResourceUtilization, RuleUpdate, ResourceForecast>
                    harness,
            long time)
            throws Exception {
        harness.processWatermark1(new Watermark(time));
        harness.processWatermark2(new Watermark(time));
    }

    private static void assertLevels(ResourceForecast forecast, double warning, double critical) {
        assertThat(forecast.warning()).isEqualTo(warning);
        assertThat(forecast.critical()).isEqualTo(critical);
        assertThat(forecast.daysToWarning()).isLessThan(forecast.daysToCritical());
    }

    /** The newest forecast after some more days. */
    private ResourceForecast forecast(
            KeyedTwoInputStreamOperatorTestHarness<
                            String, ResourceUtilization, RuleUpdate, ResourceForecast>
                    harness,
            int days)
            throws Exception {
        for (int end = day + days; day < end; day++) {
            ResourceUtilization state = States.ofDay("disk", "STORAGE", day, 100 + day, 400);
            harness.processElement1(state, state.periodEnd());
            harness.processWatermark1(new Watermark(state.periodEnd()));
            harness.processWatermark2(new Watermark(state.periodEnd()));
        }
        List<ResourceForecast> all = harness.extractOutputValues();
        return all.get(all.size() - 1);
    }

    private static RuleUpdate update(List<CapacityThreshold> thresholds, List<String> retired) {
        return new RuleUpdate(1, List.of(), thresholds, List.of(), retired);
    }

    private static CapacityThreshold threshold(
            String key, String tenantKey, String type, String pattern, Level level, double share) {
        return new CapacityThreshold(
                key,
                tenantKey,
                1,
                "threshold " + key,
                type,
                pattern,
                level,
                share,
                0,
                5,
                false,
                0,
                0,
                List.of(),
                List.of(),
                "");
    }

    private static KeyedTwoInputStreamOperatorTestHarness<
                    String, ResourceUtilization, RuleUpdate, ResourceForecast>
            harness() throws Exception {
        return new KeyedTwoInputStreamOperatorTestHarness<>(
                new CoBroadcastWithKeyedOperator<>(
                        new RuledForecastFunction(ForecastSettings.DEFAULT),
                        List.of(RuledForecastFunction.THRESHOLDS)),
                ResourceUtilization::series,
                null,
                Types.STRING);
    }
}
