package io.onevault.jobs.capacity.forecast;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.onevault.forecasting.ForecastOptions;
import io.onevault.forecasting.ForecastPoint;
import io.onevault.forecasting.ForecastResult;
import io.onevault.forecasting.Forecaster;
import io.onevault.forecasting.series.TimeSeries;
import java.util.Objects;
import java.util.Random;
import org.apache.flink.api.common.serialization.SerializerConfigImpl;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.core.memory.DataOutputSerializer;
import org.junit.jupiter.api.Test;

class ForecastStateTest {

    private static final Levels LEVELS = Levels.of(ForecastSettings.DEFAULT);
    private static final double NONE = Double.NaN;

    @Test
    void jobAndLibraryGiveTheSameNumbers() {
        double[] values = new double[200];
        Random random = new Random(5);
        ForecastState state = new ForecastState();
        for (int day = 0; day < values.length; day++) {
            values[day] = 1_000 + 7.5 * day + 20 * random.nextGaussian();
            state.add(States.ofDay("disk", "STORAGE", day, values[day], 4_000), true, 730);
        }
        ResourceForecast forecast = look(state);
        ForecastResult library =
                new Forecaster()
                        .forecast(
                                TimeSeries.ofValues(values),
                                ForecastOptions.ofHorizon(90).withPath(365).withCapacity(4_000));
        for (Projection projection : forecast.projections()) {
            ForecastPoint point = library.at(projection.days());
            assertThat(projection)
                    .isEqualTo(
                            new Projection(
                                    projection.days(),
                                    point.mean(),
                                    point.lo80(),
                                    point.hi80(),
                                    point.lo95(),
                                    point.hi95()));
        }
        assertThat(forecast.projections())
                .extracting(Projection::days)
                .containsExactly(7, 30, 90, 365);
        assertThat(forecast.confidence()).isEqualTo(100 * library.confidenceLevel());
        assertThat(forecast.growthRatePercentage()).isEqualTo(library.growthRatePercentage());
        assertThat(forecast.daysToCapacity())
                .isEqualTo(library.timeToCapacity().orElseThrow().median().orElseThrow());
        assertThat(forecast.reachesCapacity()).isTrue();
        assertThat(forecast.daysToWarning()).isLessThan(forecast.daysToCritical());
        assertThat(forecast.daysToCritical()).isLessThan(forecast.daysToCapacity());
        assertThat(forecast.action()).contains("of 4,000 used").endsWith("Figures in bytes.");
        assertThat(forecast.pattern().type()).isEqualTo("LINEAR");
    }

    @Test
    void flatResourceNeverFillsUpAndOneWithoutLimitSaysSo() {
        ForecastState flat = new ForecastState();
        ForecastState unlimited = new ForecastState();
        for (int day = 0; day < 60; day++) {
            flat.add(States.ofDay("flat", "STORAGE", day, 500, 1_000), true, 730);
            unlimited.add(States.ofDay("free", "STORAGE", day, 500 + day, NONE), true, 730);
        }
        ResourceForecast never = look(flat);
        assertThat(never.reachesCapacity()).isFalse();
        assertThat(never.daysToCapacity()).isNaN();
        assertThat(never.urgency()).isEqualTo("NONE");
        ResourceForecast free = look(unlimited);
        assertThat(free.reachesCapacity()).isNull();
        assertThat(free.action()).startsWith("No limit is known: 559 now");
    }

    @Test
    void youngResourceIsForecastByTheHourForAMonthAndAYoungerOneNotAtAll() {
        ForecastState state = new ForecastState();
        for (int hour = 0; hour < 23; hour++) {
            state.add(States.ofHour("disk", "STORAGE", hour, 100 + hour, 10_000), true, 730);
        }
        assertThat(state.look(LEVELS)).isNull();
        for (int hour = 23; hour < 72; hour++) {
            state.add(States.ofHour("disk", "STORAGE", hour, 100 + hour, 10_000), true, 730);
        }
        ResourceForecast forecast = look(state);
        assertThat(forecast.stepSeconds()).isEqualTo(3_600);
        assertThat(forecast.projections()).extracting(Projection::days).containsExactly(7, 30);
        assertThat(Objects.requireNonNull(forecast.ahead(7)).mean())
                .isCloseTo(171 + 168, within(1.0));
        assertThat(forecast.confidence()).isNaN();
    }

