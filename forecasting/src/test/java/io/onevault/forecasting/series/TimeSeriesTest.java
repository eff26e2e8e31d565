package io.onevault.forecasting.series;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimeSeriesTest {

    @Test
    void sortsRowsAndLeavesMissingStepsAsGaps() {
        TimeSeries series = TimeSeries.ofSteps(new long[] {9, 5, 6}, new double[] {4, 1, 2});

        assertThat(series.length()).isEqualTo(5);
        assertThat(series.value(0)).isEqualTo(1);
        assertThat(series.value(1)).isEqualTo(2);
        assertThat(series.value(2)).isNaN();
        assertThat(series.value(4)).isEqualTo(4);
        assertThat(series.lastStep()).isEqualTo(9);
    }

    @Test
    void letsTheLastOfSeveralValuesForOneStepWin() {
        TimeSeries series = TimeSeries.ofSteps(new long[] {1, 2, 1}, new double[] {5, 6, 7});

        assertThat(series.value(0)).isEqualTo(7);
        assertThat(History.of(series, 0).quality().duplicates()).isEqualTo(1);
    }

    @Test
    void dropsWhatIsNotANumberAndCountsIt() {
        TimeSeries series =
                TimeSeries.ofValues(
                        Double.NaN, 1, Double.POSITIVE_INFINITY, 3, Double.NEGATIVE_INFINITY);

        assertThat(series.length()).isEqualTo(3);
        assertThat(series.lastStep()).isEqualTo(4);
        assertThat(History.of(series, 0).quality().invalid()).isEqualTo(3);
    }

    @Test
    void keepsOnlyTheNewestPartOfAVeryLongHistory() {
        TimeSeries series =
                TimeSeries.ofSteps(
                        new long[] {0, 4_000_000_000L, 4_000_000_001L}, new double[] {1, 2, 3});

        assertThat(series.length()).isEqualTo(2);
        assertThat(series.value(1)).isEqualTo(3);
    }

    @Test
    void takesStepsAtTheEdgeOfTheirRange() {
        long least = Long.MIN_VALUE;
        TimeSeries early = TimeSeries.ofSteps(new long[] {least, least + 3}, new double[] {1, 2});
        TimeSeries wide =
                TimeSeries.ofSteps(new long[] {least, Long.MAX_VALUE}, new double[] {1, 2});

        assertThat(early.length()).isEqualTo(4);
        assertThat(wide.length()).isEqualTo(1);
    }

    @Test
    void putsInstantsOnTheGridAndTheNewestOfAnIntervalWins() {
        Instant start = Instant.parse("2026-01-01T00:00:00Z");
        TimeSeries series =
                TimeSeries.ofInstants(
                        List.of(
                                start.plusSeconds(90_000),
                                start,
                                start.plusSeconds(86_400),
                                start.plusSeconds(3 * 86_400)),
                        new double[] {3, 1, 2, 4},
                        Duration.ofDays(1));

        assertThat(series.length()).isEqualTo(4);
        assertThat(series.value(1)).isEqualTo(3);
        assertThat(series.value(2)).isNaN();
    }

    @Test
    void refusesDifferentNumbersOfStepsAndValues() {
        assertThatThrownBy(() -> TimeSeries.ofSteps(new long[] {1}, new double[] {1, 2}))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("Got 1 steps for 2 values.");
    }
}
