package io.onevault.jobs.metrics.baseline;

import static io.onevault.jobs.metrics.baseline.Past.DAY;
import static io.onevault.jobs.metrics.baseline.Past.HOUR;
import static io.onevault.jobs.metrics.baseline.Past.WEEK;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * How often the default rules' condition, six deviations for a quarter of an hour once three weeks
 * are known, holds on series in which nothing is wrong.
 */
class FalseAlarmsTest {

    private static final int SERIES = 4;
    private static final int WEEKS = 5;
    private static final int HELD = 15;
    private static final int LEARNT = 3 * WEEK;

    /** Per series and week; eight kinds of noise may have one alarm each in 20 weeks. */
    private static final double MOST_ALARMS = 0.05;

    private static final double MOST_WINDOWS = 1e-3;

    @ParameterizedTest
    @CsvSource({
        "independent, 0.1, 0, 0.9",
        "wild, 0.1, 10, 0.85",
        "wild, 0.1, 60, 0.85",
        "wild, 0.1, 360, 0.8",
        "wild, 0.2, 1440, 0.4",
        "wild, 0.3, 60, 0",
        "wild, 0.3, 360, 0",
        "counts, 0, 0, 0"
    })
    void nothingIsAlarmedThatIsOnlyNoise(
            String kind, double share, double halfLife, double leastFound) {
        int alarms = 0;
        int windows = 0;
        int found = 0;
        for (long seed = 1; seed <= SERIES; seed++) {
            Past past = new Past();
            LongToDoubleFunction series = series(kind, seed, share, halfLife);
            past.farthest(0, LEARNT, series);
            int high = 0;
            int low = 0;
            long end = LEARNT + (long) WEEKS * WEEK;
            for (long minute = LEARNT; minute < end; minute++) {
                double score = past.take(minute, series.applyAsDouble(minute));
                high = score >= SeriesBaseline.UNUSUAL ? high + 1 : 0;
                low = score <= -SeriesBaseline.UNUSUAL ? low + 1 : 0;
                alarms += high == HELD || low == HELD ? 1 : 0;
                windows += high + low > 0 ? 1 : 0;
            }
            found += found(past, end, series);
        }
        double seriesWeeks = SERIES * WEEKS;
        double share6 = windows / seriesWeeks / WEEK;
        double tripled = found / 24.0 / SERIES;
        System.out.printf(
                "%s, %.0f %%, half gone after %.0f min: %d alarms in %.0f weeks, %.1e of windows, a"
                        + " tripled window is seen %.0f %% of the time%n",
                kind, 100 * share, halfLife, alarms, seriesWeeks, share6, 100 * tripled);
        assertThat(alarms / seriesWeeks).isLessThanOrEqualTo(MOST_ALARMS);
        assertThat(share6).isLessThan(MOST_WINDOWS);
        assertThat(tripled).isGreaterThanOrEqualTo(leastFound);
    }

    /** What comes each week, each night over the full hour, and a holiday in the first weeks. */
    @ParameterizedTest
    @ValueSource(ints = {1, 9})
    void neitherIsWhatComesAgainNorWhatOneHolidayTaught(int holiday) {
        LongToDoubleFunction noise = Noise.noisyWeek(3, 0.05);
        LongToDoubleFunction series =
                minute -> {
                    double usual = noise.applyAsDouble(minute);
                    long ofWeek = minute % WEEK - 6 * DAY - 3 * HOUR;
                    boolean weekly = ofWeek >= 10 && ofWeek < 30;
                    boolean nightly = (minute + 6) % DAY < 12;
                    boolean off = minute / DAY == holiday;
                    return weekly
                            ? 0
                            : off ? Noise.week(minute + 5 * DAY) : usual + (nightly ? 500 : 0);
                };
        Past past = new Past();
        past.farthest(0, LEARNT, series);
        int high = 0;
        int low = 0;
        for (long minute = LEARNT; minute < LEARNT + 3 * WEEK; minute++) {
            double score = past.take(minute, series.applyAsDouble(minute));
            high = score >= SeriesBaseline.UNUSUAL ? high + 1 : 0;
            low = score <= -SeriesBaseline.UNUSUAL ? low + 1 : 0;
            assertThat(Math.max(high, low)).as("minute %d", minute).isLessThan(HELD);
        }
    }

    /** What triples for a minute once an hour of a day, and is far off for it. */
    private static int found(Past past, long from, LongToDoubleFunction series) {
        int found = 0;
        for (long minute = from; minute < from + DAY; minute++) {
            boolean tripled = minute % 60 == 30;
            double value = series.applyAsDouble(minute);
            double score = past.take(minute, tripled ? 3 * value : value);
            found += tripled && score >= SeriesBaseline.UNUSUAL ? 1 : 0;
        }
        return found;
    }

    private static LongToDoubleFunction series(
            String kind, long seed, double share, double halfLife) {
        return switch (kind) {
            case "independent" -> Noise.noisyWeek(seed, share);
            case "wild" -> Noise.wildWeek(seed, share, halfLife);
            default -> Noise.counts(seed);
        };
    }
}
