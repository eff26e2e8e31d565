/** The lock capability: looks at lock tables and logs become episodes of blocking. */
@NullMarked
package io.onevault.jobs.locks;

import org.jspecify.annotations.NullMarked;
