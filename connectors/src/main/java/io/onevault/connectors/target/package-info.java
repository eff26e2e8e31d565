/**
 * What the sources that watch PostgreSQL servers have in common: who is watched, one thread a
 * target and its way to the task's thread, waits between attempts, failures in sentences, event
 * time.
 */
@NullMarked
package io.onevault.connectors.target;

import org.jspecify.annotations.NullMarked;
