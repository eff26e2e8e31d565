package io.onevault.jobs.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.connectors.model.MetricDefinition;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.connectors.model.MetricKind;
import io.onevault.jobs.metrics.baseline.BaselineHistory;
import io.onevault.jobs.metrics.baseline.BaselineHour;
import io.onevault.jobs.metrics.baseline.Deviation;
import io.onevault.jobs.metrics.baseline.HourRating;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Queue;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.types.PojoTestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MetricBaselinesTest {

    private static final int HOUR = 60;
    private static final int DAY = 24 * HOUR;
    private static final long DAY_MILLIS = DAY * 60_000L;
    private static final String METRIC = "sessions";

    private KeyedOneInputStreamOperatorTestHarness<String, MetricWindow, LiveValue> harness;

    @BeforeEach
    void open() throws Exception {
        harness = harness();
        harness.open();
    }

    @AfterEach
    void close() throws Exception {
        harness.close();
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, MetricWindow, LiveValue> harness()
            throws Exception {
        MetricDefinition definition =
                new MetricDefinition(
                        METRIC,
                        MetricKind.GAUGE,
                        "count",
                        "PERFORMANCE",
                        1e6,
                        Double.NaN,
                        Direction.ABOVE,
                        "Sessions");
        return new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(
                        new MetricBaselines(
                                WindowSettings.DEFAULT,
                                ZoneOffset.UTC,
                                Map.of(METRIC, definition),
                                Map.of(METRIC, Duration.ofSeconds(10)))),
                MetricWindow::series,
                Types.STRING);
    }

    @ParameterizedTest
    @ValueSource(
            classes = {
                BaselineHour.class,
                BaselineHistory.class,
                Deviation.class,
                HourRating.class,
                SeriesRating.class,
                LiveValue.class
            })
    void stateAndStreamsAreWrittenWithoutKryo(Class<?> type) {
        PojoTestUtils.assertSerializedAsPojoWithoutKryo(type);
    }

    @Test
    void saysOfEachWindowHowFarItIsFromWhatIsUsual() throws Exception {
        minutes(0, 20 * DAY);
        window(20 * DAY + 3 * HOUR, 100);
        LiveValue last = last();
        assertThat(last.polled()).isFalse();
        assertThat(last.value()).isEqualTo(100);
        assertThat(last.timestamp())
                .isEqualTo(Windows.T0 + 20 * DAY_MILLIS + 3 * 3_600_000 + 50_000);
        assertThat(deviation(last).historyDays()).isEqualTo(20);
        assertThat(deviation(last).score()).isBetween(40.0, 100.0);
        assertThat(last.about())
                .startsWith("100.0 count, usually 20")
                .endsWith(" on Wednesday at 03:00 (Z)");
        assertThat(harness.extractOutputValues())
                .as("nothing before scores are known")
                .allMatch(value -> value.timestamp() > Windows.T0 + 7 * DAY_MILLIS);
    }

    @Test
    void whatIsNoNewWindowTeachesNothing() throws Exception {
        minutes(0, 20 * DAY);
        int before = harness.extractOutputValues().size();
        window(20 * DAY - 5, 9_999);
        window(20 * DAY - 1, 9_999);
        double none = Double.NaN;
        harness.processElement(record(Windows.of(METRIC, "", at(20 * DAY), 60, none, none, none)));
        harness.processElement(record(Windows.of(METRIC, "", at(20 * DAY), 3_600, 9, 9, 9)));
        assertThat(harness.extractOutputValues()).hasSize(before);
        minutes(20 * DAY, 20 * DAY + 2 * HOUR);
        assertThat(Math.abs(deviation(last()).score())).isLessThan(3);
    }

    @Test
    void aDrainedJobForgetsNothingAndClearsLaterAllTheSame() throws Exception {
        minutes(0, 20 * DAY + 30);
        harness.processWatermark(Watermark.MAX_WATERMARK);
        OperatorSubtaskState state = harness.snapshot(1, 1);
        harness.close();
        harness = harness();
        harness.initializeState(state);
        harness.open();
        minutes(20 * DAY + 30, 20 * DAY + 2 * HOUR);
        assertThat(deviation(last()).historyDays()).isEqualTo(20);
        harness.processWatermark(new Watermark(at(20 * DAY) + 40 * DAY_MILLIS));
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    @Test
    void aRestartGoesOnAsIfThereHadBeenNone() throws Exception {
        minutes(0, 20 * DAY + 30);
        int before = harness.extractOutputValues().size();
        OperatorSubtaskState state = harness.snapshot(1, 1);
        minutes(20 * DAY + 30, 21 * DAY);
        List<LiveValue> all = harness.extractOutputValues();
        List<LiveValue> without = new ArrayList<>(all.subList(before, all.size()));
        harness.close();
        harness = harness();
        harness.initializeState(state);
        harness.open();
        minutes(20 * DAY + 30, 21 * DAY);
        assertThat(harness.extractOutputValues()).isEqualTo(without).isNotEmpty();
    }

    @Test
    void ratesEachHourAndTheBeginOfWhatIsUnusual() throws Exception {
        minutes(0, 14 * DAY + HOUR);
        assertThat(harness.getSideOutput(MetricBaselines.RATINGS)).isNullOrEmpty();
        minutes(14 * DAY + HOUR, 20 * DAY);
        window(20 * DAY, 21);
        assertThat(ratings())
                .hasSize(6 * 24)
                .allMatch(rating -> rating.rating().equals("GOOD"))
                .noneMatch(rating -> rating.stretch().unusual());
        int known = ratings().size();
        for (int minute = 1; minute < HOUR; minute++) {
            window(20 * DAY + minute, minute < 30 ? 100 + minute : 20);
        }
        window(20 * DAY + HOUR, 20);
        List<SeriesRating> news = ratings().subList(known, ratings().size());
        assertThat(news).hasSize(2).allMatch(rating -> rating.rating().equals("CRITICAL"));
        HourRating begin = news.get(0).stretch();
        HourRating hour = news.get(1).stretch();
        assertThat(begin.unusual()).isTrue();
        assertThat(begin.from()).isEqualTo(at(20 * DAY + 3));
        assertThat(begin.value()).isEqualTo(103);
        assertThat(hour.unusual()).isTrue();
        assertThat(hour.from()).isEqualTo(at(20 * DAY));
        assertThat(hour.until()).isEqualTo(at(20 * DAY + HOUR));
        assertThat(hour.value()).as("the farthest").isEqualTo(129);
        assertThat(hour.expected()).isBetween(19.0, 22.0);
        assertThat(hour.score()).isGreaterThan(50);
        for (int minute = 1; minute <= HOUR; minute++) {
            window(20 * DAY + HOUR + minute, minute < 30 ? 1 : 20);
        }
        assertThat(ratings().get(ratings().size() - 1).rating())
                .as("less than usual, of what is bad when it is much")
                .isEqualTo("EXCELLENT");
    }

    @Test
    void aSeriesThatIsGoneLeavesNothing() throws Exception {
        minutes(0, 3 * DAY);
        harness.processWatermark(new Watermark(at(3 * DAY)));
        minutes(3 * DAY, 5 * DAY);
        assertThat(harness.numKeyedStateEntries()).isEqualTo(2);
        harness.processWatermark(new Watermark(at(10 * DAY - 2)));
        assertThat(harness.numKeyedStateEntries())
                .as("silent for less than it was there")
                .isEqualTo(2);
        assertThat(harness.numEventTimeTimers()).isEqualTo(1);
        harness.processWatermark(new Watermark(at(10 * DAY)));
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    @Test
    void oneThatComesAndGoesIsForgottenInADayAndNoneIsKeptForMoreThanTwoWeeks() throws Exception {
        minutes(0, 5);
        harness.processWatermark(new Watermark(at(DAY + 4)));
        assertThat(harness.numKeyedStateEntries()).isEqualTo(2);
        harness.processWatermark(new Watermark(at(DAY + 5)));
        assertThat(harness.numKeyedStateEntries()).isZero();
        minutes(2 * DAY, 32 * DAY);
        harness.processWatermark(new Watermark(at(46 * DAY - 1)));
        assertThat(harness.numKeyedStateEntries()).isEqualTo(2);
        harness.processWatermark(new Watermark(at(46 * DAY)));
        assertThat(harness.numKeyedStateEntries()).isZero();
        assertThat(harness.numEventTimeTimers()).isZero();
    }

    @Test
    void stateOfASeriesIsBounded() throws Exception {
        BaselineHistory history = new BaselineHistory();
        history.medians = new float[672];
        history.spreads = new float[672];
        history.errors = new float[672];
        DataOutputSerializer out = new DataOutputSerializer(1);
        TypeInformation.of(BaselineHistory.class)
                .createSerializer(new SerializerConfigImpl())
                .serialize(history, out);
        assertThat(out.length()).isLessThan(8_192);
        DataOutputSerializer hour = new DataOutputSerializer(1);
        TypeInformation.of(BaselineHour.class)
                .createSerializer(new SerializerConfigImpl())
                .serialize(new BaselineHour(), hour);
        assertThat(hour.length()).isLessThan(512);
    }

    /** Around 20, by turns. */
    private void minutes(int from, int until) throws Exception {
        for (int minute = from; minute < until; minute++) {
            window(minute, 19 + minute * 7 % 11 / 4.0);
        }
    }

    private void window(int minute, double value) throws Exception {
        harness.processElement(record(Windows.minute(METRIC, "", minute, value)));
    }

    private static StreamRecord<MetricWindow> record(MetricWindow window) {
        return new StreamRecord<>(window, window.measuredAt());
    }

    private static long at(int minute) {
        return Windows.T0 + minute * 60_000L;
    }

    private LiveValue last() {
        List<LiveValue> all = harness.extractOutputValues();
        return all.get(all.size() - 1);
    }

    private static Deviation deviation(LiveValue value) {
        return Objects.requireNonNull(value.deviation());
    }

    private List<SeriesRating> ratings() {
        Queue<StreamRecord<SeriesRating>> side = harness.getSideOutput(MetricBaselines.RATINGS);
        return side.stream().map(StreamRecord::getValue).toList();
    }
}
