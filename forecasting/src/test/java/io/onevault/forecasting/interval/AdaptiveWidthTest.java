package io.onevault.forecasting.interval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.onevault.forecasting.ForecastOptions;
import io.onevault.forecasting.ForecastPoint;
import io.onevault.forecasting.Forecaster;
import io.onevault.forecasting.series.TimeSeries;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AdaptiveWidthTest {

    @Test
    void widensAfterMissesAndNarrowsSlowlyAfterHits() {
        AdaptiveWidth width = AdaptiveWidth.start();

        assertThat(width.after(0.4).factor()).isGreaterThan(1.05);
        assertThat(width.after(1).factor()).isBetween(0.98, 0.9999);
        assertThat(width.after(0.95).factor()).isCloseTo(1, within(1e-9));
        assertThat(width.after(Double.NaN)).isEqualTo(width);
    }

    @Test
    void staysWithinItsBounds() {
        AdaptiveWidth misses = AdaptiveWidth.start();
        AdaptiveWidth hits = AdaptiveWidth.start();
        for (int i = 0; i < 1_000; i++) {
            misses = misses.after(0);
            hits = hits.after(1);
        }

        assertThat(misses.factor()).isEqualTo(4);
        assertThat(hits.factor()).isEqualTo(0.5);
    }

    @Test
    void scalesTheBoundsOfAForecast() {
        Random random = new Random(1);
        double[] values = random.doubles(200).toArray();
        ForecastOptions options = ForecastOptions.ofHorizon(10);
        ForecastPoint usual = at(values, options);
        ForecastPoint wide = at(values, options.withWidth(new AdaptiveWidth(2)));

        assertThat(wide.mean()).isEqualTo(usual.mean());
        assertThat(wide.hi95() - wide.mean())
                .isCloseTo(2 * (usual.hi95() - usual.mean()), within(1e-9));
    }

    private static ForecastPoint at(double[] values, ForecastOptions options) {
        return new Forecaster().forecast(TimeSeries.ofValues(values), options).at(5);
    }
}
