/**
 * Asks the servers of a configuration whether they will serve: the one place of this module that
 * speaks to a database. Depends on nothing but the configuration and the poll catalogue.
 */
@NullMarked
package io.onevault.jobs.config.reachability;

import org.jspecify.annotations.NullMarked;
