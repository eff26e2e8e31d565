/**
 * What is usual for a series at an hour of the week, and how far a value is from that. Knows no
 * Flink.
 */
@NullMarked
package io.onevault.jobs.metrics.baseline;

import org.jspecify.annotations.NullMarked;
