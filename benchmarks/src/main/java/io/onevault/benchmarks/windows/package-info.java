/** Cutting samples into windows, beside Flink SQL and a plain loop. */
@NullMarked
package io.onevault.benchmarks.windows;

import org.jspecify.annotations.NullMarked;
