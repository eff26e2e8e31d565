package io.onevault.jobs.locks.resolution;

import io.onevault.jobs.locks.incident.BlockingIncident;
import org.apache.flink.streaming.api.datastream.DataStream;

/** Decides on blockers, and ends them where that is switched on and allowed. */
public final class ResolutionJob {

    private ResolutionJob() {}

    /**
     * One record of each decision; one that acts comes when its outcome is known, after the next
     * checkpoint.
     *
     * @param assessed incidents with their impact; of one target in order
     * @param sender who reaches the servers
     */
    public static DataStream<LockResolution> defineWorkflow(
            DataStream<BlockingIncident> assessed,
            ResolutionSettings settings,
            SignalSender sender) {
        return assessed.keyBy(BlockingIncident::target)
                .process(new LockDecisions(settings, sender))
                .uid("lock-decisions")
                .name("lock-decisions");
    }
}
