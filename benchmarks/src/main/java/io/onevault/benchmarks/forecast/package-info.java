/** Forecast quality and speed, with every peer built in. */
@NullMarked
package io.onevault.benchmarks.forecast;

import org.jspecify.annotations.NullMarked;
