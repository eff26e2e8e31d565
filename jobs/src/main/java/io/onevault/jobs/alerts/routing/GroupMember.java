package io.onevault.jobs.alerts.routing;

import io.onevault.jobs.alerts.lifecycle.AlertInstance;

/**
 * An alert of a group that is not over.
 *
 * @param alert how it stands
 * @param told whether a message was about it, or counted it
 */
public record GroupMember(AlertInstance alert, boolean told) {}
