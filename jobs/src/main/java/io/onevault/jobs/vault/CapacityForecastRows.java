package io.onevault.jobs.vault;

import static io.onevault.connectors.vault.VaultTable.ColumnType.BOOLEAN;
import static io.onevault.connectors.vault.VaultTable.ColumnType.DOUBLE;
import static io.onevault.connectors.vault.VaultTable.ColumnType.INTERVAL;
import static io.onevault.connectors.vault.VaultTable.ColumnType.JSON;
import static io.onevault.connectors.vault.VaultTable.ColumnType.LONG;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TEXT;
import static io.onevault.connectors.vault.VaultTable.ColumnType.TIMESTAMP;

import io.onevault.connectors.vault.VaultLink;
import io.onevault.connectors.vault.VaultRow;
import io.onevault.connectors.vault.VaultTable;
import io.onevault.connectors.vault.VaultTable.Column;
import io.onevault.jobs.capacity.forecast.Projection;
import io.onevault.jobs.capacity.forecast.Resource;
import io.onevault.jobs.capacity.forecast.ResourceForecast;
import io.onevault.jobs.capacity.forecast.ScalingOption;
import io.onevault.jobs.capacity.forecast.TrackRecord;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Forecasts in {@code capacity_planning.capacity_forecast_s}: the hub is the resource's series, a
 * row's load date the end of the newest state it is based on. Of two forecasts as of one time the
 * one from more observations stands.
 */
public final class CapacityForecastRows {

    private static final List<String> HORIZONS = List.of("7d", "30d", "90d", "1y");
    private static final List<Integer> HORIZON_DAYS = List.of(7, 30, 90, 365);
    private static final double SECONDS_PER_DAY = 86_400;

    private static final String OF_RESOURCE = "forecast_utilization_l";

    public static final VaultTable TABLE =
            new VaultTable(
                            "capacity_planning",
                            "capacity_forecast_h",
                            "capacity_forecast_s",
                            "capacity_forecast",
                            columns(),
                            List.of("observation_count"),
                            "ONEVAULT_STREAMS_CAPACITY")
                    .withLinks(
                            new VaultLink(
                                    OF_RESOURCE,
                                    "forecast_utilization",
                                    "resource_utilization_h",
                                    "resource_utilization",
                                    false));

    private CapacityForecastRows() {}

    private static List<Column> columns() {
        List<Column> columns = new ArrayList<>();
        columns.add(new Column("target_name", TEXT));
        columns.add(new Column("resource_type", TEXT));
        columns.add(new Column("resource_name", TEXT));
        columns.add(new Column("resource_unit", TEXT));
        columns.add(new Column("forecast_timestamp", TIMESTAMP));
        columns.add(new Column("current_usage", DOUBLE));
        columns.add(new Column("max_capacity", DOUBLE));
        for (String horizon : HORIZONS) {
            String column = "projected_usage_" + horizon;
            columns.add(new Column(column, DOUBLE));
            for (String bound : List.of("lo80", "hi80", "lo95", "hi95")) {
                columns.add(new Column(column + "_" + bound, DOUBLE));
            }
        }
        columns.add(new Column("growth_rate_percentage", DOUBLE));
        columns.add(new Column("reaches_capacity", BOOLEAN));
        columns.add(new Column("time_to_capacity", INTERVAL));
        columns.add(new Column("time_to_capacity_lo", INTERVAL));
        columns.add(new Column("time_to_capacity_hi", INTERVAL));
        columns.add(new Column("days_to_warning", DOUBLE));
        columns.add(new Column("days_to_critical", DOUBLE));
        columns.add(new Column("confidence_level", DOUBLE));
        columns.add(new Column("forecast_model", TEXT));
        columns.add(new Column("runner_up_model", TEXT));
        columns.add(new Column("backtest_smape", DOUBLE));
        columns.add(new Column("backtest_mase", DOUBLE));
        columns.add(new Column("model_skill", DOUBLE));
        columns.add(new Column("runner_up_mase", DOUBLE));
        columns.add(new Column("model_accuracy", DOUBLE));
        columns.add(new Column("forecast_bias", DOUBLE));
        columns.add(new Column("interval_coverage", DOUBLE));
        columns.add(new Column("data_quality_score", DOUBLE));
        columns.add(new Column("history_days", DOUBLE));
        columns.add(new Column("recommended_action", TEXT));
        columns.add(new Column("urgency", TEXT));
        columns.add(new Column("observation_count", LONG));
        columns.add(new Column("scaling_options", JSON));
        columns.add(new Column("additional_context", JSON));
        return columns;
    }

