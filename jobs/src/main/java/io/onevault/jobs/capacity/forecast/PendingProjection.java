package io.onevault.jobs.capacity.forecast;

/**
 * A projection whose time has not come.
 *
 * @param madeAt end of the newest state the forecast was based on, milliseconds since the epoch
 * @param dueDay the day, counted from the epoch, whose value it foretells
 * @param projection what was foretold
 * @param level in the resource's unit that was the critical one; NaN without capacity
 * @param alarmed whether the forecast said that the level would be reached by then
 */
public record PendingProjection(
        long madeAt, long dueDay, Projection projection, double level, boolean alarmed) {}
