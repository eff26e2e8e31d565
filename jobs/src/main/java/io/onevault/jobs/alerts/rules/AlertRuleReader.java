package io.onevault.jobs.alerts.rules;

import com.fasterxml.jackson.databind.JsonNode;
import io.onevault.connectors.model.MetricDefinition.Direction;
import io.onevault.jobs.alerts.rules.AlertRule.Condition;
import io.onevault.jobs.alerts.rules.AlertRule.EscalationStep;
import io.onevault.jobs.metrics.baseline.SeriesBaseline;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Makes a rule of a row of {@code alert_configuration_s}, or says why it is none. */
final class AlertRuleReader {

    static final int WEEK_SECONDS = 604_800;
    static final int WEEK_MINUTES = 10_080;
    private static final int DEFAULT_SUPPRESSION_MINUTES = 5;
    private static final int MAX_STEPS = 10;
    private static final int MOST_FORECAST_DAYS = 3_650;

    /** Of what is usual: one, that of the direction, or both. */
    private static final String SIDES = "sides";

    private AlertRuleReader() {}

    static AlertRule read(String key, String tenantKey, long version, Map<String, String> values)
            throws InvalidRuleException {
        RuleRow row = new RuleRow(values);
        String name = row.name("alert_name");
        String metricPattern = row.pattern("metric_pattern");
        if (metricPattern.isEmpty()) {
            throw new InvalidRuleException(
                    "metric_pattern is empty: name the metric, or use .* for all");
        }
        Map<String, String> labelMatchers = row.patterns("label_matchers");
        Condition condition = row.oneOf("condition_type", Condition.values());
        Direction direction = row.oneOf("direction", Direction.values());
        AlertRule rule =
                new AlertRule(
                        key,
                        tenantKey,
                        version,
                        name,
                        metricPattern,
                        row.pattern("target_pattern"),
                        labelMatchers,
                        condition,
                        parameters(row, condition),
                        direction,
                        row.number("warning_threshold"),
                        row.number("critical_threshold"),
                        row.number("clear_threshold"),
                        row.integer("for_seconds", 0, WEEK_SECONDS, 0),
                        row.flag("business_hours_only", false),
                        row.integer(
                                "suppression_window_minutes",
                                0,
                                WEEK_MINUTES,
                                DEFAULT_SUPPRESSION_MINUTES),
                        row.names("group_by"),
                        row.names("inhibited_by"),
                        row.names("notification_channels"),
                        escalation(row),
                        row.text("alert_description"),
                        MessageTemplate.readKnown(row, "message_template"),
                        row.text("runbook"),
                        row.pattern("explains_pattern"));
        checkThresholds(rule);
        return rule;
    }

    /** Each condition has one parameter that it needs, but for the plain threshold. */
    private static Map<String, String> parameters(RuleRow row, Condition condition)
            throws InvalidRuleException {
        Map<String, String> given = row.object("condition_parameters");
        String needed =
                switch (condition) {
                    case THRESHOLD -> "";
                    case RATE_OF_CHANGE -> "window_seconds";
                    case ABSENCE -> "absent_seconds";
                    case FORECAST -> "horizon_days";
                    case ANOMALY -> "baseline_days";
                };
        boolean anomaly = condition == Condition.ANOMALY;
        for (String parameter : given.keySet()) {
            if (!parameter.equals(needed) && !(anomaly && parameter.equals(SIDES))) {
                throw new InvalidRuleException(
                        "condition_parameters has %s, which %s does not know: %s"
                                .formatted(
                                        RuleRow.quoted(parameter),
                                        condition,
                                        needed.isEmpty() ? "remove it" : "use " + needed));
            }
        }
        String value = given.get(needed);
        if (!needed.isEmpty()) {
            if (value == null) {
                throw new InvalidRuleException(
                        "%s needs condition_parameters with %s: write {\"%s\": number}"
                                .formatted(condition, needed, needed));
            }
            int least = anomaly ? SeriesBaseline.LEAST_DAYS : 1;
            RuleRow.integer("condition_parameters." + needed, value, least, most(condition));
        }
        String sides = given.getOrDefault(SIDES, "one");
        if (!sides.equals("one") && !sides.equals("both")) {
            throw new InvalidRuleException(
                    "condition_parameters.%s is %s: use one or both"
                            .formatted(SIDES, RuleRow.quoted(sides)));
        }
        return given;
    }

