package io.onevault.demo.past;

import io.onevault.jobs.capacity.ResourceUtilization;
import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.capacity.forecast.ForecastState;
import io.onevault.jobs.capacity.forecast.Levels;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a job that had been running all the time would have found in a past.
 *
 * @param end of the past, a midnight, milliseconds since the epoch
 */
record PastStates(long end) {

    private static final long HOUR = 3_600_000L;
    private static final long DAY = 24 * HOUR;
    private static final int HOURLY_DAYS = 14;
    private static final int FIRST_FORECAST = 90;
    private static final int DAYS_BETWEEN_FORECASTS = 7;

    /** The last midnight (UTC) before {@code now}. */
    static PastStates before(long now) {
        return new PastStates(Math.floorDiv(now, DAY) * DAY);
    }

    /** States of the resource by the day, and of the last two weeks by the hour. */
    List<ResourceUtilization> of(TenantPast past) {
        List<ResourceUtilization> states = new ArrayList<>();
        for (int day = TenantPast.DAYS - 1; day >= HOURLY_DAYS; day--) {
            states.add(state(past, 24 * day, DAY));
        }
        for (int hour = 24 * HOURLY_DAYS - 1; hour >= 0; hour--) {
            states.add(state(past, hour, HOUR));
        }
        return states;
    }

    /**
     * The forecasts of every week, each made by the job's own code from what was known then, and
     * scored by it when its day came.
     *
     * @param last how many days before the end the last may be made
     */
    List<ResourceForecast> forecasts(TenantPast past, int last) {
        List<ResourceForecast> forecasts = new ArrayList<>();
        ForecastState job = new ForecastState();
        for (int day = TenantPast.DAYS - 1; day >= last; day--) {
            job.add(state(past, 24 * day, DAY), true, TenantPast.DAYS);
            boolean turn = day % DAYS_BETWEEN_FORECASTS == 0;
            if (turn && TenantPast.DAYS - day >= FIRST_FORECAST) {
                @Nullable ResourceForecast forecast = job.look(Levels.of(ForecastSettings.DEFAULT));
                if (forecast != null) {
                    forecasts.add(forecast);
                }
            }
        }
        return forecasts;
    }

    private ResourceUtilization state(TenantPast past, int hoursBefore, long period) {
        double value = past.measured(hoursBefore);
        double week = value - before(past, hoursBefore, 7);
        return new ResourceUtilization(
                past.series(),
                "demo",
                past.tenant(),
                "STORAGE",
                past.name(),
                "bytes",
                "",
                "",
                Map.of(),
                end - hoursBefore * HOUR - period,
                (int) (period / 1000),
                period / HOUR,
                value,
                past.capacity(),
                value - before(past, hoursBefore, 1),
                week,
                value - before(past, hoursBefore, 30),
                week / 7,
                null,
                null,
                Double.NaN,
                "DEMO");
    }

    /** NaN before the first day. */
    private static double before(TenantPast past, int hoursBefore, int days) {
        int then = hoursBefore + 24 * days;
        return then < 24 * TenantPast.DAYS ? past.measured(then) : Double.NaN;
    }
}
