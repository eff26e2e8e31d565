package io.onevault.forecasting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.onevault.forecasting.capacity.CapacityAdvice;
import io.onevault.forecasting.capacity.CapacityAdvice.Remedy;
import io.onevault.forecasting.capacity.CapacityAdvice.Urgency;
import java.util.Arrays;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class FirstPassageTest {

    private static final int HISTORY = 400;
    private static final int HORIZON = 30;

    @Test
    void levelsOfRandomWalksAreReachedAsOftenAsIsSaid() {
        double claimed = 0;
        double atTheEnd = 0;
        int reached = 0;
        int count = 0;
        for (int seed = 0; seed < 150; seed++) {
            double[] walk = Series.walk(HISTORY + HORIZON, 0, seed);
            ForecastResult result = Series.forecast(Arrays.copyOf(walk, HISTORY), HORIZON);
            double highest = Double.NEGATIVE_INFINITY;
            for (int i = HISTORY; i < walk.length; i++) {
                highest = Math.max(highest, walk[i]);
            }
            for (double above : new double[] {1, 3, 6}) {
                double level = result.lastValue() + above;
                claimed += result.probabilityOfReaching(level, HORIZON);
                atTheEnd += walk[walk.length - 1] >= level ? 1 : 0;
                reached += highest >= level ? 1 : 0;
                count++;
            }
        }

        assertThat(claimed / count).isCloseTo((double) reached / count, within(0.12));
        assertThat(claimed).as("more than are above at the end").isGreaterThan(atTheEnd);
    }

    @Test
    void probabilityNeverFallsWithTheStepsAndNeverRisesWithTheLevel() {
        ForecastResult result =
                Series.forecast(
                        Series.noisy(HISTORY, 6, 4, i -> 100 + 20 * Math.sin(i / 9.0) + 0.1 * i),
                        HORIZON);
        for (double above = 0.5; above < 60; above *= 1.5) {
            double level = result.lastValue() + above;
            double before = 0;
            for (int steps = 1; steps <= 4 * HORIZON; steps++) {
                double now = result.probabilityOfReaching(level, steps);
                assertThat(now).isBetween(before, 1.0);
                assertThat(result.probabilityOfReaching(level + 5, steps)).isLessThanOrEqualTo(now);
                before = now;
            }
        }
        assertThat(result.probabilityOfReaching(result.lastValue(), 1)).isEqualTo(1);
    }

    @Test
    void isExpectedFromTheFirstStepOnByWhichItIsLikely() {
        int beforeTheCentralPath = 0;
        for (int seed = 0; seed < 40; seed++) {
            ForecastResult result = Series.forecast(Series.walk(HISTORY, 0.02, seed), 90);
            for (double above : new double[] {0.5, 2, 6, 20}) {
                double level = result.lastValue() + above;
                OptionalInt central = result.timeTo(level).median();
                OptionalInt first = result.expectedBy(level);
                for (int steps = 1; steps <= 90; steps++) {
                    assertThat(result.expectedToReach(level, steps))
                            .isEqualTo(result.probabilityOfReaching(level, steps) >= 0.5)
                            .isEqualTo(first.isPresent() && first.getAsInt() <= steps);
                }
                if (first.isEmpty() || first.getAsInt() > 90) {
                    assertThat(first).as("beyond what was tested").isEqualTo(central);
                } else if (central.isEmpty() || central.getAsInt() > first.getAsInt()) {
                    beforeTheCentralPath++;
                }
            }
            assertThat(result.expectedBy(result.lastValue())).hasValue(0);
        }
        assertThat(beforeTheCentralPath).isPositive();
    }

    @Test
    void somebodyIsToldOfWhatIsLikelyToBeFullAtSomeTime() {
        // At the end of no day it is expected there, for it goes up and down.
        int likely = 0;
        for (int seed = 0; seed < 40; seed++) {
            double[] walk = Series.walk(HISTORY, 0, seed);
            double[] used = Series.of(HISTORY, i -> 500 + walk[i]);
            double capacity = used[HISTORY - 1] + 2;
            ForecastResult result = Series.forecast(used, 90, capacity);
            CapacityAdvice advice =
                    CapacityAdvice.of(result, capacity, 0.8, 1, "days", Remedy.CAPACITY);
            boolean crossed = result.timeToCapacity().orElseThrow().expectedWithin(90);
            if (!crossed && result.probabilityOfReaching(capacity, 90) >= 0.5) {
                assertThat(advice.urgency()).isEqualTo(Urgency.ACT);
                assertThat(advice.action())
                        .containsPattern(
                                ", more likely than not full at some time within \\d+ days \\(\\d+"
                                        + " % within 90\\), (though not on|on) the central path")
                        .doesNotContain("not expected", "never");
                likely++;
            }
        }
        assertThat(likely).isPositive();
    }

    @Test
    void withoutABacktestTheCentralPathDecides() {
        ForecastResult one = Series.forecast(new double[] {5}, 30);
        ForecastResult none = Series.forecast(new double[0], 30);

        assertThat(one.probabilityOfReaching(6, 30)).isZero();
        assertThat(one.probabilityOfReaching(5, 30)).isEqualTo(1);
        assertThat(none.probabilityOfReaching(6, 30)).isZero();
    }
}
