package io.onevault.jobs.capacity.forecast;

import static io.onevault.jobs.capacity.forecast.States.DAY;
import static io.onevault.jobs.capacity.forecast.States.HOUR;
import static io.onevault.jobs.capacity.forecast.States.T0;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceHistoryTest {

    private static final int DAYS_KEPT = 30;

    private record Point(long end, double value) {}

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void samePointsInAnyOrderAndTwiceGiveTheSameHistory(boolean peaks) {
        Random random = new Random(11);
        List<Point> points = new ArrayList<>();
        for (int hour = 0; hour < 10 * 24; hour++) {
            points.add(new Point(T0 + (hour + 1) * HOUR, random.nextInt(1_000)));
        }
        ResourceHistory orderly = history(points, peaks);
        List<Point> twice = new ArrayList<>(points);
        twice.addAll(points);
        for (int i = 0; i < 20; i++) {
            Collections.shuffle(twice, random);
            assertThat(history(twice, peaks)).usingRecursiveComparison().isEqualTo(orderly);
        }
    }

    @Test
    void dayHasItsLastValueOrItsHighest() {
        List<Point> points =
                List.of(
                        new Point(T0 + HOUR, 5),
                        new Point(T0 + 2 * HOUR, 9),
                        new Point(T0 + DAY, 7));
        assertThat(history(points, false).days.values).containsExactly(7);
        assertThat(history(points, true).days.values).containsExactly(9);
    }

    @Test
    void amendedHourTakesItsFormerPeakWithIt() {
        ResourceHistory history =
                history(List.of(new Point(T0 + HOUR, 5), new Point(T0 + 2 * HOUR, 9)), true);
        assertThat(add(history, T0 + 2 * HOUR, 6, true, true)).isTrue();
        assertThat(history.days.values).containsExactly(6);
        assertThat(history.current).isEqualTo(6);
    }

    @Test
    void whatTheVaultRemembersNeverAmendsWhatWasMeasured() {
        ResourceHistory history = history(List.of(new Point(T0 + HOUR, 5)), false);
        assertThat(add(history, T0 + HOUR, 4, false, false)).isFalse();
        assertThat(history.hours.values).containsExactly(5);
        assertThat(history.current).isEqualTo(5);
    }

    @Test
    void keepsTwoWeeksOfHoursAndTheDaysAskedFor() {
        ResourceHistory history = new ResourceHistory();
        for (int hour = 0; hour < 100 * 24; hour++) {
            add(history, T0 + (hour + 1) * HOUR, hour, false, true);
        }
        assertThat(history.hours.size()).isEqualTo(ResourceHistory.HOURS_KEPT);
        assertThat(history.days.size()).isEqualTo(DAYS_KEPT);
        assertThat(add(history, T0 + HOUR, 1, false, true)).as("long out of reach").isTrue();
        assertThat(history.hours.size()).isEqualTo(ResourceHistory.HOURS_KEPT);
        assertThat(history.days.size()).isEqualTo(DAYS_KEPT);
    }

    @Test
    void valuesThatAreNoneAreNotTakenOver() {
        ResourceHistory history = new ResourceHistory();
        assertThat(add(history, T0 + HOUR, Double.NaN, false, true)).isFalse();
        assertThat(add(history, T0 + HOUR, Double.POSITIVE_INFINITY, true, true)).isFalse();
        assertThat(history.hours.size()).isZero();
    }

    private static ResourceHistory history(List<Point> points, boolean peaks) {
        ResourceHistory history = new ResourceHistory();
        points.forEach(point -> add(history, point.end, point.value, peaks, true));
        return history;
    }

    private static boolean add(
            ResourceHistory history, long end, double value, boolean peaks, boolean live) {
        return history.add(end, HOUR, value, 2_000, peaks, live, DAYS_KEPT);
    }
}
