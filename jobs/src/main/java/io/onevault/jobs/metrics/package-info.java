/** Samples become windows of values with a state: rates, statistics, thresholds, roll-ups. */
@NullMarked
package io.onevault.jobs.metrics;

import org.jspecify.annotations.NullMarked;
