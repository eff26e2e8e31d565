/** Writing to the vault, beside COPY and flink-connector-jdbc. */
@NullMarked
package io.onevault.benchmarks.vault;

import org.jspecify.annotations.NullMarked;
