package io.onevault.jobs.capacity.attribution;

/**
 * An event's place among its target's events, and what ended before it. A truncation, or a
 * snapshot's end, ends what rows with smaller numbers say.
 *
 * @param number grows with every event
 * @param snapshotStart number of the latest snapshot's begin, 0 for none
 * @param cut number below which rows of the table ended, 0 for none
 * @param cutTime when they did, milliseconds since the epoch
 */
public record EventOrder(long number, long snapshotStart, long cut, long cutTime) {}
