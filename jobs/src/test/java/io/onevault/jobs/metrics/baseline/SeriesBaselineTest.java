package io.onevault.jobs.metrics.baseline;

import static io.onevault.jobs.metrics.baseline.Past.DAY;
import static io.onevault.jobs.metrics.baseline.Past.HOUR;
import static io.onevault.jobs.metrics.baseline.Past.WEEK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Random;
import java.util.function.LongToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SeriesBaselineTest {

    private static final long LEARNED = 4L * WEEK;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void weeklyPatternIsUsualFromTheThirdWeekOn(long seed) {
        Past past = new Past();
        LongToDoubleFunction week = Noise.noisyWeek(seed, 0.05);
        past.farthest(0, 2 * WEEK, week);
        assertThat(past.farthest(2 * WEEK, 7 * WEEK, week)).isBetween(-6.0, 6.0);
        assertThat(past.stretches).isZero();
    }

    @Test
    void whatIsUsualAtNoonIsUnusualAtNight() {
        Past past = new Past();
        LongToDoubleFunction week = Noise.noisyWeek(1, 0.05);
        past.farthest(0, LEARNED, week);
        long night = LEARNED + 4 * HOUR;
        past.farthest(LEARNED, night, week);
        for (long minute = night; minute < night + 3; minute++) {
            assertThat(past.take(minute, Noise.week(13 * HOUR))).isGreaterThan(20);
        }
        assertThat(past.stretches).isEqualTo(1);
        long noon = LEARNED + 13 * HOUR;
        assertThat(past.farthest(night + 3, noon, week)).isBetween(-6.0, 6.0);
        assertThat(past.take(noon, Noise.week(4 * HOUR))).isLessThan(-10);
        assertThat(past.take(noon + 1, Noise.week(13 * HOUR))).isBetween(-3.0, 3.0);
    }

    @Test
    void nothingIsSaidBeforeTwoWeeksArePast() {
        Past past = new Past();
        Random random = new Random(1);
        past.farthest(0, 9 * DAY, minute -> 100 + random.nextGaussian());
        assertThat(past.hour.usual().isKnown()).isFalse();
        past.farthest(9 * DAY, 14 * DAY - 1, minute -> 100 + random.nextGaussian());
        assertThat(past.hour.usual().isKnown()).isTrue();
        Deviation early = Deviation.of(200, past.hour.usual());
        assertThat(early.score()).isGreaterThan(20);
        assertThat(early.judged(14, false)).isNaN();
        for (int i = 0; i < 10; i++) {
            past.take(14 * DAY - 1, 200);
        }
        assertThat(past.stretches).isZero();
        past.take(14 * DAY, 100);
        assertThat(Deviation.of(200, past.hour.usual()).judged(14, false)).isGreaterThan(20);
        assertThat(Deviation.of(200, past.hour.usual()).judged(28, false)).isNaN();
    }

    @ParameterizedTest
    @CsvSource({"1.5, 1", "0.6, 2", "3, 3"})
    void aNewLevelIsAdoptedAfterThreeAndAHalfDays(double factor, long seed) {
        Past past = new Past();
        LongToDoubleFunction week = Noise.noisyWeek(seed, 0.05);
        LongToDoubleFunction shifted = shifted(week, factor);
        past.farthest(0, LEARNED, week);
        double first = past.median(LEARNED, LEARNED + HOUR, shifted);
        assertThat(Math.abs(first)).isGreaterThan(5);
        double later = past.median(LEARNED + HOUR, LEARNED + 80 * HOUR, shifted);
        assertThat(Math.abs(later)).as("up to 80 hours").isGreaterThan(5);
        past.farthest(LEARNED + 80 * HOUR, LEARNED + 88 * HOUR, shifted);
        assertThat(past.farthest(LEARNED + 88 * HOUR, LEARNED + 5 * WEEK, shifted))
                .as("from 88 hours on, for five weeks")
                .isBetween(-6.0, 6.0);
    }

    /** By as much in every hour. */
    private static LongToDoubleFunction shifted(LongToDoubleFunction week, double factor) {
        return minute -> week.applyAsDouble(minute) + (factor - 1) * 500;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 24, 72})
    void anIncidentTeachesNothing(int hours) {
        Past past = new Past();
        Past calm = new Past();
        past.farthest(0, LEARNED, Noise.noisyWeek(1, 0.05));
        calm.farthest(0, LEARNED, Noise.noisyWeek(1, 0.05));
        long over = LEARNED + hours * HOUR;
        double during = past.median(LEARNED, over, minute -> 10 * Noise.week(minute));
        assertThat(during).as("to its end").isGreaterThan(20);
        calm.farthest(LEARNED, over, Noise.noisyWeek(2, 0.05));
        LongToDoubleFunction after = Noise.noisyWeek(3, 0.05);
        for (long minute = over; minute < LEARNED + 4L * WEEK; minute++) {
            double value = after.applyAsDouble(minute);
            double score = past.take(minute, value);
            double would = calm.take(minute, value);
            assertThat(score).as("minute %d after it", minute - over).isCloseTo(would, within(2.5));
        }
    }

    @Test
    void aSeriesThatNeverMovedMayMoveALittle() {
        Past past = new Past();
        past.farthest(0, LEARNED, minute -> 100);
        assertThat(past.take(LEARNED, 100)).isZero();
        assertThat(past.take(LEARNED + 1, Math.nextUp(100.0))).isBetween(0.0, 1e-6);
        assertThat(past.take(LEARNED + 2, 101)).isBetween(0.1, 1.0);
        assertThat(past.take(LEARNED + 3, 130)).isGreaterThan(6);
        assertThat(past.take(LEARNED + 4, 70)).isLessThan(-6);
    }

    @Test
    void aSeriesThatWasAlwaysZeroHasAScaleByItsUnit() {
        Past count = new Past("count", ZoneId.of("UTC"));
        count.farthest(0, LEARNED, minute -> 0);
        assertThat(count.take(LEARNED, 1)).isEqualTo(1);
        assertThat(count.take(LEARNED + 1, 10)).isEqualTo(10);
        Past other = new Past();
        other.farthest(0, LEARNED, minute -> 0);
        assertThat(other.take(LEARNED, 0)).isZero();
        assertThat(other.take(LEARNED + 1, 1e-9)).isEqualTo(Deviation.LARGEST);
    }

    @ParameterizedTest
    @ValueSource(doubles = {1e-6, 1e-3, 7, 1e9})
    void scoresDoNotDependOnTheUnit(double factor) {
        Past one = new Past();
        Past other = new Past();
        LongToDoubleFunction wild = Noise.wildWeek(5, 0.1, 30);
        for (long minute = 0; minute < 5L * WEEK; minute++) {
            double value = wild.applyAsDouble(minute);
            double score = one.take(minute, value);
            double scaled = other.take(minute, factor * value);
            if (Double.isNaN(score)) {
                assertThat(scaled).isNaN();
            } else {
                assertThat(scaled).isCloseTo(score, within(1e-3 * (1 + Math.abs(score))));
            }
        }
    }

    @Test
    void growthIsNotUnusual() {
        Past past = new Past();
        Random random = new Random(1);
        LongToDoubleFunction growing = minute -> 1e9 + 5e4 * minute + 1e6 * random.nextGaussian();
        past.farthest(0, 2 * WEEK, growing);
        assertThat(past.farthest(2 * WEEK, 8 * WEEK, growing)).isBetween(-6.0, 6.0);
    }

    @Test
    void hoursWithoutValuesAreLeftOut() {
        Past past = new Past();
        LongToDoubleFunction week = Noise.noisyWeek(1, 0.05);
        Random outages = new Random(2);
        boolean away = false;
        for (long minute = 0; minute < 8L * WEEK; minute++) {
            if (minute % HOUR == 0) {
                // A quarter of all hours, and all of the sixth week.
                away = outages.nextInt(4) == 0 || minute / WEEK == 5;
            }
            double value = week.applyAsDouble(minute);
            if (!away) {
                double score = past.take(minute, value);
                if (minute >= 2 * WEEK) {
                    assertThat(score).as("minute %d", minute).isBetween(-6.5, 6.5);
                }
            }
        }
        assertThat(past.stretches).isZero();
    }

    @Test
    void whatIsPastForFourWeeksIsForgotten() {
        Past past = new Past();
        past.farthest(0, LEARNED, Noise.noisyWeek(1, 0.05));
        assertThat(past.history.medians).hasSizeLessThanOrEqualTo(BaselineHistory.HOURS);
        past.take(2 * LEARNED + HOUR, 5);
        assertThat(past.hour.usual().isKnown()).isFalse();
        past.take(2 * LEARNED + 2 * HOUR, 5);
        assertThat(past.history.medians).hasSize(1);
        past.farthest(2 * LEARNED + 3 * HOUR, 3 * LEARNED, minute -> 5);
        past.farthest(3 * LEARNED, 3 * LEARNED + DAY, minute -> 5);
        assertThat(past.history.medians).hasSizeBetween(600, BaselineHistory.HOURS);
    }

    @Test
    void aJobAtTwoOnTheWallIsUsualWhenClocksArePutForwardAndBack() {
        ZoneId berlin = ZoneId.of("Europe/Berlin");
        Past past = new Past("", berlin);
        Random random = new Random(1);
        LongToDoubleFunction job =
                minute -> {
                    Instant at = Instant.ofEpochMilli(Past.T0 + minute * Past.MINUTE);
                    boolean runs = at.atZone(berlin).getHour() == 4;
                    return (runs ? 1_000 : 100) * (1 + 0.05 * random.nextGaussian());
                };
        // 29 March and 25 October 2026 are in it.
        past.farthest(0, 2 * WEEK, job);
        assertThat(past.farthest(2 * WEEK, 44 * WEEK, job)).isBetween(-6.5, 6.5);
        assertThat(past.stretches).isZero();
    }
}
