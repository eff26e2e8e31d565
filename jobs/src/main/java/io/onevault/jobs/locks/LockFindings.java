package io.onevault.jobs.locks;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * What the locks capability finds.
 *
 * @param incidents each row of each incident, assessed
 * @param deadlocks each row of each deadlock and near miss, assessed
 * @param gaps when nobody could look, and which logs could not be read
 */
public record LockFindings(
        DataStream<BlockingIncident> incidents,
        DataStream<DeadlockEvent> deadlocks,
        List<DataStream<CollectionGap>> gaps) {}
