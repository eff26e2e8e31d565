/** From alerts to messages: which belong together, whom they are for, and when they are sent. */
@NullMarked
package io.onevault.jobs.alerts.routing;

import org.jspecify.annotations.NullMarked;
