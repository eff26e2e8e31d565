package io.onevault.jobs.alerts.lifecycle;

/**
 * Somebody takes note of an alert, or takes that back.
 *
 * @param alertHash hash key of the alert, hexadecimal
 * @param by who does
 * @param until when it no longer counts, milliseconds since the epoch; 0 for the alert's end
 * @param withdrawn whether it is taken back
 */
public record Acknowledgement(String alertHash, String by, long until, boolean withdrawn) {}
