/**
 * Asks a server once whether it will serve, and says in sentences what stands in the way. Knows
 * nothing of configurations and jobs.
 */
@NullMarked
package io.onevault.jobs.config.probe;

import org.jspecify.annotations.NullMarked;
