/** Episodes of blocking: waits, incidents and deadlocks that open, grow and close. Plain Java. */
@NullMarked
package io.onevault.jobs.locks.incident;

import org.jspecify.annotations.NullMarked;
