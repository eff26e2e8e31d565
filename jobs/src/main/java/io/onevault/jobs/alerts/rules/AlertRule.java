package io.onevault.jobs.alerts.rules;

import io.onevault.connectors.model.MetricDefinition.Direction;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * A rule in force: one version of {@code monitoring.alert_configuration_s} that was found valid.
 *
 * @param key hash key of the rule's hub, hexadecimal
 * @param tenantKey hash key of the tenant it is for, hexadecimal; empty for all
 * @param version place in the log of the vault at which it came into force; later changes have
 *     greater ones
 * @param name unique among the rules in force for one tenant
 * @param metricPattern regular expression that a metric's whole name matches
 * @param targetPattern the same for the target's name; empty for any
 * @param labelMatchers regular expressions by label; a label that a series lacks counts as empty
 * @param condition what is looked for
 * @param parameters of the condition, by name
 * @param direction on which side of a threshold trouble lies
 * @param warning NaN for none
 * @param critical NaN for none
 * @param clear where a firing alert clears; NaN: the threshold it crossed
 * @param forSeconds how long the condition must hold
 * @param businessHoursOnly whether it is silent outside business hours
 * @param suppressionMinutes how long a repeated alert is not told again
 * @param groupBy labels by which alerts are told together
 * @param inhibitedBy names of rules whose alerts silence this one's
 * @param channels names of notification channels
 * @param escalation steps in the order of their time
 * @param description for people, may be empty
 * @param messageTemplate a {@link MessageTemplate}; empty for the usual words
 * @param runbook what to do first, may be empty
 * @param explains regular expression of names of rules or metrics whose alerts on the same target
 *     this one's explain; empty for none
 */
public record AlertRule(
        String key,
        String tenantKey,
        long version,
        String name,
        String metricPattern,
        String targetPattern,
        Map<String, String> labelMatchers,
        Condition condition,
        Map<String, String> parameters,
        Direction direction,
        double warning,
        double critical,
        double clear,
        int forSeconds,
        boolean businessHoursOnly,
        int suppressionMinutes,
        List<String> groupBy,
        List<String> inhibitedBy,
        List<String> channels,
        List<EscalationStep> escalation,
        String description,
        String messageTemplate,
        String runbook,
        String explains) {

    /** Rules of a savepoint from before they had these have none. */
    public AlertRule {
        runbook = Objects.requireNonNullElse(runbook, "");
        explains = Objects.requireNonNullElse(explains, "");
    }

    /** What a rule looks for. */
    public enum Condition {
        /** A value beyond a threshold. */
        THRESHOLD,
        /** A change beyond a threshold within {@code window_seconds}. */
        RATE_OF_CHANGE,
        /** No value for {@code absent_seconds}. */
        ABSENCE,
        /** A value that is expected to pass a threshold within {@code horizon_days}. */
        FORECAST,
        /**
         * A deviation beyond a threshold from what is usual at that hour of the week, once there
         * are {@code baseline_days} of past to say so.
         */
        ANOMALY
    }

    /**
     * Who else is told when nobody has taken note.
     *
     * @param afterMinutes after the alert fired
     * @param channels names of notification channels
     */
    public record EscalationStep(int afterMinutes, List<String> channels) {}
}
