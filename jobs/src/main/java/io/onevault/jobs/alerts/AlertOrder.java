package io.onevault.jobs.alerts;

import io.onevault.jobs.alerts.lifecycle.Acknowledgement;
import io.onevault.jobs.alerts.rules.RuleUpdate;
import org.jspecify.annotations.Nullable;

/**
 * What people tell the alerts by rows in the vault; one of the two.
 *
 * @param rules what comes into force and what is retired
 * @param acknowledgement of one alert
 */
public record AlertOrder(@Nullable RuleUpdate rules, @Nullable Acknowledgement acknowledgement) {}
