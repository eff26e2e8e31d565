package io.onevault.forecasting;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.onevault.forecasting.capacity.TimeToCapacity;
import io.onevault.forecasting.select.GrowthPattern;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

/** A level that changed once is not growth, whenever it was; growth after it is. */
class LevelShiftForecastTest {

    private static final int N = 270;
    private static final int HORIZON = 90;
    private static final int SEEDS = 20;

    /** How many of the seeds say never, and how many see one future in ten full in a horizon. */
    private record Said(int never, int soon) {}

    @Test
    void flatAfterAJumpIsNeverFullHoweverLongAgoItWas() {
        int soon = 0;
        int count = 0;
        for (int age = 20; age <= 200; age += 12) {
            int since = N - age;
            Said up = said(0.4, 100, age, i -> i < since ? 31 : 68);
            assertThat(up.never()).as("%d days after a jump up", age).isGreaterThanOrEqualTo(19);
            Said down = said(0.4, 100, age, i -> i < since ? 95 : 65);
            assertThat(down.never()).as("%d after a jump down", age).isGreaterThanOrEqualTo(19);
            soon += up.soon() + down.soon();
            count += 2 * SEEDS;
        }

        assertThat(soon).isLessThanOrEqualTo(3 * count / 100);
    }

    @Test
    void smallJumpsTwoJumpsRampsAndWeeksAreNoGrowthEither() {
        for (int age : new int[] {20, 40, 75, 90, 130, 180}) {
            int since = N - age;
            Said small = said(1, 75, age, i -> i < since ? 56 : 68);
            Said two = said(0.4, 100, age, i -> (i < 54 ? 20 : 40) + (i < since ? 0 : 28));
            Said ramp =
                    said(0.4, 100, age, i -> 31 + 3.7 * Math.max(0, Math.min(10, i - since + 10)));
            Said weekly =
                    said(
                            0.4,
                            100,
                            age,
                            i -> (i < since ? 31 : 68) + 3 * Math.sin(2 * Math.PI * i / 7));

            for (Said said : new Said[] {small, two, ramp, weekly}) {
                assertThat(said.never()).as("age %d", age).isGreaterThanOrEqualTo(19);
                assertThat(said.soon()).as("age %d", age).isLessThanOrEqualTo(3);
            }
        }
    }

    @Test
    void growthWithAJumpGoesOnAsItWas() {
        for (int age : new int[] {20, 75, 130}) {
            IntToDoubleFunction curve = i -> 0.3 * i + (i < N - age ? 10 : 40);
            ForecastResult result = Series.forecast(Series.noisy(N, 0.4, age, curve), HORIZON);

            double truth = curve.applyAsDouble(N - 1 + HORIZON);
            assertThat(result.at(HORIZON).mean()).as("age %d", age).isCloseTo(truth, within(3.0));
        }
    }

    @Test
    void growthThatBeganWithAJumpIsFound() {
        for (int age : new int[] {60, 75, 90, 130}) {
            IntToDoubleFunction curve = i -> i < N - age ? 20 : 50 + 0.3 * (i - N + age);
            ForecastResult result = Series.forecast(Series.noisy(N, 0.4, age, curve), HORIZON);

            double truth = curve.applyAsDouble(N - 1 + HORIZON);
            assertThat(result.at(HORIZON).mean()).as("age %d", age).isCloseTo(truth, within(8.0));
        }
    }

    @Test
    void growthThatBeganLateIsFound() {
        for (int age : new int[] {50, 60, 75}) {
            IntToDoubleFunction curve = i -> 50 + 0.5 * Math.max(0, i - N + age);
            assertThat(said(0.4, 110, age, curve).never()).as("age %d", age).isLessThanOrEqualTo(1);
        }
        IntToDoubleFunction curve = i -> 50 + 0.5 * Math.max(0, i - N + 60);
        ForecastResult result = Series.forecast(Series.noisy(N, 0.4, 1, curve), HORIZON);
        assertThat(result.at(HORIZON).mean()).isCloseTo(50 + 0.5 * (59 + HORIZON), within(4.0));
    }

    @Test
    void theJumpStaysInThePatternAndInTheOuterInterval() {
        double[] values = Series.noisy(N, 0.4, 1, i -> i < N - 75 ? 31 : 68);
        ForecastResult result = Series.forecast(values, HORIZON);

        assertThat(result.pattern()).isEqualTo(GrowthPattern.STEP);
        assertThat(result.at(HORIZON).hi80()).isBetween(68.0, 72.0);
        assertThat(result.at(HORIZON).hi95()).isGreaterThan(80);
    }

    private static Said said(double noise, double capacity, int age, IntToDoubleFunction curve) {
        int never = 0;
        int soon = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            double[] values = Series.noisy(N, noise, 1_000L * seed + age, curve);
            TimeToCapacity time =
                    Series.forecast(values, HORIZON, capacity).timeToCapacity().orElseThrow();
            never += time.never() ? 1 : 0;
            soon += time.earliest().orElse(Integer.MAX_VALUE) <= HORIZON ? 1 : 0;
        }
        return new Said(never, soon);
    }
}
