package io.onevault.demo.past;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the running job foretold of the demo's pasts, each beside the truth. */
public final class Verdicts {

    /** Forecasts of earlier weeks came with the past. */
    private static final String FORECASTS =
            """
            SELECT projected_usage_30d, projected_usage_30d_lo80, projected_usage_30d_hi80,
                reaches_capacity,
                extract(EPOCH FROM time_to_capacity)::double precision / 86400,
                extract(EPOCH FROM time_to_capacity_lo)::double precision / 86400,
                extract(EPOCH FROM time_to_capacity_hi)::double precision / 86400,
                pattern_type, forecast_model
            FROM capacity_planning.growth_forecast_summary
            WHERE target_name = 'demo' AND resource_name = ? AND forecast_timestamp >= ?\
            """;

    private Verdicts() {}

    /**
     * @param vault of a role that sees every tenant
     * @param end of the pasts, milliseconds since the epoch
     * @return one for each past that has been forecast, in their order
     */
    public static List<Verdict> of(Connection vault, List<TenantPast> pasts, long end)
            throws SQLException {
        List<Verdict> verdicts = new ArrayList<>();
        try (PreparedStatement statement = vault.prepareStatement(FORECASTS)) {
            for (TenantPast past : pasts) {
                statement.setString(1, past.name());
                statement.setTimestamp(2, new Timestamp(end));
                try (ResultSet row = statement.executeQuery()) {
                    if (row.next()) {
                        verdicts.add(verdict(past, row));
                    }
                }
            }
        }
        return List.copyOf(verdicts);
    }

    /** How all of them did, for the summary: one entry a growth, and what they come to. */
    public static Map<String, @Nullable Object> json(List<Verdict> verdicts) {
        Map<String, @Nullable Object> json = new LinkedHashMap<>();
        json.put("judged", verdicts.size());
        json.put("right", verdicts.stream().filter(Verdict::right).count());
        json.put("within_80", verdicts.stream().filter(Verdict::monthHeld).count());
        for (Verdict verdict : verdicts) {
            Map<String, @Nullable Object> one = new LinkedHashMap<>();
            one.put("tenant", verdict.past().tenant());
            one.put("right", verdict.right());
            one.put("days_to_capacity", verdict.days());
            one.put("earliest", verdict.earliest());
            one.put("latest", verdict.latest());
            one.put("true_days_to_capacity", days(verdict.past()));
            one.put("bytes_in_30_days", verdict.month());
            one.put("true_bytes_in_30_days", verdict.monthTruth());
            one.put("pattern", verdict.pattern());
            one.put("model", verdict.model());
            json.put(verdict.past().growth().name().toLowerCase(Locale.ROOT), one);
        }
        return json;
    }

    private static @Nullable Integer days(TenantPast past) {
        return past.fullOn().isPresent() ? past.fullOn().getAsInt() : null;
    }

    private static Verdict verdict(TenantPast past, ResultSet row) throws SQLException {
        return new Verdict(
                past,
                row.getDouble(1),
                row.getDouble(2),
                row.getDouble(3),
                row.getBoolean(4),
                row.getObject(5, Double.class),
                row.getObject(6, Double.class),
                row.getObject(7, Double.class),
                String.valueOf(row.getString(8)),
                row.getString(9));
    }
}
