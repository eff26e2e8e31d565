package io.onevault.jobs.alerts;

import io.onevault.jobs.alerts.lifecycle.AlertCase;
import io.onevault.jobs.alerts.lifecycle.AlertInstance;
import io.onevault.jobs.alerts.lifecycle.AlertState;
import io.onevault.jobs.alerts.lifecycle.LifecycleSettings;
import io.onevault.jobs.alerts.lifecycle.WatchedSeries;
import io.onevault.jobs.alerts.rules.AlertRule;
import java.util.List;
import java.util.function.Consumer;

/**
 * A series at the moment when something is heard of it: all that its alerts are judged by, besides
 * what is remembered of them. Made anew for each call, and never kept.
 *
 * @param orders in force, for every series
 * @param rules of this one
 * @param watchedSince when the first polled value came since the task runs, milliseconds since the
 *     epoch: what was before, nobody looked at; {@link #NOT_YET} where none did
 * @param clock this machine's, milliseconds since the epoch
 * @param out takes every change, in order
 */
record Moment(
        LifecycleSettings settings,
        Orders orders,
        List<AlertRule> rules,
        WatchedSeries series,
        long watchedSince,
        long clock,
        Consumer<AlertInstance> out) {

    /** Stands for a time that is not known. */
    static final long NOT_YET = Long.MIN_VALUE;

    AlertCase caseOf(AlertRule rule, AlertState state) {
        return orders.alertOf(settings, rule, series, state, out);
    }
}
