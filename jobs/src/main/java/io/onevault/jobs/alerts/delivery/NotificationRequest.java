package io.onevault.jobs.alerts.delivery;

import io.onevault.connectors.notify.Notification;

/**
 * A message and the channel it is to go through. Two requests with one channel and one idempotency
 * key are one notification; through another channel it is another one.
 *
 * @param channel configured name
 * @param notification whose {@code alertKey} is the business key of the alert's instance in the
 *     vault
 */
public record NotificationRequest(String channel, Notification notification) {}