    private static int most(Condition condition) {
        return switch (condition) {
            case FORECAST -> MOST_FORECAST_DAYS;
            case ANOMALY -> SeriesBaseline.MOST_DAYS;
            case THRESHOLD, RATE_OF_CHANGE, ABSENCE -> WEEK_SECONDS;
        };
    }

    private static void checkThresholds(AlertRule rule) throws InvalidRuleException {
        boolean none = Double.isNaN(rule.warning()) && Double.isNaN(rule.critical());
        if (none && rule.condition() != Condition.ABSENCE) {
            throw new InvalidRuleException(
                    "%s needs warning_threshold or critical_threshold: set at least one"
                            .formatted(rule.condition()));
        }
        boolean above = rule.direction() == Direction.ABOVE;
        if (rule.condition() == Condition.ANOMALY) {
            checkScores(rule, above);
        }
        double sign = above ? 1 : -1;
        if (sign * rule.warning() >= sign * rule.critical()) {
            throw new InvalidRuleException(
                    "warning_threshold %s is not reached before critical_threshold %s: with direction %s it must be %s"
                            .formatted(
                                    rule.warning(),
                                    rule.critical(),
                                    rule.direction(),
                                    above ? "smaller" : "greater"));
        }
        double first = Double.isNaN(rule.warning()) ? rule.critical() : rule.warning();
        if (sign * rule.clear() > sign * first) {
            throw new InvalidRuleException(
                    "clear_threshold %s lies beyond the threshold %s: with direction %s it must not be %s"
                            .formatted(
                                    rule.clear(),
                                    first,
                                    rule.direction(),
                                    above ? "greater" : "smaller"));
        }
    }

    /** A score of 0 is what is usual, so every threshold lies on the side of the direction. */
    private static void checkScores(AlertRule rule, boolean above) throws InvalidRuleException {
        double sign = above ? 1 : -1;
        if (sign * rule.warning() <= 0 || sign * rule.critical() <= 0) {
            throw new InvalidRuleException(
                    "ANOMALY with direction %s needs thresholds %s 0: they are deviations from what is usual"
                            .formatted(rule.direction(), above ? "above" : "below"));
        }
        if (!above && "both".equals(rule.parameters().get(SIDES))) {
            throw new InvalidRuleException(
                    "condition_parameters.%s is both, which is judged by its size: use direction ABOVE"
                            .formatted(SIDES));
        }
    }

    private static List<EscalationStep> escalation(RuleRow row) throws InvalidRuleException {
        JsonNode steps = row.json("escalation_rules");
        List<EscalationStep> escalation = new ArrayList<>();
        if (steps == null) {
            return escalation;
        }
        String form =
                "escalation_rules is not as it must be: write [{\"after_minutes\": 15, \"channels\": [\"name\"]}], at most %d steps, each later than the one before"
                        .formatted(MAX_STEPS);
        if (!steps.isArray() || steps.size() > MAX_STEPS) {
            throw new InvalidRuleException(form);
        }
        int before = -1;
        for (JsonNode step : steps) {
            JsonNode minutes = step.path("after_minutes");
            JsonNode channels = step.path("channels");
            if (!minutes.isInt()
                    || minutes.intValue() <= before
                    || minutes.intValue() > WEEK_MINUTES
                    || !channels.isArray()
                    || channels.isEmpty()
                    || step.size() != 2) {
                throw new InvalidRuleException(form);
            }
            List<String> names = new ArrayList<>();
            for (JsonNode channel : channels) {
                if (!channel.isTextual() || channel.asText().isBlank()) {
                    throw new InvalidRuleException(form);
                }
                names.add(channel.asText());
            }
            before = minutes.intValue();
            escalation.add(new EscalationStep(before, names));
        }
        return escalation;
    }
}
