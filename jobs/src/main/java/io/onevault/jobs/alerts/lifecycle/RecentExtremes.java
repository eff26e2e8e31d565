package io.onevault.jobs.alerts.lifecycle;

import io.onevault.connectors.model.MetricDefinition.Direction;

/**
 * How far a value has risen above the least, or fallen below the most, of a sliding window. The
 * window is cut into {@value #PARTS} parts of which the extremes are kept, so it may reach back by
 * one part more than asked; memory is bounded whatever the rate of values.
 */
final class RecentExtremes {

    static final int PARTS = 60;

    private RecentExtremes() {}

    /**
     * Adds a value and tells the change: with ABOVE the rise since the least value, 0 or more; with
     * BELOW the fall since the most, 0 or less.
     */
    static double change(
            AlertState state, long time, double value, long windowMillis, Direction direction) {
        long part = Math.max(1, windowMillis / PARTS);
        while (!state.partStarts.isEmpty()
                && state.partStarts.get(0) + part <= time - windowMillis) {
            state.partStarts.remove(0);
            state.partLeast.remove(0);
            state.partMost.remove(0);
        }
        int last = state.partStarts.size() - 1;
        long start = Math.floorDiv(time, part) * part;
        if (last >= 0 && state.partStarts.get(last) == start) {
            state.partLeast.set(last, Math.min(state.partLeast.get(last), value));
            state.partMost.set(last, Math.max(state.partMost.get(last), value));
        } else {
            state.partStarts.add(start);
            state.partLeast.add(value);
            state.partMost.add(value);
        }
        double extreme = value;
        for (int i = 0; i < state.partStarts.size(); i++) {
            extreme =
                    direction == Direction.ABOVE
                            ? Math.min(extreme, state.partLeast.get(i))
                            : Math.max(extreme, state.partMost.get(i));
        }
        return value - extreme;
    }

    static void clear(AlertState state) {
        state.partStarts.clear();
        state.partLeast.clear();
        state.partMost.clear();
    }
}
