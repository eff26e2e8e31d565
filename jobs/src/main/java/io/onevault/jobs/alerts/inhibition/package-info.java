/**
 * Which alerts of a target are told, and which another one of it explains. Knows Flink only in
 * {@link io.onevault.jobs.alerts.inhibition.ExplainAlerts}.
 */
@NullMarked
package io.onevault.jobs.alerts.inhibition;

import org.jspecify.annotations.NullMarked;
