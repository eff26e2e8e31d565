/**
 * Asks a server once whether it will serve, and says in sentences what stands in the way. Knows
 * nothing of configurations and jobs.
 */
@NullMarked
package io.onevault.connectors.probe;

import org.jspecify.annotations.NullMarked;
