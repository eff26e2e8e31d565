/** What being watched costs the watched server. */
@NullMarked
package io.onevault.benchmarks.overhead;

import org.jspecify.annotations.NullMarked;
