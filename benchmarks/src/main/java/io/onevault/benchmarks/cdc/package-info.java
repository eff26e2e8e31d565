/** Row changes per second through the change source, beside the engine and the bare stream. */
@NullMarked
package io.onevault.benchmarks.cdc;

import org.jspecify.annotations.NullMarked;
