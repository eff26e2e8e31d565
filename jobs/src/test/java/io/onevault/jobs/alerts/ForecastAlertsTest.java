package io.onevault.jobs.alerts;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.jobs.alerts.findings.FindingMetrics;
import io.onevault.jobs.alerts.findings.ForecastFindings;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertStatus;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.CapacityRules;
import io.onevault.jobs.alerts.rules.CapacityThreshold;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.capacity.forecast.ForecastState;
import io.onevault.jobs.capacity.forecast.Levels;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import io.onevault.jobs.capacity.forecast.States;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.metrics.Outlook;
import io.onevault.jobs.testing.TestRule;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.co.CoBroadcastWithKeyedOperator;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Histories of a disk with known truth, forecast each day, and the alerts that come of them. */
class ForecastAlertsTest {

    private static final int DAYS = 200;
    private static final int FIRST = 120;
    private static final double FULL = 10_000;
    private static final double NONE = Double.NaN;
    private static final String DISK = "disk_used_bytes";

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
                                        Map.of("disk_usage_pct", "%", "days_to_capacity", "days"),
                                        FindingMetrics.intervals(Duration.ofDays(1)),
                                        Duration.ofDays(1)),
                                List.of(AlertFunction.RULES, AlertFunction.SILENCES)),
                        LiveValue::series,
                        update -> "",
                        Types.STRING);
        harness.open();
        harness.processWatermarkStatus2(WatermarkStatus.IDLE);
        rules();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    /** The default rule, a rule with the condition FORECAST, and a threshold in days. */
    private void rules() throws Exception {
        AlertRule days =
                rule("days", "days_to_capacity", Condition.THRESHOLD, Direction.BELOW, 30, 7, 45);
        AlertRule level =
                rule("level", "disk_usage_pct", Condition.FORECAST, Direction.ABOVE, 95, NONE, 90);
        CapacityThreshold threshold =
                new CapacityThreshold(
                        "c".repeat(64),
                        "",
                        1,
                        "disks",
                        "STORAGE",
                        "disk.*",
                        CapacityThreshold.Level.CRITICAL,
                        NONE,
                        20,
                        5,
                        false,
                        0,
                        0,
                        List.of(),
                        List.of(),
                        "");
        RuleUpdate update =
                new RuleUpdate(1, List.of(days, level), List.of(threshold), List.of(), List.of());
        harness.processElement2(
                new StreamRecord<>(new AlertOrder(CapacityRules.added(update), null)));
    }

    @Test
    void steadyGrowthIsToldWhenFewDaysAreLeftAndNotBefore() throws Exception {
        Random noise = new Random(1);
        // 95 % on day 190, full on day 200; 50 a day.
        live(day -> FULL - 50 * (DAYS - day) + noise.nextGaussian() * 20);
        assertThat(firings("days")).containsExactly("WARNING", "CRITICAL");
        assertThat(firings("level")).containsExactly("WARNING");
        assertThat(firings("capacity: disks CRITICAL")).containsExactly("CRITICAL");
        assertThat(daysLeftAtFirst("days")).isBetween(23, 33);
        assertThat(daysLeftAtFirst("level")).isBetween(33, 43);
        assertThat(daysLeftAtFirst("capacity: disks CRITICAL")).isBetween(14, 24);
        assertThat(first("days").message())
                .contains("days_to_capacity")
                .contains("resource=" + DISK)
                .contains("full in")
                .contains("Confidence");
        assertThat(first("level").message()).contains("is expected to be").contains("30 days");
    }

    @Test
    void whatDoesNotGrowIsNeverAlerted() throws Exception {
        Random noise = new Random(2);
        for (double level : List.of(0.5, 0.7, 0.85)) {
            live(day -> level * FULL + noise.nextGaussian() * 50);
        }
        double[] walk = {0.7 * FULL};
        live(day -> walk[0] += 0.3 * (0.7 * FULL - walk[0]) + noise.nextGaussian() * 40);
        double[] wild = {0.85 * FULL};
        live(day -> wild[0] += 0.3 * (0.85 * FULL - wild[0]) + noise.nextGaussian() * 150);
        assertThat(harness.extractOutputValues()).isEmpty();
        assertThat(harness.numKeyedStateEntries()).isZero();
    }

    @Test
    void whatIsLikelyToBeFullAtSomeTimeIsToldThoughTheCentralPathIsNotThere() throws Exception {
        int told = 0;
        for (int seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            double[] walk = new double[DAYS];
            for (int day = 1; day < DAYS; day++) {
                walk[day] = walk[day - 1] + 20 * random.nextGaussian();
            }
            ForecastState job = new ForecastState();
            for (int day = 0; day < DAYS; day++) {
                double use = FULL - 40 + walk[day] - walk[DAYS - 1];
                job.add(States.ofDay(DISK + seed, "STORAGE", day, use, FULL + 400), true, 730);
            }
            // What was used of it was more at times: a smaller one since.
            int last = DAYS;
            job.add(States.ofDay(DISK + seed, "STORAGE", last, FULL - 40, FULL), true, 730);
            ResourceForecast forecast = job.look(Levels.of(ForecastSettings.DEFAULT));
            assertThat(forecast).isNotNull();
            boolean central = forecast.daysToCapacity() <= 30;
            boolean likely = forecast.likelyDaysToCapacity() <= 30;
            assertThat(likely || !central).as("no later than the central path").isTrue();
            List<LiveValue> values = new ArrayList<>();
            ForecastFindings.values(forecast, values::add);
            assertThat(values)
                    .filteredOn(value -> value.series().contains("|days_to_capacity|"))
                    .singleElement()
                    .extracting(LiveValue::value)
                    .isEqualTo(
                            Double.isNaN(forecast.likelyDaysToCapacity())
                                    ? ForecastFindings.NEVER
                                    : forecast.likelyDaysToCapacity());
            int before = firings("days").size();
            for (LiveValue value : values) {
                value(value);
            }
            assertThat(firings("days").size() > before).isEqualTo(likely);
            told += likely && !central ? 1 : 0;
        }
        assertThat(told).isPositive();
    }

    @Test
    void roomThatIsMadeEndsTheAlert() throws Exception {
        Random noise = new Random(3);
        live(
                day ->
                        day < 185
                                ? FULL - 50 * (DAYS - day) + noise.nextGaussian() * 20
                                : 0.3 * FULL + noise.nextGaussian() * 20);
        assertThat(firings("days")).contains("WARNING");
        AlertInstance last = harness.extractOutputValues().get(last("days"));
        assertThat(last.status()).isEqualTo(AlertStatus.RESOLVED);
        assertThat(last.reason()).startsWith("in order again: ");
    }

    @Test
    void whatIsExpectedIsNoValueAndAValueIsNoForecast() throws Exception {
        String series = "prod||disk_usage_pct";
        value(new LiveValue(series, States.T0, 99));
        assertThat(harness.extractOutputValues()).isEmpty();
        Outlook rising = new Outlook(List.of(0.0, 7.0, 90.0), List.of(50.0, 60.0, 143.0));
        assertThat(rising.farthest(30, true)).isEqualTo(83);
        assertThat(rising.farthest(365, true)).isEqualTo(143);
        assertThat(rising.farthest(30, false)).isEqualTo(50);
        value(new LiveValue(series, States.T0 + 1, 50, "", rising));
        assertThat(harness.extractOutputValues()).isEmpty();
        Outlook full = new Outlook(List.of(0.0, 7.0), List.of(50.0, 96.0));
        value(new LiveValue(series, States.T0 + 2, 50, "why", full));
        assertThat(heard()).containsExactly("level FIRING WARNING");
        value(new LiveValue(series, States.T0 + 2, 50, "why", full));
        value(new LiveValue(series, States.T0 + 3, 50));
        assertThat(heard()).as("the same again, and a value").isEmpty();
    }

    @Test
    void aYoungResourceIsNotSaidToFillUpInAWeek() {
        ForecastState job = new ForecastState();
        for (int hour = 0; hour < 4 * 24; hour++) {
            job.add(States.ofHour(DISK, "STORAGE", hour, 5_000 + 15 * hour, FULL), true, 730);
        }
        ResourceForecast forecast = job.look(Levels.of(ForecastSettings.DEFAULT));
        assertThat(forecast).isNotNull();
        assertThat(forecast.daysToCapacity()).as("by three days of growth").isBetween(8.0, 12.0);
        List<LiveValue> values = new ArrayList<>();
        ForecastFindings.values(forecast, values::add);
        assertThat(values)
                .filteredOn(value -> value.series().contains("|days_to_capacity|"))
                .singleElement()
                .extracting(LiveValue::value)
                .isEqualTo(ForecastFindings.NEVER);
    }

    /** A history as it comes, with a forecast each day from the first on. */
    private void live(IntToDoubleFunction use) throws Exception {
        ForecastState job = new ForecastState();
        for (int day = 0; day < DAYS; day++) {
            job.add(States.ofDay(DISK, "STORAGE", day, use.applyAsDouble(day), FULL), true, 730);
            if (day >= FIRST) {
                ResourceForecast forecast = job.look(Levels.of(ForecastSettings.DEFAULT));
                List<LiveValue> values = new ArrayList<>();
                ForecastFindings.values(forecast, values::add);
                for (LiveValue value : values) {
                    value(value);
                }
            }
        }
    }

    private void value(LiveValue value) throws Exception {
        harness.processElement1(new StreamRecord<>(value, value.timestamp()));
    }

    private List<String> heard() {
        List<AlertInstance> all = harness.extractOutputValues();
        List<String> said = new ArrayList<>();
        for (AlertInstance alert : all.subList(heard, all.size())) {
            said.add(alert.subject().ruleName() + " " + alert.status() + " " + alert.severity());
        }
        heard = all.size();
        return said;
    }

    /** Severities as a rule's alerts were told. */
    private List<String> firings(String rule) {
        return harness.extractOutputValues().stream()
                .filter(alert -> alert.subject().ruleName().equals(rule))
                .filter(alert -> alert.status() == AlertStatus.FIRING)
                .map(alert -> alert.severity().name())
                .toList();
    }

    private AlertInstance first(String rule) {
        return harness.extractOutputValues().stream()
                .filter(alert -> alert.subject().ruleName().equals(rule))
                .findFirst()
                .orElseThrow();
    }

    private int last(String rule) {
        List<AlertInstance> all = harness.extractOutputValues();
        int last = -1;
        for (int i = 0; i < all.size(); i++) {
            last = all.get(i).subject().ruleName().equals(rule) ? i : last;
        }
        return last;
    }

    private int daysLeftAtFirst(String rule) {
        return DAYS - (int) ((first(rule).at() - States.T0) / States.DAY);
    }

    private static AlertRule rule(
            String name,
            String metric,
            Condition condition,
            Direction direction,
            double warning,
            double critical,
            double clear) {
        return TestRule.named(name)
                .key((name + "0".repeat(64)).substring(0, 64))
                .metric(metric)
                .condition(condition)
                .parameters(
                        condition == Condition.FORECAST ? Map.of("horizon_days", "30") : Map.of())
                .direction(direction)
                .thresholds(warning, critical)
                .clear(clear)
                .build();
    }
}
