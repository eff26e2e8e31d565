package io.onevault.jobs.alerts.rules;

import java.util.List;

/**
 * A capacity threshold in force: one valid version of {@code
 * capacity_planning.capacity_threshold_s}.
 *
 * <p>The percentage adjusts the catalogue's threshold of the same level for metrics of the
 * resource; {@code daysToCapacity} is for forecasts.
 *
 * @param key hash key of the threshold's hub, hexadecimal
 * @param tenantKey hash key of the tenant it is for, hexadecimal; empty for all
 * @param version place in the log of the vault at which it came into force
 * @param name unique among the thresholds in force for one tenant
 * @param resourceType STORAGE, CONNECTIONS…
 * @param resourcePattern regular expression that a resource's whole name matches; empty for any
 * @param level what reaching it means
 * @param percentage of the capacity; NaN for none
 * @param daysToCapacity how long before the resource is full; 0 for none
 * @param evaluationMinutes how often it is looked at
 * @param businessHoursOnly whether it is silent outside business hours
 * @param suppressionMinutes how long it is not told again; 0 for always
 * @param escalationMinutes after which the escalation contacts are told; 0 for never
 * @param escalationContacts who
 * @param channels names of notification channels
 * @param messageTemplate a {@link MessageTemplate}; empty for the usual words
 */
public record CapacityThreshold(
        String key,
        String tenantKey,
        long version,
        String name,
        String resourceType,
        String resourcePattern,
        Level level,
        double percentage,
        int daysToCapacity,
        int evaluationMinutes,
        boolean businessHoursOnly,
        int suppressionMinutes,
        int escalationMinutes,
        List<String> escalationContacts,
        List<String> channels,
        String messageTemplate) {

    /** What reaching a threshold means. */
    public enum Level {
        WARNING,
        CRITICAL
    }
}
