/** Asks the servers of a configuration, all at once, whether they will serve. */
@NullMarked
package io.onevault.jobs.config.reachability;

import org.jspecify.annotations.NullMarked;
