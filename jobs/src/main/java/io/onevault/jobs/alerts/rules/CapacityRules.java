package io.onevault.jobs.alerts.rules;

import com.google.re2j.Pattern;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Capacity thresholds in days as rules about forecasts. Each has the key of its threshold; its
 * alerts clear when a third more than its days are left.
 */
public final class CapacityRules {

    /** The metric that these rules are about; its series have the labels used below. */
    private static final String METRIC = "days_to_capacity";

    private static final double CLEAR = 4.0 / 3;

    private CapacityRules() {}

    /** The same update with rules for its thresholds in days. */
    public static RuleUpdate added(RuleUpdate update) {
        if (update.thresholds().isEmpty() && update.retiredThresholds().isEmpty()) {
            return update;
        }
        List<AlertRule> rules = new ArrayList<>(update.rules());
        List<String> retired = new ArrayList<>(update.retiredRules());
        retired.addAll(update.retiredThresholds());
        for (CapacityThreshold threshold : update.thresholds()) {
            if (threshold.daysToCapacity() > 0) {
                rules.add(rule(threshold));
            } else {
                retired.add(threshold.key());
            }
        }
        return new RuleUpdate(
                update.version(),
                rules,
                update.thresholds(),
                retired,
                update.retiredThresholds(),
                update.silences(),
                update.retiredSilences());
    }

    private static AlertRule rule(CapacityThreshold threshold) {
        boolean critical = threshold.level() == CapacityThreshold.Level.CRITICAL;
        double days = threshold.daysToCapacity();
        String pattern = threshold.resourcePattern();
        return new AlertRule(
                threshold.key(),
                threshold.tenantKey(),
                threshold.version(),
                "capacity: " + threshold.name() + " " + threshold.level(),
                METRIC,
                "",
                Map.of(
                        "resource_type",
                        Pattern.quote(threshold.resourceType()),
                        "resource_name",
                        pattern.isEmpty() ? ".*" : pattern),
                Condition.THRESHOLD,
                Map.of(),
                Direction.BELOW,
                critical ? Double.NaN : days,
                critical ? days : Double.NaN,
                CLEAR * days,
                0,
                threshold.businessHoursOnly(),
                threshold.suppressionMinutes(),
                List.of(),
                List.of(),
                threshold.channels(),
                List.of(),
                "Fewer days are left until a resource is full than its capacity threshold asks"
                        + " for.",
                threshold.messageTemplate(),
                "See capacity_planning.capacity_alerts for the forecast; add room, or find out what"
                        + " grows.",
                "");
    }
}