    @Test
    void hoursWithoutAReportOfALevelHaveTheOneBefore() {
        ForecastState state = new ForecastState();
        for (int hour = 0; hour < 96; hour += 8) {
            state.add(States.ofHour("rows", "STORAGE", hour, 100, NONE), true, 730);
        }
        assertThat(look(state).observations()).isEqualTo(89);
    }

    @Test
    void highestOfADayThatGoesOnIsNotYetBelieved() {
        ForecastState state = new ForecastState();
        for (int hour = 0; hour < 40 * 24 + 3; hour++) {
            double busy = hour % 24 == 12 ? 90 : 10;
            state.add(States.ofHour("cpu", "CPU", hour, busy, 100), true, 730);
        }
        ResourceForecast forecast = look(state);
        assertThat(forecast.current()).isEqualTo(10);
        assertThat(Objects.requireNonNull(forecast.ahead(7)).mean()).isCloseTo(90, within(1e-6));
    }

    @Test
    void anAlarmForTodayIsJudgedAsWell() {
        ForecastState state = new ForecastState();
        int today = 40 * 24 + 3;
        for (int hour = 0; hour < 50 * 24; hour++) {
            double busy = hour % 24 == 12 ? 11 + 2 * (hour / 24) : 10;
            state.add(States.ofHour("cpu", "CPU", hour, Math.min(99, busy), 100), true, 730);
            if (hour == today) {
                assertThat(look(state).likelyDaysToCritical()).isZero();
            }
        }
        assertThat(look(state).track().truePositives()).isPositive();
    }

    @Test
    void pastForecastsAreScoredWhenTheirDayIsOver() {
        ForecastState state = new ForecastState();
        for (int day = 0; day < 60; day++) {
            state.add(States.ofDay("disk", "STORAGE", day, 1_000 + day, 5_000), true, 730);
        }
        assertThat(look(state).track().scored()).isZero();
        for (int day = 60; day < 66; day++) {
            state.add(States.ofDay("disk", "STORAGE", day, 1_000 + day, 5_000), true, 730);
            assertThat(look(state).track().scored()).as("not yet due").isZero();
        }
        state.add(States.ofDay("disk", "STORAGE", 66, 1_066, 5_000), true, 730);
        state.add(States.ofHour("disk", "STORAGE", 67 * 24, 1_066, 5_000), true, 730);
        TrackRecord track = look(state).track();
        assertThat(track.scored()).isEqualTo(1);
        assertThat(track.accuracy()).isCloseTo(100, within(0.5));
        assertThat(track.coverage95()).isEqualTo(100);
    }

    @Test
    void intervalsWidenWhenTheFutureIsOutsideThem() {
        TrackRecord track = TrackRecord.NONE;
        for (int day = 0; day < 30; day++) {
            PendingProjection pending =
                    new PendingProjection(
                            0, day, new Projection(7, 100, 99, 101, 98, 102), NONE, false);
            track = track.scored(pending, 150, false);
        }
        assertThat(track.width()).isGreaterThan(1.3);
        assertThat(track.coverage95()).isZero();
        assertThat(track.meanBias()).isCloseTo(-100.0 / 3, within(1e-9));
    }

    @Test
    void alarmsAreJudgedByWhetherTheLevelWasReached() {
        Projection projection = new Projection(30, 95, 90, 100, 85, 105);
        TrackRecord track =
                TrackRecord.NONE
                        .scored(new PendingProjection(0, 30, projection, 90, true), 95, true)
                        .scored(new PendingProjection(0, 31, projection, 90, true), 50, false)
                        .scored(new PendingProjection(0, 32, projection, 90, false), 95, true)
                        .scored(new PendingProjection(0, 33, projection, NONE, false), 95, false);
        assertThat(track.truePositives()).isEqualTo(1);
        assertThat(track.falsePositives()).isEqualTo(1);
        assertThat(track.falseNegatives()).isEqualTo(1);
    }

    @Test
    void lateCorrectionChangesTheNextForecastAndNotThePastOne() {
        ForecastState state = new ForecastState();
        for (int day = 0; day < 60; day++) {
            state.add(States.ofDay("disk", "STORAGE", day, 1_000 + day, 5_000), true, 730);
        }
        ResourceForecast past = look(state);
        for (int day = 20; day < 60; day++) {
            state.add(States.ofDay("disk", "STORAGE", day, 1_000 + 5 * day, 5_000), true, 730);
        }
        assertThat(state.look(LEVELS))
                .as("nothing newer, so no other forecast as of then")
                .isNull();
        state.add(States.ofDay("disk", "STORAGE", 60, 1_300, 5_000), true, 730);
        ResourceForecast next = look(state);
        assertThat(next.asOf()).isGreaterThan(past.asOf());
        assertThat(Objects.requireNonNull(next.ahead(30)).mean())
                .isGreaterThan(Objects.requireNonNull(past.ahead(30)).mean() + 200);
    }

