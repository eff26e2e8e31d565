/**
 * Reads row changes of PostgreSQL: a snapshot, then the stream of a logical replication slot.
 *
 * <p>{@link io.onevault.connectors.cdc.PostgresCdcSource} is the source, {@link
 * io.onevault.connectors.cdc.CdcSlots} prepares publication and slot when the product is deployed.
 * Debezium's embedded engine decodes the stream; Flink's checkpoints hold the position.
 */
@NullMarked
package io.onevault.connectors.cdc;

import org.jspecify.annotations.NullMarked;
