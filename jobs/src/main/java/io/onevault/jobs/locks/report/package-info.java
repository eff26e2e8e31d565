/** One analysis of locks as people read it, and as programs do. */
@NullMarked
package io.onevault.jobs.locks.report;

import org.jspecify.annotations.NullMarked;
