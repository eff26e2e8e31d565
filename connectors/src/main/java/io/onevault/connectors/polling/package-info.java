/**
 * Polls the statistics of many servers on a schedule, as one Flink source.
 *
 * <p>{@link io.onevault.connectors.polling.PollCatalogue} says what is asked, {@link
 * io.onevault.connectors.polling.PollTarget} whom, and {@link
 * io.onevault.connectors.polling.PollingSource} runs it. A split is a poll of a target; all splits
 * of a target live in one reader, which gives the target two lanes, each one thread with one
 * connection: frequent polls on one, slow ones on the other.
 */
@NullMarked
package io.onevault.connectors.polling;

import org.jspecify.annotations.NullMarked;
