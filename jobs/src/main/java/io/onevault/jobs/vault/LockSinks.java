package io.onevault.jobs.vault;

import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.LockWait;
import io.onevault.jobs.locks.resolution.LockResolution;
import org.apache.flink.streaming.api.datastream.DataStream;

/** Brings what is found about locks to the vault, with as little delay as it can. */
public final class LockSinks {

    private final FindingSinks sinks;
    private final Pseudonyms names;

    /**
     * @param names what becomes of user names and addresses
     */
    public LockSinks(FindingSinks sinks, Pseudonyms names) {
        this.sinks = sinks.urgent();
        this.names = names;
    }

    /** Waits and the incidents they belong to. */
    public void blocking(DataStream<LockWait> waits, DataStream<BlockingIncident> incidents) {
        sinks.write(waits, LockWaitRows.TABLE, new LockWaitRows(names));
        sinks.write(incidents, BlockingIncidentRows.TABLE, new BlockingIncidentRows(names));
    }

    /** Deadlocks and near misses. */
    public void deadlocks(DataStream<DeadlockEvent> events) {
        sinks.write(events, DeadlockEventRows.TABLE, new DeadlockEventRows(names));
    }

    /** Decisions on blockers. */
    public void resolutions(DataStream<LockResolution> decisions) {
        sinks.write(decisions, LockResolutionRows.TABLE, LockResolutionRows::row);
    }
}
