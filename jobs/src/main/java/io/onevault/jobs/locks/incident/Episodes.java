package io.onevault.jobs.locks.incident;

/** Takes what the trackers find. */
public interface Episodes {

    void wait(LockWait row);

    void incident(BlockingIncident row);

    void deadlock(DeadlockEvent row);
}
