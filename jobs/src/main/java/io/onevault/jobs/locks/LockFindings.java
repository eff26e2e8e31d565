package io.onevault.jobs.locks;

import io.onevault.connectors.model.CollectionGap;
import io.onevault.connectors.model.LogObservation;
import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import java.util.List;
import org.apache.flink.streaming.api.datastream.DataStream;
import org.jspecify.annotations.Nullable;

/**
 * What the locks capability finds.
 *
 * @param incidents each row of each incident, assessed
 * @param deadlocks each row of each deadlock and near miss, assessed
 * @param log what the servers' logs tell; null where they are not read
 * @param gaps when nobody could look, and which logs could not be read
 */
public record LockFindings(
        DataStream<BlockingIncident> incidents,
        DataStream<DeadlockEvent> deadlocks,
        @Nullable DataStream<LogObservation> log,
        List<DataStream<CollectionGap>> gaps) {}
