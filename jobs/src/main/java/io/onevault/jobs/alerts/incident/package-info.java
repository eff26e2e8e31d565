/** Alerts of one target and tenant that come together are one incident. */
@NullMarked
package io.onevault.jobs.alerts.incident;

import org.jspecify.annotations.NullMarked;
