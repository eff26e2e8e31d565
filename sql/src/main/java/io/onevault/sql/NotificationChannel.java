package io.onevault.sql;

/**
 * A configured channel as people may read of it in the vault, without any secret.
 *
 * @param name as rules call it
 * @param type {@code EMAIL, SLACK, PAGERDUTY, SMS, WEBHOOK}
 * @param configuration JSON object: where it goes, its limits, and by name the keys of the
 *     configuration that hold its secrets
 * @param ratePerMinute messages at most
 */
public record NotificationChannel(
        String name, String type, String configuration, int ratePerMinute) {}
