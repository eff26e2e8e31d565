package io.onevault.jobs.alerts.lifecycle;

/**
 * Somebody takes note of an alert, or takes that back.
 *
 * @param alertHash hash key of the alert, hexadecimal
 * @param row which of the alert's notes: when its row was made, microseconds since the epoch
 * @param by who does
 * @param until when it no longer counts, milliseconds since the epoch; 0 for the alert's end
 * @param withdrawn whether it is taken back
 */
public record Acknowledgement(
        String alertHash, long row, String by, long until, boolean withdrawn) {}
