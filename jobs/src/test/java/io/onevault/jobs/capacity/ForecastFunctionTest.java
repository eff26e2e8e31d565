package io.onevault.jobs.capacity;

import static io.onevault.jobs.capacity.forecast.States.DAY;
import static io.onevault.jobs.capacity.forecast.States.HOUR;
import static io.onevault.jobs.capacity.forecast.States.T0;
import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import io.onevault.jobs.capacity.forecast.States;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.junit.jupiter.api.Test;

class ForecastFunctionTest {

    private static final ForecastSettings SETTINGS = ForecastSettings.DEFAULT;
    private static final long SPREAD = SETTINGS.spread().toMillis();

    @Test
    void resourceIsForecastOnceADayHoweverOftenItIsMeasured() throws Exception {
        try (var harness = harness()) {
            harness.open();
            for (int hour = 0; hour < 30 * 24; hour++) {
                measure(harness, hour, 100 + hour);
            }
            List<ResourceForecast> made = harness.extractOutputValues();
            assertThat(made).hasSizeBetween(28, 30);
            assertThat(made).extracting(ResourceForecast::asOf).doesNotHaveDuplicates();
        }
    }

    @Test
    void nothingNewIsNoReasonForAForecastAndSilenceEndsInNoStateAtAll() throws Exception {
        try (var harness = harness()) {
            harness.open();
            for (int hour = 0; hour < 3 * 24; hour++) {
                measure(harness, hour, 100 + hour);
            }
            harness.processWatermark(T0 + 5 * DAY);
            harness.processWatermark(T0 + 5 * DAY + SPREAD + 1);
            int made = harness.extractOutputValues().size();
            harness.processWatermark(T0 + 30 * DAY);
            assertThat(harness.extractOutputValues()).hasSize(made);
            assertThat(harness.numKeyedStateEntries()).isEqualTo(1);
            for (int day = 31; day < 66; day++) {
                harness.setProcessingTime(T0 + day * DAY);
                harness.processWatermark(T0 + day * DAY);
            }
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numProcessingTimeTimers()).isZero();
            assertThat(harness.numEventTimeTimers()).isZero();
        }
    }

    @Test
    void whatTheVaultRemembersComesBeforeAnyForecastInWhateverOrder() throws Exception {
        List<ResourceUtilization> past = new ArrayList<>();
        for (int day = 0; day < 100; day++) {
            past.add(remembered(day));
        }
        List<ResourceUtilization> mixed = new ArrayList<>(past);
        for (int hour = 0; hour < 5; hour++) {
            mixed.add(States.ofHour("disk", "STORAGE", 100 * 24 + hour, 1_100 + hour, 5_000));
        }
        List<ResourceForecast> expected = forecasts(mixed);
        assertThat(expected).hasSize(1);
        assertThat(expected.get(0).historyDays()).isEqualTo(101);
        mixed.addAll(past);
        Random random = new Random(9);
        for (int i = 0; i < 5; i++) {
            Collections.shuffle(mixed, random);
            assertThat(forecasts(mixed)).isEqualTo(expected);
        }
    }

    private static List<ResourceForecast> forecasts(List<ResourceUtilization> states)
            throws Exception {
        try (var harness = harness()) {
            harness.open();
            for (ResourceUtilization state : states) {
                harness.processElement(state, state.periodEnd());
            }
            assertThat(harness.extractOutputValues()).isEmpty();
            harness.processWatermark(T0 + 100 * DAY + 5 * HOUR);
            assertThat(harness.extractOutputValues()).as("put off").isEmpty();
            harness.processWatermark(T0 + 100 * DAY + 5 * HOUR + SPREAD + 1);
            return harness.extractOutputValues();
        }
    }

    @Test
    void restartInTheMiddleChangesNothing() throws Exception {
        List<ResourceForecast> uninterrupted;
        try (var harness = harness()) {
            harness.open();
            for (int hour = 0; hour < 20 * 24; hour++) {
                measure(harness, hour, 100 + hour);
            }
            uninterrupted = harness.extractOutputValues();
        }
        List<ResourceForecast> made = new ArrayList<>();
        OperatorSubtaskState checkpoint;
        try (var harness = harness()) {
            harness.open();
            for (int hour = 0; hour < 9 * 24 + 5; hour++) {
                measure(harness, hour, 100 + hour);
            }
            checkpoint = harness.snapshot(1, 1);
            made.addAll(harness.extractOutputValues());
        }
        try (var harness = harness()) {
            harness.initializeState(checkpoint);
            harness.open();
            for (int hour = 9 * 24 + 5; hour < 20 * 24; hour++) {
                measure(harness, hour, 100 + hour);
            }
            made.addAll(harness.extractOutputValues());
        }
        assertThat(made).isEqualTo(uninterrupted);
    }

    @Test
    void restartInTheMiddleOfTheBackfillChangesNothing() throws Exception {
        List<ResourceUtilization> past = new ArrayList<>();
        for (int day = 0; day < 100; day++) {
            past.add(remembered(day));
        }
        ResourceUtilization first = States.ofHour("disk", "STORAGE", 100 * 24, 1_100, 5_000);
        List<ResourceUtilization> whole = new ArrayList<>(past);
        whole.add(30, first);
        List<ResourceForecast> uninterrupted = forecasts(whole);
        OperatorSubtaskState checkpoint;
        try (var harness = harness()) {
            harness.open();
            for (ResourceUtilization state : whole.subList(0, 60)) {
                harness.processElement(state, state.periodEnd());
            }
            checkpoint = harness.snapshot(1, 1);
            // What comes after the checkpoint is lost with the process.
            for (ResourceUtilization state : whole.subList(60, 80)) {
                harness.processElement(state, state.periodEnd());
            }
        }
        try (var harness = harness()) {
            harness.initializeState(checkpoint);
            harness.open();
            // The part that was being read is read again from its beginning.
            for (ResourceUtilization state : past.subList(40, 100)) {
                harness.processElement(state, state.periodEnd());
            }
            harness.processWatermark(T0 + 100 * DAY + 5 * HOUR);
            harness.processWatermark(T0 + 100 * DAY + 5 * HOUR + SPREAD + 1);
            assertThat(harness.extractOutputValues()).isEqualTo(uninterrupted).hasSize(1);
        }
    }

    @Test
    void resourceThatSurprisesIsForecastBeforeItsTurn() throws Exception {
        try (var harness = harness()) {
            harness.open();
            for (int hour = 0; hour < 40 * 24; hour++) {
                measure(harness, hour, 1_000 + hour);
            }
            List<ResourceForecast> before = harness.extractOutputValues();
            long turn = before.get(before.size() - 1).asOf() + DAY;
            int hour = 40 * 24;
            while (T0 + hour * HOUR < turn + HOUR) {
                measure(harness, hour, 1_000 + hour);
                hour++;
            }
            int made = harness.extractOutputValues().size();
            for (int i = 0; i < 30; i++) {
                measure(harness, hour + i, 9_000);
                if (harness.extractOutputValues().size() > made) {
                    break;
                }
            }
            ResourceForecast early = harness.extractOutputValues().get(made);
            long foreseen = harness.extractOutputValues().get(made - 1).asOf() + DAY;
            assertThat(early.current()).isEqualTo(9_000);
            assertThat(early.asOf()).isLessThan(foreseen);
        }
    }

    @Test
    void aClockGoneAstrayDoesNotPushTheHistoryOutOfReach() throws Exception {
        try (var harness = harness()) {
            harness.open();
            for (int hour = 0; hour < 48; hour++) {
                measure(harness, hour, 100 + hour);
            }
            int made = harness.extractOutputValues().size();
            harness.processElement(
                    States.ofDay("disk", "STORAGE", 40_000, 1, 5_000), T0 + 40_000L * DAY);
            for (int hour = 48; hour < 96; hour++) {
                measure(harness, hour, 100 + hour);
            }
            List<ResourceForecast> all = harness.extractOutputValues();
            assertThat(all).hasSize(made + 2);
            assertThat(all.get(all.size() - 1).historyDays()).isGreaterThan(2);
        }
    }

    @Test
    void drainIsNobodysTurn() throws Exception {
        try (var harness = harness()) {
            harness.open();
            for (int hour = 0; hour < 48; hour++) {
                measure(harness, hour, 100 + hour);
            }
            int made = harness.extractOutputValues().size();
            harness.processWatermark(Long.MAX_VALUE);
            assertThat(harness.extractOutputValues()).hasSize(made);
        }
    }

    @Test
    void turnsOfManyResourcesAreSpreadOverTheDay() throws Exception {
        int resources = 500;
        try (var harness = harness()) {
            harness.open();
            aDayOf(resources, harness);
            long start = T0 + 25 * HOUR;
            harness.processWatermark(start);
            timePasses(harness, start, start + 2_000);
            assertThat(harness.extractOutputValues()).isEmpty();
            Map<Long, Integer> bySecond = new HashMap<>();
            int seen = 0;
            for (long t = 0; t <= SPREAD; t += 10_000) {
                harness.processWatermark(start + 1 + t);
                timePasses(harness, start + t, start + t + 10_000);
                int now = harness.extractOutputValues().size();
                bySecond.put(t, now - seen);
                seen = now;
            }
            assertThat(seen).isEqualTo(resources);
            assertThat(bySecond.values()).allSatisfy(n -> assertThat(n).isLessThan(40));
        }
    }

    @Test
    void turnsThatAreBehindLeaveRoomForOthersAndAreAllTakenEvenAfterARestart() throws Exception {
        int resources = 6 * Pace.STRETCH;
        long start = T0 + 25 * HOUR;
        List<ResourceForecast> made = new ArrayList<>();
        OperatorSubtaskState checkpoint;
        try (var harness = harness(atOnce())) {
            harness.open();
            aDayOf(resources, harness);
            harness.setProcessingTime(start);
            harness.processWatermark(start);
            timePasses(harness, start, start + 4_000);
            assertThat(harness.numProcessingTimeTimers()).isZero();
            assertThat(harness.extractOutputValues()).isEmpty();
            harness.processWatermark(start + 10);
            assertThat(harness.extractOutputValues()).hasSize(Pace.STRETCH);
            assertThat(harness.numProcessingTimeTimers()).isEqualTo(resources - Pace.STRETCH);
            // A state that comes while its resource waits makes no second turn.
            aDayOf(resources, harness);
            harness.processWatermark(start + 20);
            assertThat(harness.numProcessingTimeTimers()).isEqualTo(resources - Pace.STRETCH);
            timePasses(harness, start + 4_000, start + 4_000 + Pace.BEAT);
            assertThat(harness.extractOutputValues().size())
                    .isBetween(Pace.STRETCH + 1, 4 * Pace.STRETCH);
            checkpoint = harness.snapshot(1, 1);
            made.addAll(harness.extractOutputValues());
        }
        try (var harness = harness(atOnce())) {
            harness.initializeState(checkpoint);
            harness.open();
            timePasses(harness, start + 5_000, start + 9_000);
            assertThat(harness.extractOutputValues())
                    .as("event time has not yet begun again")
                    .isEmpty();
            harness.processWatermark(start + 20);
            timePasses(harness, start + 9_000, start + 13_000);
            made.addAll(harness.extractOutputValues());
            assertThat(harness.numProcessingTimeTimers()).isZero();
            assertThat(harness.numEventTimeTimers()).isEqualTo(resources);
        }
        assertThat(made)
                .extracting(forecast -> forecast.resource().series())
                .doesNotHaveDuplicates()
                .hasSize(resources);
    }

    /** A day of hours of each. */
    private static void aDayOf(
            int resources,
            KeyedOneInputStreamOperatorTestHarness<String, ResourceUtilization, ResourceForecast>
                    harness)
            throws Exception {
        for (int r = 0; r < resources; r++) {
            for (int hour = 0; hour < 25; hour++) {
                ResourceUtilization u =
                        States.ofHour("table" + r, "STORAGE", hour, hour, Double.NaN);
                harness.processElement(u, u.periodEnd());
            }
        }
    }

    /** The clock goes on without a jump. */
    private static void timePasses(
            KeyedOneInputStreamOperatorTestHarness<String, ResourceUtilization, ResourceForecast>
                    harness,
            long from,
            long until)
            throws Exception {
        for (long now = from; now <= until; now += 10) {
            harness.setProcessingTime(now);
        }
    }

    /** Turns of many resources that are due are not spread. */
    private static ForecastSettings atOnce() {
        return new ForecastSettings(
                SETTINGS.period(),
                SETTINGS.refit(),
                Duration.ofMillis(1),
                SETTINGS.historyDays(),
                SETTINGS.expiry(),
                SETTINGS.warning(),
                SETTINGS.critical(),
                true);
    }

    private static ResourceUtilization remembered(int day) {
        return States.at(
                "disk",
                "STORAGE",
                T0 + (day + 1) * DAY,
                1_000 + day,
                Double.NaN,
                ForecastTurns.VAULT);
    }

    private static void measure(
            KeyedOneInputStreamOperatorTestHarness<String, ResourceUtilization, ResourceForecast>
                    harness,
            int hour,
            double value)
            throws Exception {
        ResourceUtilization state = States.ofHour("disk", "STORAGE", hour, value, 5_000);
        harness.setProcessingTime(state.periodEnd());
        harness.processElement(state, state.periodEnd());
        harness.processWatermark(state.periodEnd());
    }

    private static KeyedOneInputStreamOperatorTestHarness<
                    String, ResourceUtilization, ResourceForecast>
            harness() throws Exception {
        return harness(SETTINGS);
    }

    private static KeyedOneInputStreamOperatorTestHarness<
                    String, ResourceUtilization, ResourceForecast>
            harness(ForecastSettings settings) throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new ForecastFunction(settings)),
                ResourceUtilization::series,
                Types.STRING);
    }
}