    @Test
    void stateOfAResourceThatIsForecastDailyStaysBelow64KilobytesWithTheUsualHistory()
            throws Exception {
        assertThat(bytes(ForecastSettings.DEFAULT.historyDays(), 5 * 365))
                .isBetween(10_000, 64 * 1024);
    }

    @Test
    void andWithTheLongestThereCanBe() throws Exception {
        int longest = ForecastSettings.MOST_HISTORY_DAYS;
        assertThat(bytes(longest, longest + 100)).isBetween(40_000, 64 * 1024);
    }

    /** Of the state when a resource was measured for so many days, and forecast daily. */
    private static int bytes(int daysKept, int days) throws Exception {
        ForecastState state = new ForecastState();
        Random random = new Random(3);
        double value = 1_000;
        for (int day = 0; day < days; day++) {
            value += random.nextInt(10);
            for (int quarter = 0; quarter < 4; quarter++) {
                int hour = day * 24 + quarter * 6;
                state.add(States.ofHour("disk", "STORAGE", hour, value, 50_000), true, daysKept);
            }
            // A year and a month fill what waits to be scored.
            if (day >= days - 40 || day >= days - 400 && day % 3 == 0) {
                state.look(LEVELS);
            }
        }
        assertThat(state.pending).hasSizeLessThan(4 * 31 + 4);
        DataOutputSerializer out = new DataOutputSerializer(1 << 16);
        TypeInformation.of(ForecastState.class)
                .createSerializer(new SerializerConfigImpl())
                .serialize(state, out);
        return out.length();
    }

    @Test
    void transactionIdsAreForetoldToRunOutAndSaidToBeFrozen() {
        ForecastState state = new ForecastState();
        for (int day = 0; day < 60; day++) {
            state.add(
                    States.ofDay("app", "TRANSACTION_ID", day, 1e9 + 15e6 * day, 2_146_483_648.0),
                    true,
                    730);
        }
        ResourceForecast forecast = look(state);
        double left = (2_146_483_648.0 - 1e9 - 15e6 * 59) / 15e6;
        assertThat(forecast.daysToCapacity()).isCloseTo(Math.ceil(left), within(0.0));
        assertThat(forecast.action()).startsWith("Run VACUUM (FREEZE) on the oldest tables");
        assertThat(forecast.action()).doesNotContain("holds for");
        // Autovacuum freezes at 200 million, again and again.
        ForecastState frozen = new ForecastState();
        for (int day = 0; day < 120; day++) {
            frozen.add(
                    States.ofDay("app", "TRANSACTION_ID", day, 15e6 * (day % 14), 2_146_483_648.0),
                    true,
                    730);
        }
        assertThat(look(frozen).reachesCapacity()).as("it is frozen in time").isFalse();
    }

    @Test
    void sequenceIsForetoldToRunOut() {
        ForecastState state = new ForecastState();
        for (int day = 0; day < 100; day++) {
            state.add(
                    States.ofDay("app.s.id_seq", "SEQUENCE", day, 40 + 0.5 * day, 100), true, 730);
        }
        ResourceForecast forecast = look(state);
        assertThat(forecast.daysToCapacity()).isEqualTo(21);
        assertThat(forecast.action()).startsWith("Widen the column and its sequence to bigint");
    }

