/** Notifications on their way: each through its channel, with patience, until it has ended. */
@NullMarked
package io.onevault.jobs.alerts.delivery;

import org.jspecify.annotations.NullMarked;
