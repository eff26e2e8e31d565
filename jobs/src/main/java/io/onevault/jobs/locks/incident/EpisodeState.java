package io.onevault.jobs.locks.incident;

import io.onevault.connectors.model.LogEvent;

/** All that is remembered of one target between two events. */
public final class EpisodeState {

    /** By {@link LockWait#key}. */
    public final Store<String, OpenWait> waits = new Store<>();

    /** By {@link BlockingIncident#key}. */
    public final Store<String, OpenIncident> incidents = new Store<>();

    /** By {@link DeadlockEvent#key}. */
    public final Store<String, OpenDeadlock> deadlocks = new Store<>();

    /** By process; what the log told of late. */
    public final Store<Integer, LogEnding> endings = new Store<>();

    /** By time and process; the log's reports for which no sample of the same time was seen yet. */
    public final Store<String, LogEvent> reports = new Store<>();

    /** By database. */
    public final Store<String, CounterLedger> counters = new Store<>();

    private TargetTime time = TargetTime.NEVER;

    /** How far the streams were heard. */
    public TargetTime time() {
        return time;
    }

    /** Sets how far the streams were heard. */
    public void time(TargetTime now) {
        time = now;
    }

    /** Whether nothing is open and nothing waits to be decided. */
    public boolean isQuiet() {
        return waits.isEmpty() && incidents.isEmpty() && deadlocks.isEmpty() && reports.isEmpty();
    }
}
