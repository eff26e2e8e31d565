package io.onevault.forecasting.fit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.api.Test;

class LevelShiftsTest {

    private static final int N = 270;
    private static final int HORIZON = 90;

    @Test
    void findsOneJumpAndItsHeight() {
        for (double height : new double[] {37, -25}) {
            List<LevelShifts.Shift> shifts = find(0.4, 1, i -> 50 + (i < 195 ? 0 : height));

            assertThat(shifts).hasSize(1);
            assertThat(shifts.get(0).from()).isEqualTo(194);
            assertThat(shifts.get(0).to()).isEqualTo(195);
            assertThat(shifts.get(0).height()).isCloseTo(height, within(0.5));
        }
    }

    @Test
    void heightIsExactWithoutNoiseAndWithoutTheGrowthInBetween() {
        List<LevelShifts.Shift> shifts = find(0, 1, i -> 0.25 * i + (i < 100 ? 0 : 64));

        assertThat(shifts).hasSize(1);
        assertThat(shifts.get(0).height()).isCloseTo(64, within(1e-9));
    }

    @Test
    void findsAJumpThatNoSingleChangeTells() {
        List<LevelShifts.Shift> shifts = find(1, 3, i -> i < 170 ? 58 : 68);

        assertThat(shifts).hasSize(1);
        assertThat(shifts.get(0).to()).isBetween(168, 172);
        assertThat(shifts.get(0).height()).isCloseTo(10, within(1.5));
    }

    @Test
    void findsARampOfTenDaysThatIsOver() {
        List<LevelShifts.Shift> shifts =
                find(0.4, 1, i -> 31 + 3.7 * Math.max(0, Math.min(10, i - 150)));

        assertThat(shifts).hasSize(1);
        assertThat(shifts.get(0).from()).isBetween(145, 152);
        assertThat(shifts.get(0).to()).isBetween(158, 165);
        assertThat(shifts.get(0).height()).isCloseTo(37, within(2.0));
    }

    @Test
    void growthThatGoesOnIsNoShiftAtAnyAge() {
        for (int start = N - 80; start < N; start++) {
            int from = start;
            assertThat(find(0.4, start, i -> 31 + 3.7 * Math.max(0, i - from))).isEmpty();
        }
    }

    @Test
    void stairsInOneDirectionAreGrowth() {
        assertThat(find(0.4, 1, i -> 20 + 15 * (i / 80))).isEmpty();
        assertThat(find(0.4, 1, i -> 20 + 15 * (i / 80 == 1 ? 1 : 0))).hasSize(2);
    }

    @Test
    void whatHappensMoreOftenThanOnceAHorizonIsNoException() {
        assertThat(find(0.4, 1, i -> i / 45 % 2 == 0 ? 20 : 60)).isEmpty();
    }

    @Test
    void knowsNothingOfTheFirstAndLastDays() {
        assertThat(find(0.4, 1, i -> i < N - 5 ? 20 : 60)).isEmpty();
        assertThat(find(0.4, 1, i -> i < 5 ? 20 : 60)).isEmpty();
        assertThat(LevelShifts.find(new double[] {1, 1, 9, 9}, 2, 1)).isEmpty();
    }

    @Test
    void noiseAndWalksHaveNone() {
        int found = 0;
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            double[] noise = new double[N];
            double[] walk = new double[N];
            for (int i = 1; i < N; i++) {
                noise[i] = random.nextGaussian();
                walk[i] = walk[i - 1] + 0.1 + random.nextGaussian();
            }
            found += LevelShifts.find(noise, HORIZON, 1).size();
            found += LevelShifts.find(walk, HORIZON, 1).size();
        }

        assertThat(found).isZero();
    }

    @Test
    void offsetsBringAllValuesToTheNewestLevel() {
        double[] offsets =
                LevelShifts.offsets(
                        List.of(new LevelShifts.Shift(1, 2, 10), new LevelShifts.Shift(3, 5, -4)),
                        7);

        assertThat(offsets).containsExactly(6, 6, -4, -4, -2, 0, 0);
    }

    @Test
    void aBendIsFoundWhereTheNewestSlopeBegan() {
        double[] late = values(1, 1, i -> 50 + Math.max(0, i - 210));
        double[] line = values(1, 1, i -> 50 + 0.3 * i);

        assertThat(Bend.find(late, new WindowSums(late))).isBetween(190, 230);
        assertThat(Bend.find(line, new WindowSums(line))).isEqualTo(-1);
    }

    private static List<LevelShifts.Shift> find(double noise, long seed, IntToDoubleFunction f) {
        return LevelShifts.find(values(noise, seed, f), HORIZON, 1);
    }

    private static double[] values(double noise, long seed, IntToDoubleFunction curve) {
        Random random = new Random(seed);
        double[] values = new double[N];
        for (int i = 0; i < N; i++) {
            values[i] = curve.applyAsDouble(i) + noise * random.nextGaussian();
        }
        return values;
    }
}
