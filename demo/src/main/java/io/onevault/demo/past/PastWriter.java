package io.onevault.demo.past;

import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultWriter;
import io.onevault.jobs.capacity.ResourceUtilization;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import io.onevault.jobs.vault.CapacityForecastRows;
import io.onevault.jobs.vault.GrowthPatternRows;
import io.onevault.jobs.vault.ResourceUtilizationRows;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Writes pasts into the vault as a job that had been running all the time would have left them: the
 * resources' states, and the forecasts of every week but the last, which is for the running job.
 */
public final class PastWriter {

    private static final int LAST_FORECAST = 7;

    private final Connection vault;
    private final PastStates states;

    /**
     * @param vault of a role that writes; kept by the caller, auto-commit is turned off
     * @param now milliseconds since the epoch
     */
    public PastWriter(Connection vault, long now) {
        this.vault = vault;
        this.states = PastStates.before(now);
    }

    /** Where the pasts end: last midnight (UTC), milliseconds since the epoch. */
    public long end() {
        return states.end();
    }

    /** Writes all pasts. */
    public void write(List<TenantPast> pasts) throws SQLException {
        List<VaultRow> rows = new ArrayList<>();
        List<VaultRow> forecasts = new ArrayList<>();
        List<VaultRow> patterns = new ArrayList<>();
        for (TenantPast past : pasts) {
            for (ResourceUtilization state : states.of(past)) {
                rows.add(ResourceUtilizationRows.row(state));
            }
            for (ResourceForecast forecast : states.forecasts(past, LAST_FORECAST)) {
                forecasts.add(CapacityForecastRows.row(forecast));
                patterns.add(GrowthPatternRows.row(forecast));
            }
        }
        write(ResourceUtilizationRows.TABLE, rows);
        write(CapacityForecastRows.TABLE, forecasts);
        write(GrowthPatternRows.TABLE, patterns);
    }

    private void write(VaultTable table, List<VaultRow> rows) throws SQLException {
        new VaultWriter(table, vault).write(rows);
    }
}
