/**
 * Telling people: what is known of an alert is written for a channel, sent without blocking, and
 * the receiver's answer judged.
 *
 * <p>A {@link io.onevault.connectors.notify.Notification} is the message, a {@link
 * io.onevault.connectors.notify.Channel} sends it once and answers with a {@link
 * io.onevault.connectors.notify.DeliveryAttempt}, and {@link
 * io.onevault.connectors.notify.DeliveryPolicy} decides what comes next. Retries, their timers and
 * the state between them belong to the caller: nothing here outlives an attempt.
 */
@NullMarked
package io.onevault.connectors.notify;

import org.jspecify.annotations.NullMarked;
