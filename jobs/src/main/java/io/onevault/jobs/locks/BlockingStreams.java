package io.onevault.jobs.locks;

import io.onevault.jobs.locks.incident.BlockingIncident;
import io.onevault.jobs.locks.incident.DeadlockEvent;
import io.onevault.jobs.locks.incident.LockWait;
import org.apache.flink.streaming.api.datastream.DataStream;

/**
 * Episodes of blocking, each told when it opens, changes and closes; of the rows with one key the
 * last one stands. Partitioned by target.
 *
 * @param waits each wait
 * @param incidents each root blocker with its victims
 * @param deadlocks each deadlock and near miss
 */
public record BlockingStreams(
        DataStream<LockWait> waits,
        DataStream<BlockingIncident> incidents,
        DataStream<DeadlockEvent> deadlocks) {}
