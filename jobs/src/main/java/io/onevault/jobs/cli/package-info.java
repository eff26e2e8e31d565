/** The command line: {@code ./onevault COMMAND}. */
@NullMarked
package io.onevault.jobs.cli;

import org.jspecify.annotations.NullMarked;
