package io.onevault.jobs.alerts;

import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.metrics.LiveValue;
import io.onevault.jobs.metrics.Outlook;
import io.onevault.jobs.metrics.baseline.Deviation;

/** What a rule judges of a look at a series, in the metric's unit. */
final class JudgedValue {

    private JudgedValue() {}

    /** What is expected of a series, or usual, is for rules that ask for it, and no others. */
    static boolean isAbout(AlertRule rule, LiveValue value) {
        return (rule.condition() == Condition.FORECAST) == (value.outlook() != null)
                && (rule.condition() == Condition.ANOMALY) == (value.deviation() != null);
    }

    /** The number itself; NaN for none. */
    static double of(AlertRule rule, LiveValue value) {
        Deviation deviation = value.deviation();
        if (deviation != null) {
            return deviation.judged(
                    Integer.parseInt(rule.parameters().getOrDefault("baseline_days", "0")),
                    "both".equals(rule.parameters().get("sides")));
        }
        Outlook outlook = value.outlook();
        return outlook == null
                ? value.value()
                : outlook.farthest(
                        Double.parseDouble(rule.parameters().getOrDefault("horizon_days", "0")),
                        rule.direction() == Direction.ABOVE);
    }

    /**
     * Whether it shows how the series is; to a rule that asks for a sign of life, any look does.
     */
    static boolean says(AlertRule rule, double judged) {
        return rule.condition() == Condition.ABSENCE || Double.isFinite(judged);
    }
}
