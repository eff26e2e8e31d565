/**
 * How bad a lock is, what maintenance it serves, whose it is and what to do about it. Plain Java.
 */
@NullMarked
package io.onevault.jobs.locks.impact;

import org.jspecify.annotations.NullMarked;
