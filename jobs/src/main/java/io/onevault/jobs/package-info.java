/** The job that people submit, composed of capabilities. */
@NullMarked
package io.onevault.jobs;

import org.jspecify.annotations.NullMarked;
