package io.onevault.jobs.config.reachability;

import io.onevault.jobs.config.ConfigProblem;

/**
 * What is to be said of one server.
 *
 * @param problem place, value, sentence and remedy; without secrets
 * @param fatal whether the pipeline cannot do its work; otherwise it can, and this is a warning
 */
public record Finding(ConfigProblem problem, boolean fatal) {}
