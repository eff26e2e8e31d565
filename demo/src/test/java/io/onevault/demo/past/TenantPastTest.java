package io.onevault.demo.past;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.onevault.jobs.capacity.ResourceUtilization;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is made up, what is true of it, and how the job's own code judges it. */
class TenantPastTest {

    private static final long DAY = 86_400_000L;
    private static final int SEEDS = 6;

    /** Some hours after a midnight. */
    private static final long NOW = 20_000 * DAY + DAY / 3;

    @Test
    void sameSeedGivesSamePastAtAnyHourAndAnotherSeedAnother() {
        TenantPast past = TenantPast.all(1).get(0);

        assertThat(PastStates.before(NOW)).isEqualTo(new PastStates(20_000 * DAY));
        assertThat(past.days()).isEqualTo(TenantPast.all(1).get(0).days());
        assertThat(past.days()).isNotEqualTo(TenantPast.all(2).get(0).days());
        assertThat(new HashSet<>(past.days())).hasSize(TenantPast.DAYS);
    }

    @Test
    void knowsWhenItIsFull() {
        Map<Growth, Integer> full = new EnumMap<>(Growth.class);
        for (TenantPast past : TenantPast.all(1)) {
            past.fullOn().ifPresent(day -> full.put(past.growth(), day));
        }

        // 390 + 0.9 d = 500; 180 exp(0.008 d) = 400; 66 + 0.11 * 241 + 7.5 > 100.
        assertThat(full)
                .containsOnly(
                        Map.entry(Growth.LINEAR, 123),
                        Map.entry(Growth.EXPONENTIAL, 100),
                        Map.entry(Growth.WEEKLY, 241));
    }

    @Test
    void statesAreDaysAndThenTwoWeeksOfHoursWithoutGap() {
        List<ResourceUtilization> states = PastStates.before(NOW).of(TenantPast.all(1).get(1));

        long end = 20_000 * DAY;
        assertThat(states.get(0).periodEnd()).isEqualTo(end - (TenantPast.DAYS - 1) * DAY);
        assertThat(states.get(states.size() - 1).periodEnd()).isEqualTo(end);
        for (int i = 1; i < states.size(); i++) {
            assertThat(states.get(i).periodStart()).isEqualTo(states.get(i - 1).periodEnd());
        }
        assertThat(states.get(states.size() - 1).growthPerDay()).isCloseTo(0.9e9, within(0.5e9));
        assertThat(states.get(0).change1d()).isNaN();
    }

    @Test
    void forecastsOfMostKindsAreRightWhateverTheNoise() {
        Map<Growth, Integer> right = new EnumMap<>(Growth.class);
        int held = 0;
        for (long seed = 1; seed <= SEEDS; seed++) {
            for (TenantPast past : TenantPast.all(seed)) {
                List<ResourceForecast> weekly = new PastStates(0).forecasts(past, 0);
                Verdict verdict = Verdict.of(past, weekly.get(weekly.size() - 1));
                right.merge(past.growth(), verdict.right() ? 1 : 0, Integer::sum);
                held += verdict.monthHeld() ? 1 : 0;
            }
        }

        for (Growth growth : Growth.values()) {
            // A jump as long ago as backtests look back may as well be growth; see capacity.md.
            if (growth != Growth.STEP) {
                assertThat(right.get(growth)).as("%s", growth).isGreaterThanOrEqualTo(SEEDS - 1);
            }
        }
        assertThat(held).isGreaterThanOrEqualTo(SEEDS * Growth.values().length * 8 / 10);
    }

    @Test
    void earlierForecastsWereScoredWhenTheirDayCame() {
        List<ResourceForecast> weekly = new PastStates(0).forecasts(TenantPast.all(1).get(1), 7);

        assertThat(weekly).hasSize(25);
        assertThat(weekly.get(0).track().scored()).isZero();
        ResourceForecast last = weekly.get(weekly.size() - 1);
        assertThat(last.asOf()).isEqualTo(-7 * DAY);
        assertThat(last.track().scored()).isGreaterThan(20);
        assertThat(last.track().accuracy()).isBetween(95.0, 100.0);
    }

    @Test
    void truthIsWrittenForPastAndFuture(@TempDir Path folder) throws Exception {
        Path file = folder.resolve("truth.csv");

        TruthFile.write(file, TenantPast.all(1), 20_000 * DAY);

        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(1 + 6 * (TenantPast.DAYS + 365));
        assertThat(lines).contains("documents of acme,linear,2024-10-04T00:00:00Z,390000000000");
    }

    @Test
    void verdictNeedsTheTrueDayInItsInterval() {
        TenantPast linear = TenantPast.all(1).get(1);
        List<Boolean> right = new ArrayList<>();
        right.add(said(linear, true, 110.0, 123.0).right());
        right.add(said(linear, true, 110.0, null).right());
        right.add(said(linear, true, 124.0, 130.0).right());
        right.add(said(linear, true, 110.0, 122.0).right());
        right.add(said(linear, false, 110.0, null).right());
        TenantPast flat = TenantPast.all(1).get(0);
        right.add(said(flat, false, null, null).right());
        right.add(said(flat, true, 110.0, 130.0).right());

        assertThat(right).containsExactly(true, true, false, false, false, true, false);
    }

    private static Verdict said(
            TenantPast past, boolean reaches, @Nullable Double earliest, @Nullable Double latest) {
        return new Verdict(
                past, 1, 0, 2, reaches, reaches ? 120.0 : null, earliest, latest, "", "");
    }
}
