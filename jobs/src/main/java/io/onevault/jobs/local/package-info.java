/** Flink inside this process, for the commands that need no cluster. */
@NullMarked
package io.onevault.jobs.local;

import org.jspecify.annotations.NullMarked;
