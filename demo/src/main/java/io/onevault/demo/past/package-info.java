/** Months before the demo began, made up so that it is known what is true of them. */
@NullMarked
package io.onevault.demo.past;

import org.jspecify.annotations.NullMarked;
