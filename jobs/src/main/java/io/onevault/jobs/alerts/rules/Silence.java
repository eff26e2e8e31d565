package io.onevault.jobs.alerts.rules;

import java.util.Map;

/**
 * A silence in force or to come: one valid version of {@code monitoring.alert_silence_s}. All that
 * it names must match.
 *
 * @param key hash key of the silence's hub, hexadecimal
 * @param tenantKey hash key of the tenant whose alerts it reaches, hexadecimal; empty for all
 * @param version place in the log of the vault at which it came into force
 * @param rulePattern regular expression that the whole name of an alert's rule matches; empty for
 *     any
 * @param metricPattern the same for the metric's name
 * @param targetPattern the same for the target's name
 * @param labelMatchers regular expressions by label; a label that a series lacks counts as empty
 * @param from from when it counts, milliseconds since the epoch
 * @param until when it no longer does, milliseconds since the epoch
 * @param by who wants it
 * @param reason why, for people
 */
public record Silence(
        String key,
        String tenantKey,
        long version,
        String rulePattern,
        String metricPattern,
        String targetPattern,
        Map<String, String> labelMatchers,
        long from,
        long until,
        String by,
        String reason) {

    boolean counts(long time) {
        return from <= time && time < until;
    }
}