    /** The row of a forecast. */
    public static VaultRow row(ResourceForecast f) {
        Resource resource = f.resource();
        List<@Nullable Object> payload = new ArrayList<>(TABLE.columns().size());
        payload.add(resource.target());
        payload.add(resource.type());
        payload.add(resource.name());
        payload.add(resource.unit());
        payload.add(f.asOf());
        payload.add(f.current());
        payload.add(number(f.capacity()));
        for (int days : HORIZON_DAYS) {
            Projection p = f.ahead(days);
            payload.add(p == null ? null : p.mean());
            payload.add(p == null ? null : p.lo80());
            payload.add(p == null ? null : p.hi80());
            payload.add(p == null ? null : p.lo95());
            payload.add(p == null ? null : p.hi95());
        }
        payload.add(number(f.growthRatePercentage()));
        payload.add(f.reachesCapacity());
        payload.add(seconds(f.daysToCapacity()));
        payload.add(seconds(f.daysToCapacityEarliest()));
        payload.add(seconds(f.daysToCapacityLatest()));
        payload.add(number(f.daysToWarning()));
        payload.add(number(f.daysToCritical()));
        payload.add(number(f.confidence()));
        payload.add(f.model());
        payload.add(f.runnerUp().isEmpty() ? null : f.runnerUp());
        payload.add(number(f.smape()));
        payload.add(number(f.mase()));
        payload.add(number(f.skill()));
        payload.add(number(f.runnerUpMase()));
        payload.add(number(f.track().accuracy()));
        payload.add(number(f.track().meanBias()));
        payload.add(number(f.track().coverage95()));
        payload.add(f.dataQuality());
        payload.add(f.historyDays());
        payload.add(f.action());
        payload.add(f.urgency());
        payload.add((long) f.observations());
        payload.add(f.scaling().isEmpty() ? null : Json.array(scaling(f.scaling())));
        payload.add(Json.object(context(f)));
        return new VaultRow(
                resource.series(),
                resource.tenant(),
                f.asOf(),
                payload,
                List.of(new VaultRow.Link(OF_RESOURCE, resource.series())));
    }

    private static List<Map<String, Object>> scaling(List<ScalingOption> options) {
        List<Map<String, Object>> objects = new ArrayList<>();
        for (ScalingOption option : options) {
            Map<String, Object> object = new LinkedHashMap<>();
            object.put("option_name", option.name());
            object.put("connections", option.connections());
            object.put("users", option.users());
            object.put("is_enough", option.enough());
            object.put("recommendation", option.words());
            objects.add(object);
        }
        return objects;
    }

    private static Map<String, String> context(ResourceForecast f) {
        TrackRecord track = f.track();
        Map<String, String> context = new TreeMap<>();
        context.put("model_name", f.modelName());
        context.put("step_seconds", Integer.toString(f.stepSeconds()));
        context.put("warning_percentage", Double.toString(f.warning()));
        context.put("critical_percentage", Double.toString(f.critical()));
        likely(context, "likely_days_to_capacity", f.likelyDaysToCapacity());
        likely(context, "likely_days_to_critical", f.likelyDaysToCritical());
        likely(context, "likely_days_to_warning", f.likelyDaysToWarning());
        context.put("scored_projections", Long.toString(track.scored()));
        context.put("interval_width_factor", Double.toString(track.width()));
        if (track.scored() > 0) {
            context.put("interval_coverage_80", Double.toString(track.coverage80()));
            context.put("true_positives", Integer.toString(track.truePositives()));
            context.put("false_positives", Integer.toString(track.falsePositives()));
            context.put("false_negatives", Integer.toString(track.falseNegatives()));
        }
        return context;
    }

    private static void likely(Map<String, String> context, String name, double days) {
        if (!Double.isNaN(days)) {
            context.put(name, Double.toString(days));
        }
    }

    private static @Nullable Double seconds(double days) {
        return Double.isNaN(days) ? null : days * SECONDS_PER_DAY;
    }

    private static @Nullable Double number(double value) {
        return Double.isFinite(value) ? value : null;
    }
}
