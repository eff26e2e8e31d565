/** The command {@code bench}: what is measured, beside peers measured in the same call. */
@NullMarked
package io.onevault.benchmarks;

import org.jspecify.annotations.NullMarked;
