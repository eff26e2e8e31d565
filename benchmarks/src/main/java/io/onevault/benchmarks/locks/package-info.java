/** How fast the graph of locks is. */
@NullMarked
package io.onevault.benchmarks.locks;

import org.jspecify.annotations.NullMarked;
