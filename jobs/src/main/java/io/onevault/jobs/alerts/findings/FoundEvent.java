package io.onevault.jobs.alerts.findings;

/**
 * Something that happened at one moment, to be counted.
 *
 * @param series text of the series that counts it
 * @param id what tells it from others of its series; the same again replaces it and counts from its
 *     later time
 * @param at when it happened, milliseconds since the epoch on the watched server's clock
 * @param count how many it stands for; 0 takes it back
 * @param keptMillis how long it counts; the same for all of a series
 * @param about what happened and what to do, for people
 */
public record FoundEvent(
        String series, String id, long at, int count, long keptMillis, String about) {}
