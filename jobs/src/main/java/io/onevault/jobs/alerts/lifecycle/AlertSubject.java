package io.onevault.jobs.alerts.lifecycle;

import java.util.Map;

/**
 * What an alert is about, the same through its life but for the rule's own words.
 *
 * @param key of the alert: its rule's key, when it began and its series; equal after a restart
 * @param ruleKey hash key of the rule's hub, hexadecimal
 * @param ruleName for people
 * @param ruleVersion place in the log of the vault at which the rule came into force
 * @param description the rule's, may be empty
 * @param tenant the tenant's business key, empty for none
 * @param target the configured name of the watched server
 * @param series text of the series' id
 * @param metric the metric's name
 * @param labels of the series
 * @param unit of the values
 * @param groupKey alerts with the same are told together
 */
public record AlertSubject(
        String key,
        String ruleKey,
        String ruleName,
        long ruleVersion,
        String description,
        String tenant,
        String target,
        String series,
        String metric,
        Map<String, String> labels,
        String unit,
        String groupKey) {}
