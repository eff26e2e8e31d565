/** That benchmarks run; what they measure is for {@code RESULTS.md}. */
@NullMarked
package io.onevault.benchmarks;

import org.jspecify.annotations.NullMarked;
