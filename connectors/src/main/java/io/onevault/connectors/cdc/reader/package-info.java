/** Runs the engine and the snapshot of a change source, and hands their rows to Flink. */
@NullMarked
package io.onevault.connectors.cdc.reader;

import org.jspecify.annotations.NullMarked;
