package io.onevault.jobs.alerts.rules;

import io.onevault.jobs.alerts.rules.CapacityThreshold.Level;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Makes a threshold of a row of {@code capacity_threshold_s}, or says why it is none. */
final class CapacityThresholdReader {

    private static final Set<String> RESOURCE_TYPES =
            new TreeSet<>(
                    Set.of(
                            "STORAGE",
                            "MEMORY",
                            "CPU",
                            "CONNECTIONS",
                            "WAL",
                            "REPLICATION",
                            "TRANSACTION_ID",
                            "MULTIXACT",
                            "SEQUENCE",
                            "IO"));

    private static final int DAY_MINUTES = 1_440;
    private static final int MAX_DAYS = 3_650;

    private CapacityThresholdReader() {}

    static CapacityThreshold read(
            String key, String tenantKey, long version, Map<String, String> values)
            throws InvalidRuleException {
        RuleRow row = new RuleRow(values);
        String name = row.name("threshold_name");
        String resourceType = row.text("resource_type");
        if (!RESOURCE_TYPES.contains(resourceType)) {
            throw new InvalidRuleException(
                    "resource_type is %s: use one of %s"
                            .formatted(
                                    RuleRow.quoted(resourceType),
                                    String.join(", ", RESOURCE_TYPES)));
        }
        Level level = row.oneOf("threshold_type", Level.values());
        double percentage = row.number("threshold_percentage");
        int days = row.integer("days_to_capacity", 1, MAX_DAYS, 0);
        if (percentage <= 0 || percentage > 100) {
            throw new InvalidRuleException(
                    "threshold_percentage is %s: use a number above 0 and at most 100"
                            .formatted(percentage));
        }
        if (Double.isNaN(percentage) && days == 0) {
            throw new InvalidRuleException(
                    "neither threshold_percentage nor days_to_capacity is set: set at least one");
        }
        boolean escalates = row.flag("escalation_enabled", false);
        int escalationMinutes =
                row.integer("escalation_delay_minutes", 1, AlertRuleReader.WEEK_MINUTES, 0);
        if (escalates && escalationMinutes == 0) {
            throw new InvalidRuleException(
                    "escalation_enabled needs escalation_delay_minutes: set it, or switch"
                            + " escalation off");
        }
        int suppressionMinutes =
                row.integer("suppression_duration_minutes", 0, AlertRuleReader.WEEK_MINUTES, 60);
        return new CapacityThreshold(
                key,
                tenantKey,
                version,
                name,
                resourceType,
                row.pattern("resource_pattern"),
                level,
                percentage,
                days,
                row.integer("evaluation_frequency_minutes", 1, DAY_MINUTES, 5),
                row.flag("business_hours_only", false),
                row.flag("suppression_enabled", true) ? suppressionMinutes : 0,
                escalates ? escalationMinutes : 0,
                row.names("escalation_contacts"),
                row.names("notification_channels"),
                MessageTemplate.read(row, "alert_message_template"));
    }
}
