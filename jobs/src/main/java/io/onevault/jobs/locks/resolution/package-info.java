/** Who is to be cancelled, and whether it may be: decisions on blockers, each with its reasons. */
@NullMarked
package io.onevault.jobs.locks.resolution;

import org.jspecify.annotations.NullMarked;
