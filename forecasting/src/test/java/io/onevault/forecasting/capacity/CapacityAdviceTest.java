package io.onevault.forecasting.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import io.onevault.forecasting.ForecastOptions;
import io.onevault.forecasting.ForecastResult;
import io.onevault.forecasting.Forecaster;
import io.onevault.forecasting.capacity.CapacityAdvice.Remedy;
import io.onevault.forecasting.capacity.CapacityAdvice.Urgency;
import io.onevault.forecasting.series.TimeSeries;
import org.junit.jupiter.api.Test;

class CapacityAdviceTest {

    private final ForecastResult rising = forecast(1);

    @Test
    void saysWhenToActAndHowMuchIsNeeded() {
        CapacityAdvice advice = CapacityAdvice.of(rising, 340, 0.9, 0.95, "days", Remedy.CAPACITY);

        assertThat(advice.urgency()).isEqualTo(Urgency.ACT);
        assertThat(advice.toWarning().median()).hasValue(7);
        assertThat(advice.toCritical().median()).hasValue(24);
        assertThat(advice.toCapacity().median()).hasValue(41);
        assertThat(advice.action())
                .startsWith("Add capacity: 299 of 340 used (88 %), full in 41 days (41 to 42).")
                .contains("holds for 90 days with 20 % free");
    }

    @Test
    void plansWhatIsFartherAway() {
        CapacityAdvice advice = CapacityAdvice.of(rising, 500, 0.8, 0.9, "days", Remedy.CAPACITY);

        assertThat(advice.urgency()).isEqualTo(Urgency.PLAN);
        assertThat(advice.action()).contains("in 201 days");
    }

    @Test
    void isUrgentAtTheCriticalLevel() {
        CapacityAdvice advice = CapacityAdvice.of(rising, 310, 0.8, 0.9, "days", Remedy.CAPACITY);

        assertThat(advice.urgency()).isEqualTo(Urgency.NOW);
        assertThat(advice.toWarning().inWords("days")).isEqualTo("reached already");
    }

    @Test
    void saysNeverPlainly() {
        CapacityAdvice advice =
                CapacityAdvice.of(forecast(0), 500, 0.8, 0.9, "days", Remedy.CAPACITY);

        assertThat(advice.urgency()).isEqualTo(Urgency.NONE);
        assertThat(advice.action())
                .isEqualTo("Nothing to do: 0 of 500 used (0 %), full never within 360 days.");
    }

    @Test
    void asksForDataWhenThereIsNone() {
        ForecastResult nothing =
                new Forecaster().forecast(TimeSeries.ofValues(), ForecastOptions.ofHorizon(90));

        assertThat(CapacityAdvice.of(nothing, 500, 0.8, 0.9, "days", Remedy.CAPACITY).action())
                .startsWith("No data");
    }

    private static ForecastResult forecast(double slope) {
        double[] values = new double[300];
        for (int i = 0; i < values.length; i++) {
            values[i] = slope * i;
        }
        return new Forecaster()
                .forecast(TimeSeries.ofValues(values), ForecastOptions.ofHorizon(90));
    }
}
