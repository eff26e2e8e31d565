/**
 * Who waits for whom: edges, chains and deadlocks from one {@link
 * io.onevault.connectors.model.LockSnapshot}. Plain Java, without Flink and JDBC; every result is a
 * function of the snapshot, in an order of its own. Time and memory grow linearly with the rows of
 * the lock table, but for the sorting of the wait queues.
 */
@NullMarked
package io.onevault.jobs.locks.graph;

import org.jspecify.annotations.NullMarked;
