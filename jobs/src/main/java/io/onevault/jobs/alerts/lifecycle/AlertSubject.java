package io.onevault.jobs.alerts.lifecycle;

import io.onevault.connectors.model.SeriesId;
import io.onevault.jobs.alerts.rules.AlertRule;
import io.onevault.jobs.alerts.rules.AlertRule.EscalationStep;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * What an alert is about, the same through its life but for the rule's own words.
 *
 * @param key of the alert: its rule's key, when it began and its series; equal after a restart
 * @param ruleKey hash key of the rule's hub, hexadecimal
 * @param ruleName for people
 * @param ruleVersion place in the log of the vault at which the rule came into force
 * @param description the rule's, may be empty
 * @param runbook the rule's: what to do first, may be empty
 * @param channels the rule's: names of notification channels, empty for the configuration's
 * @param escalation the rule's steps
 * @param tenant the tenant's business key, empty for none
 * @param target the configured name of the watched server
 * @param series text of the series' id
 * @param metric the metric's name
 * @param labels of the series
 * @param unit of the values
 * @param groupKey alerts with the same are told together
 * @param inhibitedBy the rule's: names of rules whose alerts keep this one from being told
 * @param explains the rule's: which alerts this one explains; may be empty
 * @param suppressionMinutes the rule's: how long a repeated alert is not told again
 * @param businessHoursOnly the rule's: whether it is told in business hours alone
 * @param pollMillis how often the series has a value; 0 for unknown
 */
public record AlertSubject(
        String key,
        String ruleKey,
        String ruleName,
        long ruleVersion,
        String description,
        String runbook,
        List<String> channels,
        List<EscalationStep> escalation,
        String tenant,
        String target,
        String series,
        String metric,
        Map<String, String> labels,
        String unit,
        String groupKey,
        List<String> inhibitedBy,
        String explains,
        int suppressionMinutes,
        boolean businessHoursOnly,
        long pollMillis) {

    /** Alerts of a savepoint from before they had these know nothing of them. */
    public AlertSubject {
        runbook = Objects.requireNonNullElse(runbook, "");
        channels = Objects.requireNonNullElse(channels, List.of());
        escalation = Objects.requireNonNullElse(escalation, List.of());
        inhibitedBy = Objects.requireNonNullElse(inhibitedBy, List.of());
        explains = Objects.requireNonNullElse(explains, "");
    }

    /** What the rule's alert of the series is about. */
    static AlertSubject of(String key, AlertRule rule, WatchedSeries watched) {
        SeriesId series = watched.id();
        List<String> by = rule.groupBy();
        String group =
                by.stream()
                        .map(label -> label + "=" + series.labels().getOrDefault(label, ""))
                        .collect(Collectors.joining("|"));
        return new AlertSubject(
                key,
                rule.key(),
                rule.name(),
                rule.version(),
                rule.description(),
                rule.runbook(),
                rule.channels(),
                rule.escalation(),
                series.tenant(),
                series.target(),
                watched.text(),
                series.metric(),
                series.labels(),
                unit(rule, watched),
                by.isEmpty() ? series.target() : series.target() + "|" + group,
                rule.inhibitedBy(),
                rule.explains(),
                rule.suppressionMinutes(),
                rule.businessHoursOnly(),
                watched.pollMillis());
    }

    private static String unit(AlertRule rule, WatchedSeries watched) {
        return switch (rule.condition()) {
            case ABSENCE -> "s";
            case ANOMALY -> "deviations";
            case THRESHOLD, RATE_OF_CHANGE, FORECAST -> watched.unit();
        };
    }
}
