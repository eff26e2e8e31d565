package io.onevault.jobs.locks;

import io.onevault.connectors.model.LockObservation;
import io.onevault.connectors.model.LogObservation;
import org.jspecify.annotations.Nullable;

/**
 * What is heard of a target's locks: a look or a line of the log.
 *
 * @param target the configured name of the watched server
 * @param look or null
 * @param line or null
 */
public record LockSign(
        String target, @Nullable LockObservation look, @Nullable LogObservation line) {}
