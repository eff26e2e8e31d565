/** How much trouble at once is told without loss, and how soon. */
@NullMarked
package io.onevault.benchmarks.alerts;

import org.jspecify.annotations.NullMarked;
