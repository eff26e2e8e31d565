package io.onevault.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.MetricDefinition.Judged;
import io.onevault.connectors.model.MetricKind;
import io.onevault.connectors.model.Sample;
import io.onevault.connectors.model.SeriesId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricWindowsTest {

    private static final long MINUTE = 60_000;
    private static final long T0 = 1_760_000_400_000L / 3_600_000L * 3_600_000L;
    private static final String GAUGE = id("active_connections", Map.of());
    private static final String LABELLED = id("active_connections", Map.of("user", "app"));
    private static final String COUNTER = id("xact_commit", Map.of());
    private static final String UP = id("target_up", Map.of());
    private static final String RATIO = id("cache_hit_ratio_pct", Map.of());

    private static final Map<String, MetricDefinition> DEFINITIONS =
            Map.of(
                    "target_up",
                    new MetricDefinition(
                            "target_up",
                            MetricKind.GAUGE,
                            "count",
                            "AVAILABILITY",
                            Double.NaN,
                            0,
                            Direction.BELOW,
                            Judged.WORST,
                            ""),
                    "active_connections",
                    definition("active_connections", MetricKind.GAUGE, 80, 150, Direction.ABOVE),
                    "xact_commit",
                    definition(
                            "xact_commit",
                            MetricKind.COUNTER,
                            Double.NaN,
                            Double.NaN,
                            Direction.ABOVE),
                    "cache_hit_ratio_pct",
                    definition("cache_hit_ratio_pct", MetricKind.RATIO, 95, 90, Direction.BELOW));

    private static final Map<String, Duration> INTERVALS =
            Map.of("xact_commit", Duration.ofSeconds(10));

    @Test
    void gaugeWindowHoldsTheStatisticsOfItsSamples() throws Exception {
        List<Sample> samples = new ArrayList<>();
        for (int i = 1; i <= 10; i++) {
            samples.add(Sample.gauge(GAUGE, T0 + i * 5_000L, i));
        }
        MetricWindow window = only(run(samples, T0 + 2 * MINUTE));
        assertThat(window.windowStart()).isEqualTo(T0);
        assertThat(window.windowSeconds()).isEqualTo(60);
        assertThat(window.sampleCount()).isEqualTo(10);
        assertThat(window.min()).isEqualTo(1);
        assertThat(window.max()).isEqualTo(10);
        assertThat(window.mean()).isEqualTo(5.5);
        assertThat(window.last()).isEqualTo(10);
        assertThat(window.p50()).isEqualTo(5);
        assertThat(window.p95()).isEqualTo(10);
        assertThat(window.measuredAt()).isEqualTo(T0 + 50_000);
        assertThat(window.status()).isEqualTo("NORMAL");
        assertThat(window.target()).isEqualTo("prod");
    }

    @Test
    void lowIsBadForAHitRatioAndHighForConnections() throws Exception {
        List<Sample> samples =
                List.of(
                        Sample.gauge(GAUGE, T0, 150),
                        new Sample(RATIO, T0, 100_000, 1_000, 1),
                        new Sample(RATIO, T0 + 10_000, 109_300, 1_100, 1));
        List<MetricWindow> windows = run(samples, T0 + MINUTE);
        assertThat(byMetric(windows, "active_connections").status()).isEqualTo("CRITICAL");
        MetricWindow ratio = byMetric(windows, "cache_hit_ratio_pct");
        assertThat(ratio.mean()).isEqualTo(93);
        assertThat(ratio.status()).isEqualTo("WARNING");
    }

    @Test
    void counterBecomesARatePerSecondAcrossWindows() throws Exception {
        List<MetricWindow> windows =
                run(
                        List.of(
                                new Sample(COUNTER, T0 + 55_000, 1_000, 1, 7),
                                new Sample(COUNTER, T0 + 65_000, 1_500, 1, 7)),
                        T0 + 2 * MINUTE);
        MetricWindow window = only(windows);
        assertThat(window.windowStart()).isEqualTo(T0 + MINUTE);
        assertThat(window.mean()).isEqualTo(50);
    }

    @Test
    void counterResetYieldsNoRateForItsIntervalAndNoNegativeOne() throws Exception {
        List<MetricWindow> windows =
                run(
                        List.of(
                                new Sample(COUNTER, T0, 1_000_000, 1, 7),
                                // Counted beyond the old value since the reset: only the epoch
                                // tells.
                                new Sample(COUNTER, T0 + 10_000, 2_000_000, 1, T0 + 5_000),
                                new Sample(COUNTER, T0 + 20_000, 2_000_010, 1, T0 + 5_000),
                                // Fell without a new epoch.
                                new Sample(COUNTER, T0 + 30_000, 5, 1, T0 + 5_000),
                                new Sample(COUNTER, T0 + 40_000, 15, 1, T0 + 5_000)),
                        T0 + MINUTE);
        MetricWindow window = only(windows);
        assertThat(window.min()).isEqualTo(1);
        assertThat(window.max()).isEqualTo(1);
        assertThat(window.sampleCount()).isEqualTo(5);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void lateDuplicateAndReorderedSamplesEndInTheSameRows(long seed) throws Exception {
        Random random = new Random(seed);
        List<Sample> orderly = new ArrayList<>();
        double count = 0;
        long epoch = 1;
        for (int i = 0; i < 480; i++) {
            long time = T0 + i * 10_000L;
            orderly.add(Sample.gauge(GAUGE, time, random.nextInt(200)));
            count = random.nextInt(40) == 0 ? 0 : count + random.nextInt(1_000);
            epoch = count == 0 ? time : epoch;
            orderly.add(new Sample(COUNTER, time, count, 1, epoch));
        }
        List<Sample> disorderly = new ArrayList<>(orderly);
        for (int i = 0; i < 60; i++) {
            disorderly.add(orderly.get(random.nextInt(orderly.size())));
        }
        Collections.shuffle(disorderly, random);
        // Within four minutes of order, the lateness being five.
        java.util.IdentityHashMap<Sample, Long> delayed = new java.util.IdentityHashMap<>();
        List<Sample> copies = new ArrayList<>();
        for (Sample s : disorderly) {
            Sample copy =
                    new Sample(s.series(), s.timestamp(), s.value(), s.per(), s.counterEpoch());
            delayed.put(copy, s.timestamp() + random.nextInt(240_000));
            copies.add(copy);
        }
        copies.sort(Comparator.comparing(delayed::get));

        Map<String, MetricWindow> expected = standing(runInOrder(orderly, s -> s.timestamp()));
        Map<String, MetricWindow> actual = standing(runInOrder(copies, delayed::get));

        assertThat(actual.keySet()).isEqualTo(expected.keySet());
        expected.forEach((window, row) -> assertThat(actual.get(window)).isEqualTo(row));
        assertThat(expected).hasSizeGreaterThan(160);
    }

    @Test
    void sampleBeyondLatenessGoesToTheSideOutputAndChangesNothing() throws Exception {
        try (var harness = harness()) {
            harness.processElement(Sample.gauge(GAUGE, T0, 1), T0);
            harness.processWatermark(T0 + 6 * MINUTE);
            harness.processElement(Sample.gauge(GAUGE, T0 + 1, 9), T0 + 1);
            assertThat(harness.getSideOutput(MetricWindows.TOO_LATE)).hasSize(1);
            assertThat(harness.extractOutputValues())
                    .filteredOn(w -> w.sampleCount() > 0)
                    .singleElement()
                    .extracting(MetricWindow::max)
                    .isEqualTo(1.0);
        }
    }

    @Test
    void silenceOfAnUnlabelledSeriesIsUnknownOnceAndALabelledOneJustEnds() throws Exception {
        List<MetricWindow> windows =
                run(
                        List.of(Sample.gauge(GAUGE, T0, 1), Sample.gauge(LABELLED, T0, 1)),
                        T0 + 20 * MINUTE);
        assertThat(windows)
                .filteredOn(w -> w.status().equals("UNKNOWN"))
                .singleElement()
                .satisfies(
                        w -> {
                            assertThat(w.labels()).isEmpty();
                            assertThat(w.sampleCount()).isZero();
                            assertThat(w.windowStart()).isEqualTo(T0 + 3 * MINUTE);
                        });
    }

    @Test
    void hourAndDayRowsMergeTheClosedWindows() throws Exception {
        List<Sample> samples = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        Random random = new Random(1);
        for (long t = T0; t < T0 + 3_600_000; t += 10_000) {
            double value = Math.exp(random.nextGaussian());
            values.add(value);
            samples.add(Sample.gauge(GAUGE, t, value));
        }
        Collections.sort(values);
        long dayEnd = Math.floorDiv(T0, 86_400_000L) * 86_400_000L + 86_400_000L;
        List<MetricWindow> windows = run(samples, dayEnd + 5 * MINUTE);
        for (int seconds : new int[] {3_600, 86_400}) {
            MetricWindow rollUp =
                    windows.stream().filter(w -> w.windowSeconds() == seconds).findFirst().get();
            assertThat(rollUp.sampleCount()).isEqualTo(360);
            assertThat(rollUp.min()).isEqualTo(values.get(0));
            assertThat(rollUp.max()).isEqualTo(values.get(359));
            double p95 = values.get(341);
            assertThat(rollUp.p95()).isCloseTo(p95, within(p95 * 0.03));
            assertThat(rollUp.mean())
                    .isCloseTo(
                            values.stream().mapToDouble(v -> v).average().getAsDouble(),
                            within(1e-9));
        }
        assertThat(windows.stream().filter(w -> w.windowSeconds() == 3_600)).hasSize(1);
    }

    @Test
    void seriesThatEndsBeforeItsDayDoesStillYieldsItsHourAndDay() throws Exception {
        WindowSettings forgetful =
                new WindowSettings(
                        Duration.ofSeconds(1),
                        Duration.ofSeconds(2),
                        Duration.ofSeconds(3),
                        Duration.ofMinutes(1));
        try (var harness = unopened(forgetful)) {
            harness.open();
            harness.processElement(Sample.gauge(GAUGE, T0, 1), T0);
            harness.processWatermark(T0 + 10 * MINUTE);
            assertThat(harness.extractOutputValues())
                    .extracting(MetricWindow::windowSeconds)
                    .contains(3_600, 86_400);
            assertThat(harness.numKeyedStateEntries()).isZero();
        }
    }

    @Test
    void metricJudgedByItsWorstValueIsCriticalWhenItWasBadOnce() throws Exception {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            samples.add(Sample.gauge(UP, T0 + i * 10_000L, i == 3 ? 0 : 1));
        }
        MetricWindow window = only(run(samples, T0 + MINUTE));
        assertThat(window.mean()).isGreaterThan(0.5);
        assertThat(window.status()).isEqualTo("CRITICAL");
    }

    @Test
    void serverClockStepNeitherInventsARateNorANegativeOne() throws Exception {
        List<Sample> samples = new ArrayList<>();
        // A hundred a second, looked at every ten seconds; the clock goes back ten seconds.
        for (int i = 0; i < 12; i++) {
            long clock = T0 + i * 10_000L - (i >= 6 ? 9_997 : 0);
            samples.add(new Sample(COUNTER, clock, 1_000 * i, 1, 1));
        }
        assertThat(run(samples, T0 + 5 * MINUTE))
                .filteredOn(w -> w.sampleCount() > 0 && !Double.isNaN(w.max()))
                .isNotEmpty()
                .allSatisfy(
                        w -> {
                            assertThat(w.min()).isGreaterThanOrEqualTo(0);
                            assertThat(w.max()).isLessThan(250);
                        });
    }

    @Test
    void ratioWithoutAnyChangeIsUnknownAndNotWhatItWas() throws Exception {
        List<MetricWindow> windows =
                run(
                        List.of(
                                new Sample(RATIO, T0, 100_000, 1_000, 1),
                                new Sample(RATIO, T0 + 10_000, 100_000 + 8_000, 1_100, 1),
                                new Sample(RATIO, T0 + MINUTE, 100_000 + 8_000, 1_100, 1)),
                        T0 + 2 * MINUTE);
        assertThat(windows).extracting(MetricWindow::status).containsExactly("CRITICAL", "UNKNOWN");
    }

    @Test
    void windowsOfAnEarlierLongerLatenessAreClosedToo() throws Exception {
        WindowSettings shorter =
                new WindowSettings(
                        Duration.ofMinutes(1),
                        Duration.ofMinutes(2),
                        Duration.ofMinutes(3),
                        Duration.ofHours(1));
        try (var before = harness();
                var after = unopened(shorter)) {
            before.processElement(Sample.gauge(GAUGE, T0, 1), T0);
            before.processWatermark(T0 + 4 * MINUTE);
            after.setup();
            after.initializeState(before.snapshot(1, 1));
            after.open();
            after.processElement(Sample.gauge(GAUGE, T0 + 4 * MINUTE, 3), T0 + 4 * MINUTE);
            after.processWatermark(Long.MAX_VALUE);
            assertThat(after.extractOutputValues())
                    .filteredOn(w -> w.windowSeconds() == 3_600)
                    .singleElement()
                    .extracting(MetricWindow::sampleCount)
                    .isEqualTo(2L);
            assertThat(after.numKeyedStateEntries()).isZero();
        }
    }

    @Test
    void stateOfASilentSeriesIsCleared() throws Exception {
        try (var harness = harness()) {
            harness.processElement(new Sample(COUNTER, T0, 1, 1, 1), T0);
            harness.processElement(new Sample(COUNTER, T0 + 10_000, 5, 1, 1), T0 + 10_000);
            assertThat(harness.numKeyedStateEntries()).isPositive();
            harness.processWatermark(T0 + Duration.ofDays(2).toMillis());
            assertThat(harness.numKeyedStateEntries()).isZero();
            assertThat(harness.numEventTimeTimers()).isZero();
        }
    }

    @Test
    void drainingTheJobClosesEveryWindowAndReportsNoAbsence() throws Exception {
        List<MetricWindow> windows = run(List.of(Sample.gauge(GAUGE, T0, 1)), Long.MAX_VALUE);
        assertThat(windows)
                .extracting(MetricWindow::windowSeconds, MetricWindow::status)
                .containsExactlyInAnyOrder(
                        tuple(60, "NORMAL"), tuple(3_600, "NORMAL"), tuple(86_400, "NORMAL"));
    }

    @Test
    void stateSurvivesASnapshot() throws Exception {
        try (var before = harness();
                var after = unopened()) {
            before.processElement(Sample.gauge(GAUGE, T0, 1), T0);
            before.processElement(new Sample(COUNTER, T0, 10, 1, 3), T0);
            after.setup();
            after.initializeState(before.snapshot(1, 1));
            after.open();
            after.processElement(Sample.gauge(GAUGE, T0 + 1, 3), T0 + 1);
            after.processElement(new Sample(COUNTER, T0 + 10_000, 110, 1, 3), T0 + 10_000);
            after.processWatermark(T0 + MINUTE);
            assertThat(byMetric(after.extractOutputValues(), "active_connections").mean())
                    .isEqualTo(2);
            assertThat(byMetric(after.extractOutputValues(), "xact_commit").mean()).isEqualTo(10);
        }
    }

    @ParameterizedTest
    @ValueSource(classes = {MetricWindow.class, SampleBuffer.class, RollUp.class})
    void recordsAndStateSerializeWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    private static List<MetricWindow> run(List<Sample> samples, long watermark) throws Exception {
        try (var harness = harness()) {
            for (Sample sample : samples) {
                harness.processElement(sample, sample.timestamp());
            }
            harness.processWatermark(watermark);
            return harness.extractOutputValues();
        }
    }

    private static List<MetricWindow> runInOrder(
            List<Sample> samples, java.util.function.ToLongFunction<Sample> arrival)
            throws Exception {
        try (var harness = harness()) {
            long watermark = Long.MIN_VALUE;
            for (Sample sample : samples) {
                harness.processElement(sample, sample.timestamp());
                long next = arrival.applyAsLong(sample) - 10_000;
                if (next > watermark) {
                    watermark = next;
                    harness.processWatermark(watermark);
                }
            }
            harness.processWatermark(watermark + 10 * MINUTE);
            assertThat(harness.getSideOutput(MetricWindows.TOO_LATE)).isNull();
            return harness.extractOutputValues();
        }
    }

    /** Of all rows for one window, the one that stands. */
    private static Map<String, MetricWindow> standing(List<MetricWindow> windows) {
        Map<String, MetricWindow> standing = new HashMap<>();
        for (MetricWindow window : windows) {
            if (window.sampleCount() > 0) {
                standing.merge(
                        window.series() + "@" + window.windowStart() + "/" + window.windowSeconds(),
                        window,
                        (a, b) ->
                                Comparator.comparingLong(MetricWindow::sampleCount)
                                                        .thenComparingLong(MetricWindow::revision)
                                                        .compare(a, b)
                                                >= 0
                                        ? a
                                        : b);
            }
        }
        return standing;
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Sample, MetricWindow> harness()
            throws Exception {
        var harness = unopened();
        harness.open();
        return harness;
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Sample, MetricWindow> unopened()
            throws Exception {
        return unopened(WindowSettings.DEFAULT);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, Sample, MetricWindow> unopened(
            WindowSettings settings) throws Exception {
        var harness =
                new KeyedOneInputStreamOperatorTestHarness<>(
                        new KeyedProcessOperator<>(
                                new MetricWindows(settings, DEFINITIONS, INTERVALS)),
                        Sample::series,
                        Types.STRING);
        return harness;
    }

    private static MetricWindow only(List<MetricWindow> windows) {
        assertThat(windows).hasSize(1);
        return windows.get(0);
    }

    private static MetricWindow byMetric(List<MetricWindow> windows, String metric) {
        return only(
                windows.stream()
                        .filter(w -> w.metric().equals(metric))
                        .collect(Collectors.toList()));
    }

    private static MetricDefinition definition(
            String name, MetricKind kind, double warning, double critical, Direction direction) {
        return new MetricDefinition(
                name, kind, "count", "PERFORMANCE", warning, critical, direction, "");
    }

    private static String id(String metric, Map<String, String> labels) {
        return new SeriesId("prod", "", metric, labels).text();
    }
}
