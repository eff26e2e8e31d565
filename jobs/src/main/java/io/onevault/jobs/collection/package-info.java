/** What the sources say of their own work: what was not collected, and what could not be read. */
@NullMarked
package io.onevault.jobs.collection;

import org.jspecify.annotations.NullMarked;
