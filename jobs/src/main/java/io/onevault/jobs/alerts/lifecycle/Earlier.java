package io.onevault.jobs.alerts.lifecycle;

import io.onevault.connectors.history.RememberedIncident;
import org.jspecify.annotations.Nullable;

/**
 * What the vault knew of an alert that nothing else did when the job began.
 *
 * @param told whether people may have been told of it
 * @param insteadOf key of the alert that the same trouble began anew as meanwhile, and that is over
 *     with this one's being taken up; empty for none
 * @param matter what receivers know it by, as far as the vault knows; else empty
 * @param incident that it belongs to; null for none
 */
public record Earlier(
        boolean told, String insteadOf, String matter, @Nullable RememberedIncident incident) {}