    @Test
    void connectionsAreAdvisedByPodsPoolsLimitsAndWhatTheBusiestHourNeeded() {
        ConnectionPlan plan =
                new ConnectionPlan(3, 20, 250, 50, 3, new ConnectionPlan.Pooler(50, 1_000));
        ForecastState state = new ForecastState();
        for (int hour = 0; hour < 60 * 24; hour++) {
            double open = 20 + hour / 72.0 + (hour % 24 == 11 ? 5 : 0);
            state.add(States.connections(hour, open, 197, hour % 24 == 11 ? 8 : 2), true, 730);
        }
        ResourceForecast forecast = Objects.requireNonNull(state.look(LEVELS, plan), "a forecast");
        assertThat(forecast.action()).contains("3 pods x 20 connections = 60 against 45 usable");
        double peak = 20 + (60 * 24 - 13) / 72.0 + 5;
        double expected = 250 * Objects.requireNonNull(forecast.ahead(90)).hi80() / Math.rint(peak);
        assertThat(forecast.action()).contains("%.0f expected".formatted(Math.ceil(expected)));
        assertThat(forecast.scaling())
                .extracting(ScalingOption::name)
                .startsWith("as it is")
                .contains("higher role limit")
                .as("it is there")
                .doesNotContain("pgbouncer");
        ScalingOption pooled = forecast.scaling().get(forecast.scaling().size() - 1);
        assertThat(pooled.users()).as("users of each connection that executes").isGreaterThan(250);
        assertThat(look(state(forecast)).scaling()).as("nobody said how it is reached").isEmpty();
    }

    @Test
    void whatActsComesFirstAndNothingToDoIsNotSaidBesideIt() {
        ConnectionPlan small = new ConnectionPlan(2, 10, 100, null, 3, null);
        // Twenty of a thousand: the server has room, the pools have not.
        String pools = connections(small, 20, 1, 1_000).action();
        assertThat(pools)
                .startsWith("Raise the pool size per pod from 10")
                .containsPattern(" \\d+ of 1,000 used \\(\\d+ %\\), full never")
                .doesNotContain("Nothing to do");
        ConnectionPlan enough = new ConnectionPlan(50, 20, 100, null, 3, null);
        assertThat(connections(enough, 20, 0, 1_000).action())
                .startsWith("Nothing to do: 20 of 1,000 used")
                .containsOnlyOnce("Nothing to do")
                .contains("50 pods x 20 connections");
        assertThat(connections(enough, 60, 8, 180).action())
                .as("the server fills up")
                .startsWith("Put a pooler in transaction mode in between")
                .doesNotContain("Nothing to do");
        ConnectionPlan pooled =
                new ConnectionPlan(50, 20, 100, null, 3, new ConnectionPlan.Pooler(200, 2_000));
        assertThat(connections(pooled, 60, 8, 180).action())
                .startsWith("Look what connects past the pooler")
                .doesNotContain("in between", "Nothing to do");
    }

    @Test
    void poolersAreProposedOnceADayWasSeenOfWhatExecutes() {
        ConnectionPlan plan = new ConnectionPlan(3, 20, 250, null, 3, null);
        ForecastState state = new ForecastState();
        int start = 30 * 24 + 20;
        for (int hour = 0; hour < start; hour++) {
            double open = hour % 24 == 11 ? hour / 24 == 20 ? 50 : 40 : 10;
            state.add(States.connections(hour, open, 197, NONE), false, 730);
        }
        for (int hour = start; hour < 33 * 24; hour++) {
            int of = hour % 24;
            double executing = of == 11 ? 8 : 1;
            state.add(States.connections(hour, of == 11 ? 40 : 10, 197, executing), true, 730);
            boolean whole = hour >= 32 * 24 - 1;
            if (of == 0 || of == 12 || of == 23) {
                assertThat(Objects.requireNonNull(state.look(LEVELS, plan), "one").scaling())
                        .filteredOn(option -> option.name().equals("pgbouncer"))
                        .hasSize(whole ? 1 : 0)
                        .allSatisfy(
                                option ->
                                        assertThat(option.users())
                                                .as("10 of 50 executed on the day of the peak")
                                                .isLessThanOrEqualTo(250 * 177 / 10));
            }
        }
    }

    /** Of 60 days that rise by so many in ten of them. */
    private static ResourceForecast connections(
            ConnectionPlan plan, double open, double inTenDays, double possible) {
        ForecastState state = new ForecastState();
        for (int hour = 0; hour < 60 * 24; hour++) {
            double now = open + inTenDays * hour / 240.0;
            state.add(States.connections(hour, Math.rint(now), possible, 4), true, 730);
        }
        return Objects.requireNonNull(state.look(LEVELS, plan), "a forecast");
    }

    /** One that was measured for as long and of which nobody said how it is reached. */
    private static ForecastState state(ResourceForecast like) {
        ForecastState state = new ForecastState();
        for (int hour = 0; hour < 20 * 24; hour++) {
            state.add(States.connections(hour, like.current(), like.capacity(), 2), true, 730);
        }
        return state;
    }

    private static ResourceForecast look(ForecastState state) {
        return Objects.requireNonNull(state.look(LEVELS), "a forecast");
    }
}
