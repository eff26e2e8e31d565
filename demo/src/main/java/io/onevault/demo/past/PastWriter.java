package io.onevault.demo.past;

import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultWriter;
import io.onevault.jobs.capacity.ResourceUtilization;
import io.onevault.jobs.capacity.forecast.ForecastSettings;
import io.onevault.jobs.capacity.forecast.ForecastState;
import io.onevault.jobs.capacity.forecast.Levels;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import io.onevault.jobs.vault.CapacityForecastRows;
import io.onevault.jobs.vault.GrowthPatternRows;
import io.onevault.jobs.vault.ResourceUtilizationRows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes pasts into the vault as a job that had been running all the time would have left them:
 * states of the resource, by the day and in the last two weeks by the hour, and the forecasts of
 * every week, each made by the job's own code from what was known then, and scored by it when its
 * day came.
 */
public final class PastWriter {

    private static final long HOUR = 3_600_000L;
    private static final long DAY = 24 * HOUR;
    private static final int HOURLY_DAYS = 14;
    private static final int FIRST_FORECAST = 90;
    private static final int DAYS_BETWEEN_FORECASTS = 7;

    private final Connection vault;
    private final long end;

    /**
     * @param vault of a role that writes; kept by the caller, auto-commit is turned off
     * @param now milliseconds since the epoch
     */
    public PastWriter(Connection vault, long now) {
        this.vault = vault;
        this.end = Math.floorDiv(now, DAY) * DAY;
    }

    /** Where the pasts end: last midnight, milliseconds since the epoch. */
    public long end() {
        return end;
    }

    /** Writes all pasts. */
    public void write(List<TenantPast> pasts) throws SQLException {
        List<VaultRow> states = new ArrayList<>();
        List<VaultRow> forecasts = new ArrayList<>();
        List<VaultRow> patterns = new ArrayList<>();
        for (TenantPast past : pasts) {
            for (ResourceUtilization state : states(past)) {
                states.add(ResourceUtilizationRows.row(state));
            }
            for (ResourceForecast forecast : forecasts(past)) {
                forecasts.add(CapacityForecastRows.row(forecast));
                patterns.add(GrowthPatternRows.row(forecast));
            }
        }
        write(ResourceUtilizationRows.TABLE, states);
        write(CapacityForecastRows.TABLE, forecasts);
        write(GrowthPatternRows.TABLE, patterns);
    }

    private void write(VaultTable table, List<VaultRow> rows) throws SQLException {
        new VaultWriter(table, vault).write(rows);
    }

    private List<ResourceUtilization> states(TenantPast past) {
        List<ResourceUtilization> states = new ArrayList<>();
        for (int day = TenantPast.DAYS - 1; day >= HOURLY_DAYS; day--) {
            states.add(state(past, 24 * day, DAY));
        }
        for (int hour = 24 * HOURLY_DAYS - 1; hour >= 0; hour--) {
            states.add(state(past, hour, HOUR));
        }
        return states;
    }

    private List<ResourceForecast> forecasts(TenantPast past) {
        List<ResourceForecast> forecasts = new ArrayList<>();
        ForecastState job = new ForecastState();
        for (int day = TenantPast.DAYS - 1; day > 0; day--) {
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
                "DEMO");
    }

    /** NaN before the first day. */
    private static double before(TenantPast past, int hoursBefore, int days) {
        int then = hoursBefore + 24 * days;
        return then < 24 * TenantPast.DAYS ? past.measured(then) : Double.NaN;
    }
}
